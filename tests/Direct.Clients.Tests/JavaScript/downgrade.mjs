// A gateway that knew direct.2 comes back without it.
import assert from 'node:assert/strict';
import { ClientUnderTest, tell } from './client.mjs';

const [url] = process.argv.slice(2);
const member = new ClientUnderTest(url, { rooms: ['7,1'] });
assert.equal((await member.state('open')).dialect, 'direct.2');
await member.until('joined');

tell('speaks direct.2');
assert.equal((await member.until('state', ({ state }) => state === 'open')).dialect, 'original');
await member.client.say('7,1', 'downgraded');
await member.message('downgraded');
await member.until('gap', ({ part }) => part === '7,1,0');
process.exit(0);
