// Waiting for what will be true soon.
import assert from 'node:assert/strict';

/** Tries `question` until it gives something, for half a minute. */
export async function eventually(question) {
  const end = Date.now() + 30_000;
  for (;;) {
    const found = await question();
    if (found) return found;
    assert.ok(Date.now() < end, `in vain: ${question}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
