// A gateway that is frozen sends nothing and closes nothing: the client notices, and is back when the gateway is.
import assert from 'node:assert/strict';
import { ClientUnderTest, tell } from './client.mjs';

const [url] = process.argv.slice(2);
const member = new ClientUnderTest(url, { rooms: ['7,1'], dialect: 'direct.2', probeTimeoutMs: 1_000, connectTimeoutMs: 1_000 });
await member.until('joined');

tell('connected');
const { code, reason } = await member.state('waiting');
assert.deepEqual([code, reason], [1006, 'no answer to a probe']);
tell('noticed');
await member.state('open');
await member.client.say('7,1', 'back');
process.exit(0);
