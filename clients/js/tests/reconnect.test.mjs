import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from './support/clock.mjs';
import { outcome, Scene, watch } from './support/gateway.mjs';

test('the waits double up to the limit, and each is a random part of it', async () => {
  const scene = new Scene({ dialect: 'direct.2', backoff: { minMs: 100, maxMs: 500 } });
  await settle();
  for (const random of [1, 1, 0.5, 1, 0.25]) {
    scene.random = random;
    await scene.socket.refuse();
    await scene.again();
  }

  assert.deepEqual(scene.delays, [100, 200, 200, 500, 125]);
});

test('the next attempt begins when the wait is over, not before', async () => {
  const scene = new Scene({ dialect: 'direct.2', backoff: { minMs: 100 } });
  await settle();
  await scene.socket.refuse();

  await scene.clock.advance(99);
  assert.equal(scene.sockets.length, 1);
  await scene.clock.advance(1);
  assert.equal(scene.sockets.length, 2);
});

test('after a connection that lasted, the wait is short again; after a brief one it is not', async () => {
  const scene = new Scene({ dialect: 'direct.2', backoff: { minMs: 100 } });
  await settle();
  await scene.socket.refuse();
  await (await scene.again()).accept();
  await scene.socket.welcome();
  await scene.clock.advance(9_000);
  await scene.socket.end(4010);
  await (await scene.again()).accept();
  await scene.socket.welcome();
  await scene.clock.advance(10_000);
  await scene.socket.end(4001);

  assert.deepEqual(scene.delays, [100, 200, 100]);
});

for (const code of [1000, 1001, 1006, 1011, 4000, 4001, 4002, 4007, 4009, 4499, 3000]) {
  test(`after ${code} the client connects again`, async () => {
    const scene = await Scene.open();

    await scene.socket.end(code, 'why');

    assert.deepEqual({ ...scene.client.state, delayMs: 0 }, { state: 'waiting', code, reason: 'why', delayMs: 0 });
    await scene.again();
  });
}

for (const code of [1002, 1007, 1008, 1009, 4500, 4501, 4999]) {
  test(`after ${code} the client does not connect again, and what waits is refused`, async () => {
    const scene = await Scene.open({ rooms: ['7,1'] });
    const said = watch(scene.client.say('7,1', 'hello'));
    const joined = watch(scene.client.join('7,2'));

    await scene.socket.end(code, 'why');

    assert.deepEqual(scene.client.state, { state: 'closed', code, reason: 'why' });
    assert.equal(said.now.code, 'closed');
    assert.equal(joined.now.code, 'closed');
    await scene.clock.advance(3_600_000);
    assert.equal(scene.sockets.length, 1);
    assert.equal(scene.clock.waiting, 0);
    assert.equal((await outcome(scene.client.say('7,1', 'x'))).code, 'closed');
  });
}

test('close ends everything, in each state', async () => {
  const connecting = new Scene();
  await settle();
  connecting.client.close();
  const waiting = new Scene({ dialect: 'direct.2' });
  await settle();
  await waiting.socket.refuse();
  waiting.client.close();
  const open = await Scene.open();
  open.client.close();
  const fetching = new Scene({ token: () => new Promise(() => {}) });
  fetching.client.close();

  for (const scene of [connecting, waiting, open, fetching]) {
    await scene.clock.advance(3_600_000);
    assert.deepEqual(scene.client.state, { state: 'closed', code: 1000, reason: '' });
    assert.equal(scene.clock.waiting, 0);
    assert.ok(scene.sockets.every(socket => socket.state === 'closed'));
    assert.ok(scene.sockets.length <= 1);
  }
});

test('an attempt that is not answered is given up', async () => {
  const scene = new Scene({ dialect: 'direct.2', connectTimeoutMs: 5_000 });
  await settle();

  await scene.clock.advance(5_000);

  assert.ok(scene.socket.closedByClient);
  assert.equal(scene.client.state.state, 'waiting');
});

test('a token that is not answered is given up, too', async () => {
  const scene = new Scene({ dialect: 'direct.2', connectTimeoutMs: 5_000 });
  await settle();
  await scene.socket.accept();
  await scene.clock.advance(4_999);
  assert.equal(scene.client.state.state, 'connecting');
  await scene.clock.advance(1);

  assert.deepEqual([scene.client.state.state, scene.client.state.reason], ['waiting', 'no welcome']);
  await scene.again();
});

test('a limit that is told right after the handshake is taken for what it is', async () => {
  const scene = new Scene();
  await settle();
  scene.socket.state = 'open';
  scene.socket.onopen({});
  await scene.socket.end(4010, 'full');

  assert.equal(scene.client.state.code, 4010);
  await scene.again();
});

test('an online event ends the wait, once a second at most', async () => {
  const handlers = {};
  globalThis.addEventListener = (name, handler, { signal }) => {
    handlers[name] = handler;
    signal.addEventListener('abort', () => delete handlers[name]);
  };
  const scene = new Scene({ dialect: 'direct.2' });
  await settle();
  await scene.socket.refuse();

  scene.random = 0.25; // of a second, so that not all clients come at the same time
  handlers.online();
  await scene.clock.advance(249);
  assert.equal(scene.sockets.length, 1);
  await scene.clock.advance(1);
  assert.equal(scene.sockets.length, 2);
  scene.random = 1;
  await scene.socket.refuse();
  handlers.online(); // less than a second after the last one
  await scene.clock.advance(1_000);
  assert.equal(scene.sockets.length, 2);
  scene.client.close();

  assert.deepEqual(handlers, {});
  delete globalThis.addEventListener;
});

test('an error of a handler is reported, and the other handlers are called', async t => {
  const scene = await Scene.open({ rooms: ['7,1'] });
  const later = t.mock.method(globalThis, 'queueMicrotask', () => {});
  const texts = [];
  scene.client.on('message', () => { throw new Error('of the application'); });
  scene.client.on('message', ({ text }) => texts.push(text));

  await scene.socket.receive('7,1,0 p1\nhello');

  assert.deepEqual(texts, ['hello']);
  assert.throws(later.mock.calls[0].arguments[0], { message: 'of the application' });
});

test('a handler that was taken off is not called', async () => {
  const scene = await Scene.open({ rooms: ['7,1'] });
  const texts = [];
  const off = scene.client.on('message', ({ text }) => texts.push(text));
  await scene.socket.receive('7,1,0 p1\none');
  off();
  await scene.socket.receive('7,1,0 p2\ntwo');

  assert.deepEqual(texts, ['one']);
});
