// A gateway with default settings speaks the original dialect. It is drained, and its successor knows direct.2.
import assert from 'node:assert/strict';
import { ClientUnderTest, failure, tell } from './client.mjs';

const [url] = process.argv.slice(2);
const member = new ClientUnderTest(url, { rooms: ['7,1'] });
assert.equal((await member.state('open')).dialect, 'original');
await member.client.say('7,1', 'hello');
assert.equal((await member.message('hello')).part, undefined);
assert.equal((await failure(member.client.join('7,2'))).code, 'unsupported');
assert.equal((await failure(member.client.say('7,1', 'x'.repeat(512)))).code, 1009);

tell('speaks the original dialect');
assert.equal((await member.state('waiting')).code, 4001);
assert.equal((await member.state('open')).dialect, 'direct.2');
await member.until('joined');
await member.client.join('7,2');
await member.client.say('7,2', 'upgraded');
assert.equal((await member.message('upgraded')).part, '7,2,0');
assert.deepEqual(member.of('gap').map(({ part }) => part).sort(), ['0,0,0', '0,1,0', '7,0,0', '7,1,0']);
process.exit(0);
