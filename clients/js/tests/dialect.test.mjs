import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from './support/clock.mjs';
import { outcome, Scene, watch } from './support/gateway.mjs';

/** A client at a gateway that does not know direct.2. */
async function original(options = {}) {
  const scene = new Scene(options);
  await settle();
  await scene.socket.refuse();
  await scene.socket.accept();
  await scene.socket.refuse();
  return scene;
}

const offers = scene => scene.sockets.map(({ protocol }) => protocol);

test('direct.2 is offered first, then nothing, then direct.2 once more', async () => {
  const scene = await original({ token: 'secret', rooms: ['7,1'] });

  assert.deepEqual(offers(scene), ['direct.2', undefined, 'direct.2']);
  assert.deepEqual(scene.client.state, { state: 'open', dialect: 'original', user: undefined });
  assert.deepEqual(scene.socket.sent, ['secret', '7,1']);
});

test('the original dialect is remembered, for a while', async () => {
  const scene = await original();
  await scene.socket.end(1006);
  await (await scene.again()).accept();
  assert.deepEqual(offers(scene).slice(3), [undefined]);

  await scene.clock.advance(600_000);
  await scene.socket.end(1006);
  await (await scene.again()).refuse();
  assert.deepEqual(offers(scene).slice(4), ['direct.2', undefined]);
});

test('after a drain the gateway may be a newer one: direct.2 is offered again', async () => {
  const scene = await original({ rooms: ['7,1'] });
  await scene.clock.advance(1_000);

  await scene.socket.end(4001);
  await (await scene.again()).accept();
  await scene.socket.welcome();

  assert.equal(scene.client.state.dialect, 'direct.2');
});

test('a gateway that knew direct.2 is taken to be away: the original dialect is tried from the third attempt on', async () => {
  const scene = await Scene.open({ rooms: ['7,1', '7,2'] });
  await scene.socket.end(1006);
  for (let i = 0; i < 3; i++) {
    await (await scene.again()).refuse();
  }

  assert.deepEqual(offers(scene), ['direct.2', 'direct.2', 'direct.2', 'direct.2', undefined]);
});

test('a gateway that comes up between two attempts is not taken for an old one', async () => {
  const scene = new Scene({ token: 'secret' });
  await settle();
  await scene.socket.refuse();
  await scene.socket.refuse();
  await (await scene.again()).refuse(); // direct.2 is still refused, then somebody comes up
  const plain = scene.socket;
  await plain.accept();
  assert.deepEqual(plain.sent, []);
  await scene.socket.accept();

  assert.deepEqual(offers(scene), ['direct.2', undefined, 'direct.2', undefined, 'direct.2']);
  assert.ok(plain.closedByClient);
  assert.deepEqual(plain.sent, []);
  assert.deepEqual(scene.socket.sent, ['auth secret']);
});

test('a first handshake that is slow does not make a gateway an old one', async () => {
  const scene = new Scene({ token: 'secret', connectTimeoutMs: 5_000 });
  await settle();
  await scene.clock.advance(5_000);
  await scene.socket.accept();
  await scene.socket.accept();
  await scene.sockets[2].welcome();

  assert.equal(scene.client.state.dialect, 'direct.2');
});

test('original: a join of a room that waits is refused, and of the one that is joined it is not', async () => {
  const scene = await original({ rooms: ['7,1', '7,2'] });

  assert.equal((await outcome(scene.client.join('7,2'))).code, 'unsupported');
  assert.equal(await outcome(scene.client.join('7,1')), 'resolved');
  assert.equal(scene.of('error').length, 1);
});

test('a gateway that refuses direct.2 while it answers is an old one', async () => {
  const scene = await Scene.open({ token: 'secret' });
  await scene.socket.end(1006);
  await (await scene.again()).refuse();
  await (await scene.again()).refuse();
  await (await scene.again()).refuse();
  const plain = scene.socket;
  await plain.accept();
  await scene.socket.refuse();

  assert.deepEqual(plain.sent, ['secret']);
  assert.equal(scene.client.state.dialect, 'original');
});

test('a socket that ends while direct.2 is tried once more is an attempt that failed', async () => {
  const scene = new Scene();
  await settle();
  await scene.socket.refuse();
  await scene.socket.refuse();
  await (await scene.again()).refuse();
  const plain = scene.socket;
  await plain.accept();
  await plain.end(4013, 'too many');
  await scene.socket.refuse();

  assert.equal(scene.client.state.code, 4013);
  await scene.again();
});

test('with a fixed dialect nothing else is offered', async () => {
  const fixed = new Scene({ dialect: 'direct.2' });
  await settle();
  await fixed.socket.refuse();
  await (await fixed.again()).refuse();
  assert.deepEqual(offers(fixed), ['direct.2', 'direct.2']);

  const old = new Scene({ dialect: 'original' });
  await settle();
  assert.deepEqual(offers(old), [undefined]);
});

