// docs/openapi.yaml as a judge: which operation a request is, and whether an answer fits it.
import { readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { root } from '../simulator/processes.mjs';

export const description = parse(readFileSync(`${root}docs/openapi.yaml`, 'utf8'));

/** [{method, path, operation}] of the whole description. */
export const operations = Object.entries(description.paths).flatMap(([path, item]) =>
  ['get', 'post', 'patch', 'delete']
    .filter((method) => item[method])
    .map((method) => ({ method: method.toUpperCase(), path, operation: item[method] })),
);

/** The description says what there is, the service may add to it; but here nothing may be added
 *  that is not described. */
function closed(node) {
  if (Array.isArray(node)) return node.map(closed);
  if (node === null || typeof node !== 'object') return node;
  const copy = Object.fromEntries(Object.entries(node).map(([name, value]) => [name, closed(value)]));
  if (copy.type === 'object' && copy.properties && copy.additionalProperties === undefined)
    copy.additionalProperties = false;
  return copy;
}

const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false });
ajv.addSchema({ $id: 'daybook', components: closed(description.components) });
const compiled = new Map();

function judge(schema) {
  const text = JSON.stringify(closed(schema)).replaceAll('"#/components/', '"daybook#/components/');
  if (!compiled.has(text)) compiled.set(text, ajv.compile(JSON.parse(text)));
  return compiled.get(text);
}

/** The schema behind a $ref. */
export function resolved(schema) {
  if (!schema?.$ref) return schema;
  const found = schema.$ref.split('/').slice(1).reduce((node, step) => node[step], description);
  return resolved(found);
}

export function operation_of(method, path) {
  const plain = path.split('?')[0];
  const fits = (template) =>
    new RegExp(`^${template.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`).test(plain);
  return operations.find((each) => each.method === method && fits(each.path));
}

/** What is wrong with an answer; empty when it is as described. */
export function complaints(method, path, status, type, body) {
  const found = operation_of(method, path);
  if (!found) return [`${method} ${path} is not described`];
  const { responses } = found.operation;
  const response = resolved(responses[status] ?? responses.default);
  if (!response) return [`${method} ${path} answered ${status}, which is not described`];
  if (!response.content) return [];
  const media = type.split(';')[0];
  const content = response.content[media];
  if (!content) return [`${method} ${path} answered ${status} as ${media}`];
  if (!media.endsWith('json')) return [];
  const check = judge(content.schema);
  if (check(body)) return [];
  return check.errors.map(
    (error) =>
      `${method} ${path} ${status}: ${error.instancePath || '/'} ${error.message} ` +
      JSON.stringify(error.params),
  );
}
