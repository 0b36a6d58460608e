// A backend that speaks HTTP by fetch; the ids are 1 and 2, as env=test gives them.
import assert from 'node:assert/strict';
import { connect } from './connection.mjs';

const [url, http] = process.argv.slice(2);
const first = await connect(url);
await first.join('3,4');
const second = await connect(url);
await second.join('3,4');

async function signal(query, init) {
  const response = await fetch(`${http}/!direct-signal${query}`, init);
  return { status: response.status, body: await response.json() };
}

const get = await signal(`?part=3,4,0&message=${encodeURIComponent('to a room: ü & 👋')}`);
assert.equal(get.status, 200);
assert.deepEqual({ delivered: get.body.delivered, gateways: get.body.gateways }, { delivered: 2, gateways: 1 });
assert.equal(typeof get.body.id, 'string');
await first.until('to a room: ü & 👋');
await second.until('to a room: ü & 👋');

const post = await signal('?part=0,0,2', { method: 'POST', body: 'to a user' });
assert.deepEqual([post.status, post.body.delivered], [200, 1]);
await second.until('to a user');

const batch = await signal('', {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify([{ part: '3,0,1', message: 'one', id: 'batch-1' }, { part: '0,4,0', message: 'two' }]),
});
assert.equal(batch.status, 200);
assert.deepEqual(batch.body.map(({ delivered, status }) => [delivered, status]), [[1, 200], [2, 200]]);
assert.equal(batch.body[0].id, 'batch-1');
// Nothing is promised about the order of messages to different targets.
assert.deepEqual([(await first.next()).text, (await first.next()).text].sort(), ['one', 'two']);
assert.equal((await second.next()).text, 'two');
assert.ok(!first.messages.some(({ text }) => text === 'to a user'));

const nobody = await signal('?part=99,0,0&message=x');
assert.deepEqual([nobody.status, nobody.body.delivered, nobody.body.gateways], [200, 0, 0]);

const refused = await signal('?part=1,2&message=x');
assert.equal(refused.status, 400);
assert.match(refused.body.detail, /part/);
process.exit(0);
