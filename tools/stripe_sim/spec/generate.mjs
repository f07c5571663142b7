#!/usr/bin/env node
// Writes api.json, what the simulator knows of Stripe's API: the stripe package's own declarations.
//
//   node generate.mjs           writes api.json beside this file
//   node generate.mjs --check   exits 1 when api.json is not what would be written
//
// {"version": "2026-10-28.endive",
//  "routes":  [{"method", "path", "params": {field: shape}, "returns",
//               "list"?, "search"?, "deleted"?}],
//  "objects": {object name: {field: shape}},
//  "types":   {type name: {field: shape}},
//  "enums":   {enum name: [values]},
//  "events":  {event type: object name}}
//
// Routes are sorted by path, then method. `{…}` stands for one segment that is not empty; where
// both fit, a literal segment wins (/v1/payment_intents/search, not /v1/payment_intents/{intent}).
// `returns` is the name of an object, or an array of names when it is one of several. "list",
// "search" and "deleted" say that the answer is a list of them, a search result of them, or
// {"id", "object", "deleted": true} in place of one.
//
// Objects are named by the value of their field `object`. Everything that stands in a "ref" is
// described here; what stands only in an "id_of" or in `events` need not be. The names of types and
// enums mean nothing: they are taken from the first place that has such a type.
//
// shape = {"t": …, "req"?, "null"?, "empty"?}
//   string   "id_of": name or [names] makes it expandable: an id, or that object when expanded
//   int, number, bool, any
//   decimal  a number in a string
//   enum     "enum": [values], or the name of an entry of `enums`; "open": true in answers when
//            Stripe may add values. An answer's enum of one value that is not open is a constant,
//            such as `object`
//   object   "of": {field: shape}, or "type": the name of an entry of `types`
//   array    "of": shape
//   map      "of": shape of its values; keys are free
//   list     "of": shape of its elements in {"object": "list", "data", "has_more", "url"}
//   ref      "name": an entry of `objects`, in place and not by id
//   union    "or": [shapes]
// "req": in params it must be given; in an object it is always there. "null": may be null (answers,
// and the JSON of v2 requests). "empty": '' unsets it in a form; among the values of a map, such as
// metadata, '' removes the key.
import { readFileSync, writeFileSync } from 'node:fs';
import { api_version, declared_events, declared_methods, load, requests } from './declarations.mjs';
import { families, only_in_events } from './families.mjs';
import { render, share } from './render.mjs';
import { Shapes, one_or_all } from './shapes.mjs';

const output = new URL('api.json', import.meta.url);
const by_text = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** What a method answers, of its declared type: {type, list?, search?}. */
function answer(checker, node) {
    const name = node.typeName?.getText();
    if (name === 'Promise' || name === 'Response') return answer(checker, node.typeArguments[0]);
    const kind = {
        ApiListPromise: { list: true },
        V2ListPromise: { list: true },
        ApiSearchResultPromise: { search: true },
    }[name];
    return { type: checker.getTypeFromTypeNode(kind ? node.typeArguments[0] : node), ...kind };
}

function route({ checker, shapes }, { method, path }, declared) {
    const { type, ...kind } = answer(checker, declared.returns);
    const { names, deleted } = shapes.names(type);
    const v2 = path.startsWith('/v2/');
    const params = declared.params && checker.getTypeFromTypeNode(declared.params);
    return {
        method,
        path,
        params: params ? shapes.fields(params, { params: true, v2 }) : {},
        returns: one_or_all(names),
        ...kind,
        ...(deleted && { deleted }),
    };
}

/** The routes of all families, sorted by path, then method. */
function routes(context) {
    const found = new Map();
    for (const family of families) {
        const methods = declared_methods(context.program, family);
        const of_family = requests(family).map((request) =>
            route(context, request, methods.get(request.name)));
        // The declaration of a v2 deletion does not say of what: of what the family is about.
        const main = of_family.find((r) => typeof r.returns === 'string')?.returns;
        for (const r of of_family) {
            found.set(`${r.path} ${r.method}`, r.returns.length > 0 ? r : { ...r, returns: main });
        }
    }
    return [...found].sort(([a], [b]) => by_text(a, b)).map(([, r]) => r);
}

/** The objects that answers and, in turn, objects hold. */
function objects({ shapes }) {
    const described = {};
    for (let todo = [...shapes.resources.values()]; todo.length > 0; ) {
        for (const { name, type } of todo) described[name] = shapes.fields(type, {});
        todo = [...shapes.resources.values()].filter(({ name }) => !described[name]);
    }
    return sorted(described);
}

/** Every snapshot event type with the name of its data.object. */
function events({ program, checker, shapes }) {
    const of_events = new Shapes(checker);
    const found = {};
    for (const { type, object } of declared_events(program, checker)) {
        found[type] = one_or_all(of_events.names(object).names);
    }
    shapes.remember(only_in_events.map((name) => of_events.resources.get(name)));
    return sorted(found);
}

const sorted = (record) =>
    Object.fromEntries(Object.entries(record).sort(([a], [b]) => by_text(a, b)));

const loaded = load(families);
const context = { ...loaded, shapes: new Shapes(loaded.checker) };
const all = { version: api_version, routes: routes(context), events: events(context) };
const text = render(share({ ...all, objects: objects(context) }));

if (!process.argv.includes('--check')) {
    writeFileSync(output, text);
} else if (readFileSync(output, 'utf8') !== text) {
    console.error('tools/stripe_sim/spec/api.json is not what generate.mjs writes; run it');
    process.exit(1);
}
