// The declarations of the stripe package as a compiled program: its resources and their routes.
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

/** Where a resource (such as "Checkout/Sessions") is declared. */
export function declaration_file(resource) {
    return join(resources_root, `${resource}.d.ts`);
}

/** The program of the declarations of `resources`, and its checker. */
export function load(resources) {
    const files = resources.map(declaration_file);
    for (const file of files) if (!existsSync(file)) throw new Error(`no such resource: ${file}`);
    const program = ts.createProgram(files, compiler_options);
    return { program, checker: program.getTypeChecker() };
}

/** A resource's methods by name: {class_name, params_at, params, returns}, both as type nodes. */
export function declared_methods(program, resource) {
    const methods = new Map();
    const source = program.getSourceFile(declaration_file(resource));
    for (const { class_name, member } of methods_in(source)) {
        const params_at = member.parameters.findIndex((p) => p.name.text === 'params');
        const params = member.parameters[params_at]?.type;
        methods.set(member.name.text, { class_name, params_at, params, returns: member.type });
    }
    return methods;
}

function methods_in(source) {
    return source.statements.filter(ts.isClassDeclaration).flatMap((declaration) =>
        declaration.members
            .filter(ts.isMethodDeclaration)
            .map((member) => ({ class_name: declaration.name.text, member })));
}

/** A resource's requests as its class makes them, in its order: [{name, method, path}]. */
export function requests(resource) {
    const file = join(resources_root, `${resource}.js`);
    const text = readFileSync(file, 'utf8');
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
    const found = [];
    const visit = (node, name) => {
        if (ts.isCallExpression(node) && node.expression.getText() === 'this._makeRequest') {
            const path = path_text(node.arguments[1]);
            if (path) found.push({ name, method: node.arguments[0].text, path });
        }
        ts.forEachChild(node, (child) => visit(child, name));
    };
    for (const { member } of methods_in(source)) visit(member, member.name.text);
    return found;
}

/** "/v1/accounts/{account}/persons/{person}" of a string or template; nothing if computed. */
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

/** Every snapshot event: its interface, its type, and the declared type of its data.object. */
export function declared_events(program, checker) {
    const source = program.getSourceFile(declaration_file('Events'));
    const aliases = source.statements.filter(ts.isTypeAliasDeclaration);
    const all_events = aliases.find((alias) => alias.name.text === 'Event');
    const field = (type, name) => checker.getTypeOfSymbol(type.getProperty(name));
    return checker.getTypeFromTypeNode(all_events.type).types.map((event) => ({
        interface_name: event.symbol.name,
        type: field(event, 'type').value,
        object: field(field(event, 'data'), 'object'),
    }));
}
