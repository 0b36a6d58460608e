import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { settle } from './support/clock.mjs';
import { Scene } from './support/gateway.mjs';

const blocks = [...readFileSync(new URL('../README.md', import.meta.url), 'utf8').matchAll(/^```js\n([^]*?)^```$/gm)].map(([, code]) => code);
const client = new URL('../dist/client.js', import.meta.url);

test('the example connects, says hello, and shows what comes', async () => {
  const sockets = [];
  const shown = [];
  Object.assign(globalThis, {
    show: (...values) => shown.push(values),
    reload: part => shown.push(part),
    showConnection: state => shown.push(state),
    fetch: async () => new Response('the token'),
    WebSocket: class {
      constructor(url, protocol) {
        sockets.push(Object.assign(this, { url, protocol, sent: [] }));
      }

      send(text) {
        this.sent.push(text);
        const [verb, ref] = [text.split(' ')[0], /#(\w+)/.exec(text)?.[1]];
        if (verb === 'say') return this.onmessage({ data: `ok #${ref}` });
        this.onmessage({ data: 'welcome 42 1 30' });
        this.onmessage({ data: `joined 7,1 #${ref}` });
      }

      close() {}
    },
  });
  const path = join(tmpdir(), `direct-readme-${process.pid}.mjs`);
  writeFileSync(path, blocks[0].replace('@direct/client', client.href));
  const running = import(pathToFileURL(path));
  while (!sockets[0]?.onopen) await settle();
  sockets[0].onopen();
  await running;
  sockets[0].onmessage({ data: '7,1,0 p1\nhello' });
  sockets[0].onmessage({ data: 'gap 7,1,0 p2' });

  assert.equal(sockets[0].url, 'wss://chat.example/!direct');
  assert.match(sockets[0].sent[0], /^auth the token\njoin 7,1 #\w+$/);
  assert.match(sockets[0].sent[1], /^say 7,1 [^]*\nhello$/);
  sockets[0].onclose({ code: 4900, reason: '' }); // with it the timers end
  await settle();

  assert.deepEqual(shown, ['connecting', 'open', ['7,1', 'hello'], '7,1,0', 'closed']);
});

test('the gap handler fetches once for several gaps, and again for one that comes meanwhile', async () => {
  const scene = await Scene.open({ rooms: ['7,1'] });
  const answers = [];
  const shown = [];
  new Function('client', 'fetch', 'showAll', 'wait', blocks[1])(
    scene.client, () => new Promise((resolve, reject) => answers.push({ resolve: value => resolve({ json: () => value }), reject })), value => shown.push(value), () => undefined);

  await scene.socket.receive('gap 7,1,0 g1', 'gap 7,0,0 g2', 'gap 0,1,0 g3');
  assert.equal(answers.length, 1);
  answers[0].resolve('first');
  await settle();
  assert.equal(answers.length, 2); // the second gap came after the first fetch had begun
  await scene.socket.receive('gap 7,1,0 g4');
  answers[1].reject(new Error('no backend'));
  await settle();
  answers[2].resolve('third');
  await settle();

  assert.deepEqual([shown, answers.length], [['first', 'third'], 3]);
});
