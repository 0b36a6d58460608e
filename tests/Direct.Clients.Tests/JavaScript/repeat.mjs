// The connection breaks after the gateway has accepted a message and before its answer arrives: the client says it again, and it is delivered once.
import assert from 'node:assert/strict';
import { ClientUnderTest } from './client.mjs';
import { Proxy } from './proxy.mjs';

const [url] = process.argv.slice(2);
const proxy = await Proxy.to(url);
const witness = new ClientUnderTest(url, { rooms: ['7,1'] });
await witness.until('joined');
const sender = new ClientUnderTest(proxy.url, { rooms: ['7,1'] });
await sender.until('joined');

for (let i = 0; i < 5; i++) {
  proxy.isHolding = true;
  const said = sender.client.say('7,1', `once ${i}`);
  await witness.message(`once ${i}`); // accepted, and the sender does not know
  proxy.cut();
  await said;
}
await sender.client.say('7,1', 'end');
await witness.message('end');

assert.deepEqual(witness.of('message').map(({ text }) => text), ['once 0', 'once 1', 'once 2', 'once 3', 'once 4', 'end']);
assert.ok(sender.of('state').filter(({ state }) => state === 'waiting').length >= 5);
process.exit(0);
