// The declarations of the stripe package as a compiled program: its resource classes and their routes.
import { createRequire } from 'node:module';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const require = createRequire(new URL('../../node/package.json', import.meta.url));
export const ts = require('typescript');
export const package_root = dirname(dirname(require.resolve('stripe')));
export const resources_root = join(package_root, 'esm/resources');

export const compiler_options = {
    strict: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ES2022,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    noEmit: true,
    skipLibCheck: true,
    types: [],
};

/** What the package's files say about the API they were made from. */
export const api_version = readFileSync(join(package_root, 'esm/apiVersion.d.ts'), 'utf8')
    .match(/ApiVersion = "([^"]+)"/)[1];

/** The program of the declarations of `resources` (such as "Checkout/Sessions"), and its checker. */
export function load(resources) {
    const files = resources.map((name) => join(resources_root, `${name}.d.ts`));
    for (const file of files) if (!existsSync(file)) throw new Error(`no such resource: ${file}`);
    const program = ts.createProgram(files, compiler_options);
    return { program, checker: program.getTypeChecker() };
}

/** A resource's methods as declared: their names, the type node of `params`, and what they return. */
export function declared_methods(program, resource) {
    const source = program.getSourceFile(join(resources_root, `${resource}.d.ts`));
    const methods = new Map();
    for (const statement of source.statements.filter(ts.isClassDeclaration)) {
        for (const member of statement.members.filter(ts.isMethodDeclaration)) {
            const params = member.parameters.find((p) => p.name.text === 'params')?.type;
            const name = member.name.text;
            // The last overload is the one with parameters.
            methods.set(name, { params: params ?? methods.get(name)?.params, returns: member.type });
        }
    }
    return methods;
}

/** A resource's requests as written in its class: [{name, method, path}], in the order of the source. */
export function requests(resource) {
    const file = join(resources_root, `${resource}.js`);
    const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
    const found = [];
    const visit = (node, name) => {
        if (ts.isCallExpression(node) && node.expression.getText() === 'this._makeRequest') {
            const path = path_text(node.arguments[1]);
            if (path) found.push({ name, method: node.arguments[0].text, path });
        }
        ts.forEachChild(node, (child) => visit(child, name));
    };
    for (const statement of source.statements.filter(ts.isClassDeclaration)) {
        for (const member of statement.members.filter(ts.isMethodDeclaration)) visit(member, member.name.text);
    }
    return found;
}

/** "/v1/accounts/{account}/persons/{person}" of a string or template; nothing when it is computed. */
function path_text(node) {
    if (ts.isStringLiteral(node)) return node.text;
    if (!ts.isTemplateExpression(node)) return undefined;
    let path = node.head.text;
    for (const span of node.templateSpans) path += `{${parameter_name(path)}}${span.literal.text}`;
    return path;
}

/** What a path parameter is called: the collection before it, in the singular. */
function parameter_name(path) {
    const collection = path.split('/').at(-2);
    if (collection.endsWith('_intents')) return 'intent';
    return collection.replace(/ies$/, 'y').replace(/s$/, '');
}

/** Every snapshot event: its type, and the type of its data.object. */
export function declared_events(program, checker) {
    const source = program.getSourceFile(join(resources_root, 'Events.d.ts'));
    const alias = source.statements.find((s) => ts.isTypeAliasDeclaration(s) && s.name.text === 'Event');
    const field = (type, name) => checker.getTypeOfSymbol(type.getProperty(name));
    return checker.getTypeFromTypeNode(alias.type).types.map((event) => ({
        type: field(event, 'type').value,
        object: field(field(event, 'data'), 'object'),
    }));
}
