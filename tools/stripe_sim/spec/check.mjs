#!/usr/bin/env node
// Checks JSON against the declarations of the stripe package, with the TypeScript compiler itself.
//
//   node check.mjs < lines      exits 1 when anything differs from its declaration
//
// Each line is one of
//   {"kind": "object", "name"?: "charge", "value": {…}}      what was answered, or delivered
//   {"kind": "request", "method": "POST", "path": "/v1/refunds", "params": {…}}   what was asked
//
// `params` are as the SDK takes them: numbers and booleans are no texts. `name` may be left out
// where the value says it in `object`; lists and search results are taken apart. Reported are
// missing and undeclared fields, wrong types, nulls, and undeclared values of enums, open ones too:
// once per shape of value, with the number of the first line that has it.
import { createInterface } from 'node:readline';
import { declaration_file, ts } from './declarations.mjs';
import { families } from './families.mjs';
import { Names } from './names.mjs';
import { Oracle } from './oracle.mjs';

/** Every text that some declaration mentions: others need no telling apart. */
function declared_texts(sources) {
    const texts = new Set();
    const visit = (node) => {
        const is_text = ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal);
        if (is_text) texts.add(node.literal.text);
        ts.forEachChild(node, visit);
    };
    sources.forEach(visit);
    return texts;
}

/** A text that is the same for values that the compiler must judge alike. */
function outline(value, texts) {
    if (typeof value === 'string') return texts.has(value) ? JSON.stringify(value) : '""';
    if (typeof value === 'number') return '0';
    if (value === null || typeof value !== 'object') return String(value);
    if (Array.isArray(value)) {
        return `[${[...new Set(value.map((element) => outline(element, texts)))].join()}]`;
    }
    const fields = Object.keys(value).sort();
    return `{${fields.map((name) => `${name}:${outline(value[name], texts)}`).join()}}`;
}

/** The constants that a line asks to be judged: [{type, value, what}]; throws if it cannot. */
function constants(entry, names) {
    if (entry.kind === 'request') {
        const { method, path, params } = entry;
        const route = names.route(method, path);
        if (!route) throw new Error(`${method} ${path}: no such route`);
        return [{ type: route.type, value: params ?? {}, what: `${method} ${route.path}` }];
    }
    if (entry.kind !== 'object') throw new Error(`no such kind: ${entry.kind}`);
    const { value, name = value.object } = entry;
    if (['list', 'search_result'].includes(value.object) || 'next_page_url' in value) {
        const type = names.list_type(value);
        const around = { type, value: { ...value, data: [] }, what: value.object ?? 'list' };
        const of_element = (element) => constants({ ...entry, value: element }, names);
        return [around, ...value.data.flatMap(of_element)];
    }
    const type = names.object_type(name, value);
    if (!type) throw new Error(`${name}: no such object`);
    return [{ type, value, what: name === 'event' ? value.type : name }];
}

/** Collects what the lines ask for, one of each shape. */
async function read(lines, names, texts) {
    const by_outline = new Map();
    const refused = [];
    let number = 0;
    for await (const line of lines) {
        ++number;
        if (line.trim() === '') continue;
        try {
            for (const constant of constants(JSON.parse(line), names)) {
                const key = `${constant.type} ${outline(constant.value, texts)}`;
                const known = by_outline.get(key);
                if (known) ++known.count;
                else by_outline.set(key, { ...constant, number, count: 1 });
            }
        } catch (error) {
            refused.push(`line ${number}: ${error.message}`);
        }
    }
    return { shapes: [...by_outline.values()], refused };
}

const oracle = new Oracle([...families, 'Applications'].map(declaration_file));
const names = new Names(oracle);
const lines = createInterface({ input: process.stdin });
const { shapes, refused } = await read(lines, names, declared_texts(oracle.declarations));

const reports = [...refused];
oracle.judge(shapes).forEach((mismatches, index) => {
    const { what, number, count } = shapes[index];
    const others = count > 1 ? ` and ${count - 1} more` : '';
    for (const { path, message } of mismatches) {
        reports.push(`line ${number}${others}: ${[what, ...path].join('.')}: ${message}`);
    }
});
for (const report of reports) console.log(report);
const total = shapes.reduce((sum, { count }) => sum + count, 0);
console.log(`${total} values of ${shapes.length} shapes checked, ${reports.length} mismatches`);
process.exitCode = reports.length > 0 ? 1 : 0;
