// A client that offers a sub-protocol gets a 101 that selects none, and `ws` fails the connection, as RFC 6455 lets it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import WebSocket from 'ws';
import { within } from './connection.mjs';

const [url] = process.argv.slice(2);
const socket = new WebSocket(url, ['chat', 'direct']);
socket.on('open', () => assert.fail('it opened'));
const [[response], [error]] = await within('the answer and the failure', Promise.all([once(socket, 'upgrade'), once(socket, 'error')]));
assert.equal(response.statusCode, 101);
assert.equal(response.headers['sec-websocket-protocol'], undefined);
assert.match(error.message, /no subprotocol/);
process.exit(0);
