// What a person sees: a progress bar, tables, money and times.
import { Table } from '../node/packages.mjs';

const lively = process.stdout.isTTY === true;

/** A progress bar of its own line; without a terminal it says only when it is done. */
export function bar(label) {
  const width = 30;
  let shown = -1;
  return (done, total) => {
    const filled = Math.floor((done * width) / total);
    if (lively && filled !== shown) {
      process.stdout.write(`\r${label} ${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${done}/${total}`);
      shown = filled;
    }
    if (done === total) process.stdout.write(lively ? '\n' : `${label} ${done}/${total}\n`);
  };
}

/** No more rows than `limit`; then it says how many there are. */
export function table(title, columns, rows, limit = Infinity) {
  const right = new Set(columns.filter((column) => column.endsWith('>')));
  const drawn = new Table({
    head: columns.map((column) => column.replace(/>$/, '')),
    colAligns: columns.map((column) => (right.has(column) ? 'right' : 'left')),
    style: { head: lively ? ['bold'] : [], border: lively ? ['gray'] : [], compact: true },
  });
  drawn.push(...rows.slice(0, limit).map((row) => row.map((cell) => cell ?? '')));
  console.log(`\n${title}\n${drawn.toString()}`);
  if (rows.length > limit) console.log(`… and ${rows.length - limit} more`);
}

const DIGITS = { jpy: 0, krw: 0, vnd: 0, clp: 0, bhd: 3, kwd: 3, jod: 3, omr: 3, tnd: 3 };

/** 123456, 'usd' → '1,234.56 USD': digits moved as text, never through a floating-point number. */
export function money(amount, currency) {
  if (amount === null || amount === undefined) return '';
  const places = DIGITS[currency] ?? 2;
  const text = String(amount).replace('-', '').padStart(places + 1, '0');
  const whole = text.slice(0, text.length - places).replace(/\B(?=(\d{3})+$)/g, ',');
  const sign = amount < 0 ? '-' : '';
  return `${sign}${whole}${places === 0 ? '' : `.${text.slice(-places)}`} ${(currency ?? '').toUpperCase()}`;
}

/** A heading between the steps. */
export function step(text) {
  console.log(lively ? `\n\u001b[1m▶ ${text}\u001b[0m` : `\n▶ ${text}`);
}
