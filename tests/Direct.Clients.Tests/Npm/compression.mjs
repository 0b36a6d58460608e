// An offer of permessage-deflate, as browsers and `ws` make it, is not taken; the connection works without.
import assert from 'node:assert/strict';
import { connect } from './connection.mjs';

const [url] = process.argv.slice(2);
const connection = await connect(url, { perMessageDeflate: { threshold: 0 } });
assert.equal(connection.socket.extensions, '');
assert.equal(connection.socket.protocol, '');
await connection.join('1,2');
connection.send(`:${'a'.repeat(400)}`);
await connection.until('a'.repeat(400));
process.exit(0);
