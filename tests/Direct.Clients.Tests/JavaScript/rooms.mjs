// Three rooms, a gateway that is killed and comes back: the rooms are live again, with a gap for each topic.
import assert from 'node:assert/strict';
import { ClientUnderTest, failure, tell } from './client.mjs';

const [url] = process.argv.slice(2);
const big = '9223372036854775807,-9007199254740993';
const first = new ClientUnderTest(url, { rooms: ['7,1', big] });
const second = new ClientUnderTest(url, { dialect: 'direct.2' });
const { dialect, user } = await first.state('open');
assert.equal(dialect, 'direct.2');
assert.match(user, /^-\d+$/);
await second.client.join('7,1');
await second.client.join(big);
await first.client.say('7,1', 'hello\nworld');
assert.equal((await second.message('hello\nworld')).part, '7,1,0');
await second.client.say(big, 'large ids');
assert.equal((await first.message('large ids')).room, big);

assert.equal((await failure(first.client.join('0,0'))).code, 4503);
assert.equal((await failure(first.client.say('9,9', 'not joined'))).code, 4504);
await second.client.leave(big);
await first.client.say(big, 'for one');
await first.message('for one');
assert.ok(!second.events.some(({ text }) => text === 'for one'));
assert.deepEqual(first.of('gap'), []);

tell('in the rooms');
const { code } = await first.state('waiting');
assert.equal(code, 1006);
const offline = first.client.say('7,1', 'said offline');
await first.until('joined', ({ room }) => room === '7,1');
await offline;
await first.message('said offline');
assert.deepEqual(first.of('gap').map(({ part }) => part).sort(), [
  '0,-9007199254740993,0', `0,0,${user}`, '0,0,0', '0,1,0', '7,0,0', '7,1,0', '9223372036854775807,0,0', `${big},0`,
].sort());
assert.equal(first.of('message').filter(({ text }) => text === 'said offline').length, 1);
process.exit(0);
