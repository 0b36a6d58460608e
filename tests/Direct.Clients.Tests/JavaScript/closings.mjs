// A backend closes connections: with 4100 they come back, with 4900 they do not.
import assert from 'node:assert/strict';
import { ClientUnderTest, failure } from './client.mjs';

const [url, http] = process.argv.slice(2);
const asked = [];
const member = new ClientUnderTest(url, { rooms: ['7,1'], token: ({ expired }) => { asked.push(expired); return 'token'; } });
const close = async code => assert.equal((await fetch(`${http}/!direct-close?part=7,1,0&code=${code}&reason=because`, { method: 'POST' })).status, 200);
await member.until('joined');
await close(4100);
const { code, reason } = await member.state('waiting');
assert.deepEqual([code, reason], [4100, 'because']);
await member.until('joined');
await close(4009);
await member.state('waiting');
await member.until('joined');
assert.deepEqual(asked, [false, false, true]);
await close(4900);

assert.deepEqual((({ name, ...rest }) => rest)(await member.state('closed')), { state: 'closed', code: 4900, reason: 'because' });
assert.equal((await failure(member.client.join('7,2'))).code, 'closed');
await new Promise(resolve => setTimeout(resolve, 1_500)); // longer than any wait before a reconnect
assert.equal(asked.length, 3);
process.exit(0);
