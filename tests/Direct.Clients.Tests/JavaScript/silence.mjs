// A browser does not see pings. A client that does not see them either asks, and a gateway that is alive answers.
import assert from 'node:assert/strict';
import WebSocket from 'ws';
import { ClientUnderTest } from './client.mjs';

class Blind extends WebSocket {
  on(name, handler) {
    return name === 'ping' ? this : super.on(name, handler);
  }

  send(text) {
    sent.push(text);
    super.send(text);
  }
}

const sent = [];
const [url] = process.argv.slice(2);
const quiet = new ClientUnderTest(url, { WebSocket: Blind, probeTimeoutMs: 1_000 });
await quiet.state('open');
const before = quiet.events.length;
while (sent.filter(text => text.startsWith('leave')).length < 3) await new Promise(resolve => setTimeout(resolve, 100));
await new Promise(resolve => setTimeout(resolve, 1_500)); // longer than an answer may take

assert.deepEqual(quiet.events.slice(before).filter(({ name }) => name !== 'at'), []);
assert.equal(quiet.client.state.state, 'open');
process.exit(0);
