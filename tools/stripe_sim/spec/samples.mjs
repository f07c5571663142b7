#!/usr/bin/env node
// Writes values of every object and request as api.json describes them, for check.mjs to judge.
//
//   node samples.mjs [variants] | node check.mjs     says whether api.json agrees with the compiler
//
// One value of each has what is required and no more; the variants have all that may be there, and
// take their enums' values and their unions' alternatives in turn.
import { readFileSync } from 'node:fs';

const api = JSON.parse(readFileSync(new URL('api.json', import.meta.url), 'utf8'));
const variants = Number(process.argv[2] ?? 12);
const least = -1;

/** `turn` is the number of the variant, or `least`. */
function fields(shapes, turn) {
    const value = {};
    for (const [name, shape] of Object.entries(shapes)) {
        if (shape.req || turn !== least) value[name] = sample(shape, turn);
    }
    return value;
}

function in_turn(choices, turn) {
    return choices[Math.max(turn, 0) % choices.length];
}

function sample(shape, turn) {
    if (shape.null && (turn === least || turn % 3 === 2)) return null;
    if (shape.empty && turn % 3 === 2) return '';
    switch (shape.t) {
        case 'string': return shape.id_of ? id_or_object(shape.id_of, turn) : 'text';
        case 'int': return 7;
        case 'number': return 0.5;
        case 'bool': return turn % 2 === 0;
        case 'any': return 'anything';
        case 'decimal': return '1.25';
        case 'enum': return in_turn(api.enums[shape.enum] ?? shape.enum, turn);
        case 'object': return fields(shape.of ?? api.types[shape.type], turn);
        case 'array': return turn === least ? [] : [sample(shape.of, turn)];
        case 'map': return { key: sample(shape.of, turn) };
        case 'list': return list([sample(shape.of, least)]);
        case 'ref': return fields(api.objects[shape.name], least);
        case 'union': return sample(in_turn(shape.or, turn), turn);
        default: throw new Error(`no such shape: ${shape.t}`);
    }
}

function id_or_object(names, turn) {
    const described = [names].flat().filter((name) => api.objects[name]);
    if (turn % 4 !== 1 || described.length === 0) return 'id_1';
    return fields(api.objects[in_turn(described, turn)], least);
}

/** An event of every type whose object is described. */
function events() {
    const samples = [];
    for (const [type, object] of Object.entries(api.events)) {
        const shapes = api.objects[[object].flat()[0]];
        if (!shapes) continue;
        const data = { object: fields(shapes, least), previous_attributes: { object: null } };
        samples.push({ ...fields(api.objects.event, least), type, data });
    }
    return samples;
}

const list = (data) => ({ object: 'list', data, has_more: false, url: '/v1/things' });
const write = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

for (let turn = least; turn < variants; ++turn) {
    for (const [name, shapes] of Object.entries(api.objects)) {
        if (name === 'event') continue;
        write({ kind: 'object', name, value: fields(shapes, turn) });
    }
    for (const { method, path, params } of api.routes) {
        write({ kind: 'request', method, path, params: fields(params, turn) });
    }
}
for (const value of events()) write({ kind: 'object', value });
