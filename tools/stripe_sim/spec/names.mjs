// Which declared type a JSON value ought to have: objects, events, parameters of requests.
import { declaration_file, declared_methods, package_root, requests, ts } from './declarations.mjs';
import { families } from './families.mjs';
import { imported } from './oracle.mjs';

/** The literal that an interface declares for a field, such as `object: 'charge'`. */
function declared_literal(declaration, field) {
    const member = declaration.members.find((m) => m.name?.text === field);
    if (!member || member.questionToken || !ts.isLiteralTypeNode(member.type)) return undefined;
    return member.type.literal.text ?? member.type.getText();
}

/** Names of types for the files that an oracle has read. */
export class Names {
    #objects = new Map();
    #deleted = new Map();
    #events = new Map();
    #routes = [];

    constructor(oracle) {
        for (const source of oracle.declarations) {
            for (const declaration of source.statements.filter(ts.isInterfaceDeclaration)) {
                this.#read(declaration, imported(source.fileName, declaration.name.text));
            }
        }
        for (const family of families) {
            this.#read_routes(family, declared_methods(oracle.program, family));
        }
        // A literal segment wins over a parameter.
        this.#routes.sort((a, b) => a.path.split('{').length - b.path.split('{').length);
    }

    #read(declaration, type) {
        const object = declared_literal(declaration, 'object');
        if (object) {
            const table = declared_literal(declaration, 'deleted') ? this.#deleted : this.#objects;
            table.set(object, type);
        }
        const is_event = declaration.heritageClauses?.[0].getText() === 'extends EventBase';
        const event = is_event && declared_literal(declaration, 'type');
        if (event) this.#events.set(event, type);
    }

    #read_routes(family, methods) {
        for (const { name, method, path } of requests(family)) {
            const { class_name, params_at } = methods.get(name);
            const resource = imported(declaration_file(family), class_name);
            const type = `NonNullable<Parameters<${resource}['${name}']>[${params_at}]>`;
            const pattern = new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`);
            this.#routes.push({ method, path, pattern, type });
        }
    }

    /** The type of what an answer with many objects has around them. */
    list_type({ object }) {
        const name = { list: 'ApiList', search_result: 'ApiSearchResult' }[object] ?? 'V2List';
        return `${imported(`${package_root}/esm/lib.d.ts`, name)}<never>`;
    }

    /** The type of an object: by its event type, or by the name of its kind. */
    object_type(name, value) {
        const is_v2_stub = name.startsWith('v2.') && Object.keys(value).sort().join() === 'id,object';
        if (is_v2_stub) return imported(declaration_file('V2/DeletedObject'), 'DeletedObject');
        if (value.deleted === true && this.#deleted.has(name)) return this.#deleted.get(name);
        const event = this.#events.get(value.type);
        if (name === 'event' && event) return event;
        // The SDK adds the function to what is answered.
        if (name === 'v2.core.event' && event) return `Omit<${event}, 'fetchRelatedObject'>`;
        return this.#objects.get(name);
    }

    /** The route of a request: {path, type} of its template and its parameters. */
    route(method, path) {
        return this.#routes.find((route) => route.method === method && route.pattern.test(path));
    }
}
