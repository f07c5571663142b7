// The sections of the docs that tests write, between <!-- name: begin --> and <!-- name: end -->.
import { readFileSync, writeFileSync } from 'node:fs';
import { root } from './processes.mjs';

/** Whether a section is `text`; with `write` it becomes so. */
export function in_docs(file, name, text, { write }) {
  const path = root + file;
  const page = readFileSync(path, 'utf8');
  const section = new RegExp(`(<!-- ${name}: begin[^>]*-->\n)[^]*?(<!-- ${name}: end -->)`);
  if (!section.test(page)) throw new Error(`${file} has no section ${name}`);
  const current = page.replace(section, (_, begin, end) => `${begin}${text}\n${end}`);
  if (current === page) return true;
  if (!write) {
    console.error(`${file}: the section "${name}" is not current; write it with --write`);
    return false;
  }
  writeFileSync(path, current);
  return true;
}
