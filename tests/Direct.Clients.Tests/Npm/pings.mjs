// Pings both ways; started against a node that pings often and ends who stays silent for three of its pings.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, within } from './connection.mjs';

const [url] = process.argv.slice(2);
const connection = await connect(url, { token: null });
const pong = once(connection.socket, 'pong');
connection.socket.ping('before the token');
assert.equal((await within('a pong', pong))[0].toString(), 'before the token');

// `ws` answers pings by itself: six of them outlive the read timeout twice over.
connection.send('token');
for (let i = 0; i < 6; i++) {
  await within(`server ping ${i}`, once(connection.socket, 'ping'));
}

await connection.join('1,1');
process.exit(0);
