// The TypeScript compiler as the judge of JSON: values become constants of declared types.
import { existsSync } from 'node:fs';
import { declaration_file, compiler_options, ts } from './declarations.mjs';

const snippet_file = declaration_file('snippet').replace(/\.d\.ts$/, '.ts');
const rounds_max = 20;

/** What the wire has where the SDK has something nicer, and what the compiler would let pass. */
const rewrites = [
    // Decimals are strings in JSON.
    { file: /\/esm\/Decimal\.d\.ts$/, all: 'export type Decimal = string;' },
    // Open enums are closed: nobody but Stripe may answer a value that its declarations lack.
    {
        file: /\/esm\/shared\.d\.ts$/,
        from: /type OtherString = [^;]+;/,
        to: 'type OtherString = never;',
    },
    // What JSON cannot hold.
    {
        file: /\/esm\/lib\.d\.ts$/,
        from: 'interface FileData {',
        to: 'type FileData = any; interface FileDataOfSdk {',
    },
    // Of previous attributes only the names count: a nested one has no more than what has changed.
    { file: /\/Events\.d\.ts$/, from: /Partial<(\w[\w.]*)>/g, to: '{ [K in keyof $1]?: any }' },
    // Any object fits one that is declared empty, except where Stripe means that.
    {
        file: /\/resources\//,
        from: /interface (?!Object\b|PreviousAttributes\b|UseStripeSdk\b)(\w+) \{\s*\}/g,
        to: 'interface $1 { no_fields_here?: never }',
    },
];

function rewritten(file, text) {
    for (const { file: pattern, all, from, to } of rewrites) {
        if (pattern.test(file)) text = all ?? text.replace(from, to);
    }
    return text;
}

/** Compiles snippets; what the package declares is parsed once. */
export class Oracle {
    #sources = new Map();
    #host = ts.createCompilerHost(compiler_options);
    #snippet;
    #program;

    /** `files` are the declarations whose names are wanted, with all that they import. */
    constructor(files) {
        this.#host.getSourceFile = (file, target) => this.#source(file, target);
        this.#host.fileExists = (file) => file === snippet_file || existsSync(file);
        this.#program = ts.createProgram(files, compiler_options, this.#host);
        this.declarations = this.#program.getSourceFiles().filter(({ fileName }) =>
            fileName.includes('/esm/resources/'));
        this.program = this.#program;
    }

    /** For each {type, value}: the mismatches, as [{path, message}]. */
    judge(constants) {
        const found = constants.map(() => []);
        let todo = constants.map(({ type, value }, i) => ({ index: i, type, value: clone(value) }));
        // The compiler tells of unknown fields once the types are right, and of few missing ones at
        // a time: mend what it told, and ask again.
        for (let round = 0; todo.length > 0 && round < rounds_max; ++round) {
            todo = this.#round(todo, found);
        }
        return found;
    }

    /** Adds what is wrong with `todo` to `found`; returns those that could be mended. */
    #round(todo, found) {
        const text = todo.map(({ type, value }, i) => `const _${i}: ${type} = ${literal(value)};`);
        const mended = new Set();
        for (const diagnostic of this.#diagnostics(text.join('\n'))) {
            const [number, ...path] = path_of(innermost(this.#snippet, diagnostic.start));
            const { index, value } = todo[number];
            const mismatches = explained(path, diagnostic);
            found[index].push(...mismatches);
            const is_mended = mismatches.map((mismatch) => mend(value, mismatch)).includes(true);
            if (is_mended) mended.add(todo[number]);
        }
        return [...mended];
    }

    #diagnostics(text) {
        this.#snippet = ts.createSourceFile(snippet_file, text, compiler_options.target, true);
        const files = [snippet_file];
        this.#program = ts.createProgram(files, compiler_options, this.#host, this.#program);
        return [
            ...this.#program.getSyntacticDiagnostics(this.#snippet),
            ...this.#program.getSemanticDiagnostics(this.#snippet),
        ];
    }

    #source(file, target) {
        if (file === snippet_file) return this.#snippet;
        if (!this.#sources.has(file)) {
            const text = rewritten(file, ts.sys.readFile(file));
            this.#sources.set(file, ts.createSourceFile(file, text, target, true));
        }
        return this.#sources.get(file);
    }
}

/** How a type of a declaration file is called in a snippet. */
export function imported(file, name) {
    return `import(${JSON.stringify(file.replace(/\.d\.ts$/, '.js'))}).${name}`;
}

const clone = (value) => JSON.parse(JSON.stringify(value));
/** Diagnostics for "object literal may only specify known properties". */
const unknown_field = new Set([2353, 2561]);

/** Stands in a mended value where a field was missing or wrong. */
const filler = '\u0000missing';
const literal = (value) => JSON.stringify(value).replaceAll(JSON.stringify(filler), 'null as any');

/** What a diagnostic at a path says: the fields that are unknown or missing, or a wrong value. */
function explained(path, { code, messageText }) {
    const message = leaf(messageText);
    if (unknown_field.has(code)) return [{ path, message: 'is not declared', is_unknown: true }];
    const missing = missing_names(message);
    if (missing.length === 0) return [{ path, message }];
    return missing.map((name) => ({ path: [...path, name], message: 'is missing' }));
}

/** Removes an unknown field, puts the filler in place of others; says whether that is news. */
function mend(value, { path, is_unknown }) {
    const holder = path.slice(0, -1).reduce((inner, step) => inner?.[step], value);
    const name = path.at(-1);
    if (name === undefined || typeof holder !== 'object' || holder?.[name] === filler) return false;
    if (is_unknown) delete holder[name];
    else holder[name] = filler;
    return true;
}

function missing_names(message) {
    const one = message.match(/^Property '(\w+)' is missing/);
    if (one) return [one[1]];
    const many = message.match(/ following properties from type '.*': (.+?)(, and \d+ more\.)?$/s);
    return many ? many[1].split(', ') : [];
}

/** The most precise line of a message. */
function leaf(message) {
    if (typeof message === 'string') return message;
    return message.next?.length > 0 ? leaf(message.next.at(-1)) : message.messageText;
}

/** Where a node stands: [number of the constant, "next_action", "type"]. */
function path_of(node) {
    const path = [];
    for (; !ts.isVariableDeclaration(node); node = node.parent) {
        if (ts.isPropertyAssignment(node)) path.unshift(node.name.text);
        if (ts.isArrayLiteralExpression(node.parent)) {
            path.unshift(node.parent.elements.indexOf(node));
        }
    }
    return [Number(node.name.text.slice(1)), ...path];
}

function innermost(node, position) {
    const holds = (child) => (child.pos <= position && position < child.end ? child : undefined);
    const child = ts.forEachChild(node, holds);
    return child ? innermost(child, position) : node;
}
