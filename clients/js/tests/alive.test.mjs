import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from './support/clock.mjs';
import { Scene } from './support/gateway.mjs';

const probes = socket => socket.sent.filter(frame => frame.startsWith('leave 0,0 #')).length;

test('after two pings\' time of silence the gateway is asked, and its answer is enough', async () => {
  const scene = await Scene.open();
  await scene.clock.advance(59_999);
  assert.equal(probes(scene.socket), 0);
  await scene.clock.advance(1);
  assert.equal(probes(scene.socket), 1);
  await scene.clock.advance(5_000);
  await scene.socket.receive(`error #${scene.socket.sent.at(-1).split('#')[1]} 4504 leave 0,0 the room is not joined`);
  await scene.clock.advance(60_000 - 5_000);

  assert.equal(scene.client.state.state, 'open');
  assert.deepEqual(scene.of('error'), []);
});

test('a gateway that does not answer is given up', async () => {
  const scene = await Scene.open();
  await scene.clock.advance(60_000 + 14_999);
  assert.equal(scene.client.state.state, 'open');
  await scene.clock.advance(1);

  assert.ok(scene.socket.closedByClient);
  assert.deepEqual([scene.client.state.state, scene.client.state.reason], ['waiting', 'no answer to a probe']);
  await scene.again();
});

test('what comes late on a connection that was given up is not taken', async () => {
  const scene = await Scene.open({ rooms: ['7,1'] });
  await scene.clock.advance(75_000);
  await scene.sockets[0].receive('7,1,0 p9\nlate');

  assert.deepEqual(scene.of('message'), []);
});

test('a poke while a probe waits does not give the gateway more time', async () => {
  const handlers = {};
  globalThis.addEventListener = (name, handler) => { handlers[name] = handler; };
  const scene = await Scene.open();
  delete globalThis.addEventListener;
  await scene.clock.advance(1);
  handlers.online();
  for (let i = 0; i < 3; i++) {
    await scene.clock.advance(5_000);
    handlers.online();
  }

  assert.equal(scene.sockets[0].sent.filter(frame => frame.startsWith('leave 0,0 #')).length, 1);
  assert.equal(scene.client.state.state, 'waiting');
});

test('each message puts the question off', async () => {
  const scene = await Scene.open();
  for (let i = 0; i < 10; i++) {
    await scene.clock.advance(50_000);
    await scene.socket.receive('at 0,0,0 p1');
  }

  assert.equal(probes(scene.socket), 0);
});

test('where pings can be seen, they put it off, too', async () => {
  const scene = await Scene.open();
  for (let i = 0; i < 10; i++) {
    await scene.clock.advance(30_000);
    await scene.socket.ping();
  }

  assert.equal(probes(scene.socket), 0);
});

test('the interval is that of the welcome', async () => {
  const scene = new Scene();
  await settle();
  await scene.socket.accept();
  await scene.socket.receive('welcome 42 1 0.5');
  await scene.clock.advance(1_000);

  assert.equal(probes(scene.socket), 1);
});

test('original: there is nothing to ask, and nothing is sent', async () => {
  const scene = new Scene({ dialect: 'original' });
  await settle();
  await scene.socket.accept();
  await scene.clock.advance(3_600_000);

  assert.deepEqual(scene.socket.sent, ['']);
  assert.equal(scene.client.state.state, 'open');
});
