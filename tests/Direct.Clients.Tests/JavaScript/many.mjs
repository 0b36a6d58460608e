// As many rooms as a connection may have, joined faster than the gateway allows, and all back after a drain by one message.
import assert from 'node:assert/strict';
import { ClientUnderTest, failure, tell } from './client.mjs';

const [url] = process.argv.slice(2);
const rooms = Array.from({ length: 100 }, (_, i) => `7,${i + 1}`);
const member = new ClientUnderTest(url, { rooms: rooms.slice(0, 80) });
await member.state('open');
await Promise.all(rooms.map(room => member.client.join(room)));
assert.equal((await failure(member.client.join('7,101'))).code, 4505);
assert.deepEqual(member.of('state').map(({ state }) => state), ['connecting', 'open']);

tell('in the rooms');
assert.equal((await member.state('waiting')).code, 4001);
await member.state('open');
const live = new Set();
while (live.size < 100) live.add((await member.until('joined')).room);
assert.deepEqual([...live].sort(), rooms.sort());
const gaps = () => new Set(member.of('gap').map(({ part }) => part)).size;
while (gaps() < 100 + 100 + 1 + 2) await member.until('gap'); // that of the user comes after the rooms
assert.equal(gaps(), 100 + 100 + 1 + 2);
assert.deepEqual(member.of('error'), []);
process.exit(0);