test('original: messages have a text alone', async () => {
  const scene = await original({ rooms: ['7,1'] });

  await scene.socket.receive('7,1,0 p1\nnot a header here');

  assert.deepEqual(scene.of('message'), [{ text: '7,1,0 p1\nnot a header here', part: undefined, room: undefined, position: undefined }]);
});

test('original: one room at a time', async () => {
  const scene = await original({ rooms: ['7,1'] });
  const second = await outcome(scene.client.join('7,2'));
  assert.equal(second.code, 'unsupported');
  assert.match(second.message, /7,1 is joined/);
  assert.deepEqual(scene.client.rooms, ['7,1']);

  assert.equal(await outcome(scene.client.leave('7,1')), 'resolved');
  assert.equal(await outcome(scene.client.join('7,2')), 'resolved');
  assert.deepEqual(scene.socket.sent, ['', '7,1', '0,0', '7,2']);
});

test('original: of several rooms the first is joined, and the others are back with direct.2', async () => {
  const scene = await original({ rooms: ['7,1', '7,2'] });
  assert.deepEqual(scene.socket.sent, ['', '7,1']);
  assert.deepEqual(scene.of('error').map(({ code, room }) => [code, room]), [['unsupported', '7,2']]);
  assert.deepEqual(scene.client.rooms, ['7,1', '7,2']);

  await scene.socket.end(4001);
  await (await scene.again()).accept();
  assert.deepEqual(scene.socket.joins().map(([room]) => room), ['7,1', '7,2']);
});

test('original: a room that waits is joined when the other one is left', async () => {
  const scene = await original({ rooms: ['7,1', '7,2'] });

  await scene.client.leave('7,1');

  assert.deepEqual(scene.socket.sent, ['', '7,1', '0,0', '7,2']);
});

test('original: what is said goes to the joined room, and is done when it was sent', async () => {
  const scene = await original({ rooms: ['7,1'] });

  assert.equal(await outcome(scene.client.say('7,1', 'hello')), 'resolved');
  assert.equal((await outcome(scene.client.say('7,2', 'elsewhere'))).code, 4504);
  assert.equal((await outcome(scene.client.say('7,1', 'ü'.repeat(256)))).code, 1009);
  assert.equal(await outcome(scene.client.say('7,1', 'x'.repeat(511))), 'resolved');
  assert.deepEqual(scene.socket.sent, ['', '7,1', ':hello', `:${'x'.repeat(511)}`]);
});

test('original: what was sent before is not said again', async () => {
  const scene = await original({ rooms: ['7,1'] });
  await scene.client.say('7,1', 'before');
  await scene.socket.end(4002);
  const waiting = watch(scene.client.say('7,1', 'meanwhile'));
  await (await scene.again()).accept();

  assert.equal(waiting.now, 'resolved');
  assert.deepEqual(scene.socket.sent, ['', '7,1', ':meanwhile']);
});

test('original: after a reconnect there is a gap for everything, when the join is in force', async () => {
  const scene = await original({ rooms: ['7,1'] });
  await scene.clock.advance(5_000);
  assert.deepEqual(scene.of('gap'), []);
  await scene.socket.end(1006);
  await (await scene.again()).accept();
  assert.deepEqual(scene.of('gap'), []);
  await scene.clock.advance(1_000);

  assert.deepEqual(scene.of('gap').map(({ part }) => part).sort(), ['0,0,0', '0,1,0', '7,0,0', '7,1,0']);
});

test('from the original dialect to direct.2 there is a gap, too', async () => {
  const scene = await original({ rooms: ['7,1'] });
  await scene.socket.end(4001);
  await (await scene.again()).accept();
  assert.equal(scene.socket.lines().filter(line => line.startsWith('since')).length, 0);
  await scene.socket.welcome();

  assert.deepEqual(scene.of('gap').map(({ part, position }) => [part, position]).sort(), [['0,0,0', 'p0'], ['0,1,0', 'p0'], ['7,0,0', 'p0'], ['7,1,0', 'p0']]);
});

test('from direct.2 to the original dialect there is a gap, and what is uncertain is not repeated', async () => {
  const scene = await Scene.open({ rooms: ['7,1'] });
  const said = watch(scene.client.say('7,1', 'hello'));
  await scene.socket.end(4001);
  const unsent = watch(scene.client.say('7,1', 'later'));
  for (let i = 0; i < 3; i++) await (await scene.again()).refuse();
  const plain = scene.socket;
  await plain.accept();
  await scene.socket.refuse();
  await scene.clock.advance(1_000);

  assert.equal(said.now.code, 'uncertain');
  assert.equal(unsent.now, 'resolved');
  assert.deepEqual(plain.sent, ['', '7,1', ':later']);
  assert.deepEqual(scene.of('gap').map(({ part }) => part).sort(), ['0,0,0', '0,1,0', '7,0,0', '7,1,0']);
});
