// How api.json is written: what repeats stands once under a name; a line is one thing to compare.

const worth_sharing = 80; // characters: shorter things stand where they are used

/** One object or enum however often it is declared; `uses` counts the places that mention it. */
class Shared {
    uses = 0;

    constructor(content, hint) {
        this.content = content;
        this.hint = hint;
    }

    get is_named() {
        return this.uses > 1 && JSON.stringify(this.content).length > worth_sharing;
    }
}

/** Replaces equal contents by one Shared each. */
class Pool {
    #by_text = new Map();
    #numbers = new Map();

    /** `parts` are the Shared ones that the content mentions itself. */
    intern(content, hint, parts) {
        const text = JSON.stringify(content, (key, value) =>
            value instanceof Shared ? `#${this.#numbers.get(value)}` : value);
        const known = this.#by_text.get(text);
        if (known) return known;
        const shared = new Shared(content, hint);
        this.#by_text.set(text, shared);
        this.#numbers.set(shared, this.#numbers.size);
        for (const part of parts) ++part.uses;
        return shared;
    }

    /** Names the shared ones that deserve one: {name: content} of objects or of enums. */
    named(is_wanted) {
        const result = {};
        for (const shared of this.#by_text.values()) {
            if (!shared.is_named || !is_wanted(shared)) continue;
            let name = shared.hint;
            for (let number = 2; result[name]; ++number) name = `${shared.hint}.${number}`;
            result[name] = shared.content;
            shared.name = name;
        }
        return result;
    }
}

/** The shape with its objects and enums interned; `parts` collects the ones it mentions itself. */
function interned(shape, field, pool, parts) {
    const { hint, of, or, ...rest } = shape;
    const mention = (shared) => (parts.push(shared), shared);
    if (shape.t === 'enum') {
        return { ...rest, enum: mention(pool.intern(shape.enum, field, [])) };
    }
    if (shape.t === 'object') {
        const inner = [];
        const fields = interned_fields(of, pool, inner);
        return { t: 'object', of: mention(pool.intern(fields, hint, inner)), ...rest };
    }
    if (of) return { t: shape.t, of: interned(of, field, pool, parts), ...rest };
    if (or) return { t: 'union', or: or.map((s) => interned(s, field, pool, parts)), ...rest };
    return shape;
}

function interned_fields(fields, pool, parts) {
    const result = {};
    for (const [name, shape] of Object.entries(fields)) {
        result[name] = interned(shape, name, pool, parts);
    }
    return result;
}

/** The api with repeated objects in `types` and repeated enums in `enums`. */
export function share({ version, routes, objects, events }) {
    const pool = new Pool();
    const parts = [];
    const lean_routes = routes.map(({ method, path, params, ...rest }) => ({
        method,
        path,
        params: interned_fields(params, pool, parts),
        ...rest,
    }));
    const lean_objects = {};
    for (const [name, fields] of Object.entries(objects)) {
        lean_objects[name] = interned_fields(fields, pool, parts);
    }
    for (const part of parts) ++part.uses;
    const types = pool.named((shared) => !Array.isArray(shared.content));
    const enums = pool.named((shared) => Array.isArray(shared.content));
    return { version, routes: lean_routes, objects: lean_objects, types, enums, events };
}

/** A shape's JSON in one line; what has a name stands there by its name. */
function line(value) {
    return JSON.stringify(value, (key, part) => {
        if (part?.of instanceof Shared) {
            const { t, of, ...rest } = part;
            return of.name ? { t, type: of.name, ...rest } : { t, of: of.content, ...rest };
        }
        return part instanceof Shared ? (part.name ?? part.content) : part;
    });
}

const block = (open, lines, close) => `${open}\n${lines.join(',\n')}\n${close}`;

const record = (values, indent) =>
    block(
        '{',
        Object.entries(values).map(([key, value]) => `${indent} ${line(key)}: ${line(value)}`),
        `${indent}}`,
    );

const records = (values) =>
    block(
        '{',
        Object.entries(values).map(([key, value]) => `  ${line(key)}: ${record(value, '  ')}`),
        ' }',
    );

/** The text of api.json: a line per route, field of an object, type, enum and event. */
export function render({ version, routes, objects, types, enums, events }) {
    return block('{', [
        ` "version": ${line(version)}`,
        ` "routes": ${block('[', routes.map((route) => `  ${line(route)}`), ' ]')}`,
        ` "objects": ${records(objects)}`,
        ` "types": ${record(types, ' ')}`,
        ` "enums": ${record(enums, ' ')}`,
        ` "events": ${record(events, ' ')}`,
    ], '}\n');
}
