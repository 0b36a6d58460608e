// What a client is told when it is closed, and that its own close is answered with its own code.
import assert from 'node:assert/strict';
import { connect } from './connection.mjs';

const [url] = process.argv.slice(2);

const confused = await connect(url);
confused.send('hello');
const refusal = await confused.closed();
assert.equal(refusal.code, 1008);
assert.match(refusal.reason, /group,channel/);
assert.match(refusal.reason, /:text/);

const longest = await connect(url);
await longest.join('5,5');
longest.send(`:${'x'.repeat(511)}`);
await longest.until('x'.repeat(511));
longest.send(`:${'x'.repeat(512)}`);
assert.equal((await longest.closed()).code, 1009);

const polite = await connect(url);
polite.socket.close(4321, 'bye');
assert.equal((await polite.closed()).code, 4321);

const brief = await connect(url);
brief.socket.close();
assert.equal((await brief.closed()).code, 1005);
process.exit(0);
