// Stays connected as a real client does: told to come back, it tries again, later and later, until a node answers.
import assert from 'node:assert/strict';
import { connect } from './connection.mjs';

const [url] = process.argv.slice(2);
const first = await connect(url);
await first.join('2,2');
console.log('in the room');

const end = await first.closed();
assert.equal(end.code, 4001);
assert.match(end.reason, /^gateway draining/);
console.log('told to come back');

for (let delayMs = 50; ; delayMs = Math.min(delayMs * 2, 1_000)) {
  await new Promise(resolve => setTimeout(resolve, delayMs * (0.5 + Math.random())));
  try {
    const again = await connect(url);
    await again.join('2,2');
    console.log('back in the room');
    process.exit(0);
  } catch (error) {
    // Nobody listens, or the node is not connected to its cluster yet.
    assert.ok(error.code === 'ECONNREFUSED' || error.message === 'Unexpected server response: 503', error);
  }
}
