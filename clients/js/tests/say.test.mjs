import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from './support/clock.mjs';
import { outcome, Scene, watch } from './support/gateway.mjs';

test('say resolves when the cluster has accepted it', async () => {
  const scene = await Scene.open({ rooms: ['7,1'] });
  const said = watch(scene.client.say('7,1', 'one\ntwo'));
  await settle();
  const [{ room, text, ref }] = scene.socket.said();
  assert.deepEqual([room, text, said.now], ['7,1', 'one\ntwo', 'pending']);
  await scene.socket.receive(`ok #${ref}`);

  assert.equal(said.now, 'resolved');
});

test('say rejects with the error of the gateway, and the id to say it again with', async () => {
  const scene = await Scene.open({ rooms: ['7,1'] });
  const said = watch(scene.client.say('7,1', 'hello'));
  await settle();
  const [{ ref, id }] = scene.socket.said();
  await scene.socket.receive(`error #${ref} 4015 say 7,1 not accepted in time, but it may be delivered: say it again only with the same id`);
  assert.deepEqual([said.now.code, said.now.id, said.now.room], [4015, id, '7,1']);
  assert.match(said.now.text, /^not accepted in time, but it may/);
  scene.client.say('7,1', 'hello', { id });
  await settle();

  assert.equal(scene.socket.said()[1].id, id);
});

test('what was not answered is said again with the same id, before what came later', async () => {
  const scene = await Scene.open({ rooms: ['7,1'] });
  const first = watch(scene.client.say('7,1', 'first'));
  await settle();
  const [before] = scene.socket.said();
  await scene.socket.end(1006);
  const second = watch(scene.client.say('7,1', 'second'));
  await (await scene.again()).accept();
  assert.deepEqual(scene.socket.said(), [], 'nothing is said before the welcome, which names the user');
  await scene.socket.welcome();
  const after = scene.socket.said();
  assert.deepEqual(after.map(({ text }) => text), ['first', 'second']);
  assert.equal(after[0].id, before.id);
  assert.notEqual(after[1].id, before.id);
  for (const { ref } of after) await scene.socket.receive(`ok #${ref}`);

  assert.deepEqual([first.now, second.now], ['resolved', 'resolved']);
});

test('what waits is said when its room is live, not before', async () => {
  const scene = await Scene.open({ rooms: ['7,1'], backoff: { minMs: 100 } });
  const sent = watch(scene.client.say('7,1', 'sent'));
  await settle();
  await scene.socket.end(4008);
  const unsent = watch(scene.client.say('7,1', 'unsent'));
  await (await scene.again()).accept();
  await scene.socket.receive('welcome 42 1 30', `error #${scene.socket.joins()[0][1]} 4011 join 7,1 come later`);
  await scene.clock.advance(99);
  assert.deepEqual(scene.socket.said(), []);
  await scene.clock.advance(1);
  await scene.socket.joined('7,1', scene.socket.joins()[1][1]);
  assert.deepEqual(scene.socket.said().map(({ text }) => text), ['sent', 'unsent']);
  for (const { ref } of scene.socket.said()) await scene.socket.receive(`ok #${ref}`);

  assert.deepEqual([sent.now, unsent.now], ['resolved', 'resolved']);
});

test('a repeat that is refused may have been delivered before', async () => {
  const scene = await Scene.open({ rooms: ['7,1'] });
  const sent = watch(scene.client.say('7,1', 'sent'));
  await settle();
  await scene.socket.end(1006);
  const unsent = watch(scene.client.say('7,1', 'unsent'));
  await (await scene.again()).accept();
  await scene.socket.receive('welcome 42 1 30', `error #${scene.socket.joins()[0][1]} 4502 join 7,1 not allowed`);
  for (const { ref } of scene.socket.said()) await scene.socket.receive(`error #${ref} 4504 say 7,1 the room is not joined`);

  assert.deepEqual([sent.now.code, unsent.now.code], ['uncertain', 4504]);
});

test('a room that is left and joined again does not repeat what is under way', async () => {
  const scene = await Scene.open({ rooms: ['7,1'] });
  watch(scene.client.say('7,1', 'once'));
  watch(scene.client.leave('7,1'));
  watch(scene.client.join('7,1'));
  await settle();
  await scene.socket.joined('7,1', scene.socket.joins()[1][1]);

  assert.deepEqual(scene.socket.said().map(({ text }) => text), ['once']);
});

test('what was answered is not said again', async () => {
  const scene = await Scene.open({ rooms: ['7,1'] });
  scene.client.say('7,1', 'hello');
  await settle();
  await scene.socket.receive(`ok #${scene.socket.said()[0].ref}`);
  await scene.socket.end(1006);
  await (await scene.again()).accept();
  await scene.socket.welcome();

  assert.deepEqual(scene.socket.said(), []);
});

test('what was sent is not repeated when gateways may have forgotten its id, but what was not sent is', async () => {
  const scene = await Scene.open({ rooms: ['7,1'], repeatForMs: 60_000, backoff: { maxMs: 1_000 }, dialect: 'direct.2' });
  const sent = watch(scene.client.say('7,1', 'sent'));
  await settle();
  await scene.socket.end(1006);
  const unsent = watch(scene.client.say('7,1', 'unsent'));
  for (let waited = 0; waited <= 60_000; waited += 1_000) await (await scene.again()).refuse();
  await (await scene.again()).accept();
  await scene.socket.welcome();

  assert.equal(sent.now.code, 'uncertain');
  assert.deepEqual(scene.socket.said().map(({ text }) => text), ['unsent']);
  assert.equal(unsent.now, 'pending');
});

test('what was sent as another user is not repeated', async () => {
  const scene = await Scene.open({ rooms: ['7,1'] });
  const sent = watch(scene.client.say('7,1', 'sent'));
  await scene.socket.end(1006);
  await (await scene.again()).accept();
  await scene.socket.welcome('43');

  assert.equal(sent.now.code, 'uncertain');
  assert.deepEqual(scene.socket.said(), []);
});

test('the queue is bounded, and its place is free again after the answer', async () => {
  const scene = new Scene({ rooms: ['7,1'], maxQueued: 2 });
  watch(scene.client.say('7,1', 'one'));
  watch(scene.client.say('7,1', 'two'));
  const refused = await outcome(scene.client.say('7,1', 'three'));
  assert.equal(refused.code, 'queue_full');
  assert.match(refused.message, /2 messages wait already/);
  await scene.socket.accept();
  await scene.socket.welcome();
  assert.deepEqual(scene.socket.said().map(({ text }) => text), ['one', 'two']);
  await scene.socket.receive(`ok #${scene.socket.said()[0].ref}`);
  watch(scene.client.say('7,1', 'four'));
  await settle();

  assert.deepEqual(scene.socket.said().map(({ text }) => text), ['one', 'two', 'four']);
});

test('a text that is too long is refused here, because the gateway would close the connection', async () => {
  const scene = await Scene.open({ rooms: ['7,1'] });
  watch(scene.client.say('7,1', ''));
  await settle();
  const overhead = Buffer.byteLength(scene.socket.sent.at(-1));
  const longest = watch(scene.client.say('7,1', 'ü'.repeat((4096 - overhead) / 2 - 4), { id: 'x'.repeat(scene.socket.said()[0].id.length) }));
  const tooLong = await outcome(scene.client.say('7,1', 'ü'.repeat(2048)));

  assert.equal(tooLong.code, 1009);
  assert.equal(longest.now, 'pending');
  assert.ok(scene.socket.sent.every(frame => Buffer.byteLength(frame) <= 4096));
});

for (const id of ['', 'x'.repeat(65), 'with space', 'ü', 'a\nb']) {
  test(`'${id}' is not an id`, async () => {
    const scene = await Scene.open({ rooms: ['7,1'] });

    assert.equal((await outcome(scene.client.say('7,1', 'x', { id }))).name, 'TypeError');
    assert.deepEqual(scene.socket.said(), []);
  });
}

test('random ids are accepted by the gateway, and differ', async () => {
  const scene = await Scene.open({ rooms: ['7,1'] });
  for (let i = 0; i < 30; i++) watch(scene.client.say('7,1', 'x'));
  await settle();
  const ids = scene.socket.said().map(({ id }) => id);

  assert.equal(new Set(ids).size, 30);
  assert.ok(ids.every(id => /^[!-~]{16,64}$/.test(id)), ids.join());
});

test('a burst is spread so that the gateway does not close the connection', async () => {
  const scene = await Scene.open({ rooms: ['7,1'] });
  const start = scene.clock.now();
  for (let i = 0; i < 120; i++) watch(scene.client.say('7,1', `${i}`));
  await settle();
  assert.equal(scene.socket.said().length, 40);
  await scene.clock.advance(1_000);
  assert.equal(scene.socket.said().length, 80);
  await scene.clock.advance(1_000);

  assert.deepEqual(scene.socket.said().map(({ text }) => Number(text)), [...Array(120).keys()]);
  assert.equal(scene.clock.now() - start, 2_000);
});

test('joins are spread more', async () => {
  const scene = await Scene.open();
  for (let i = 1; i <= 24; i++) watch(scene.client.join(`7,${i}`));
  await settle();
  assert.equal(scene.socket.joins().length, 8);
  await scene.clock.advance(1_000);
  assert.equal(scene.socket.joins().length, 16);
  await scene.clock.advance(1_000);
  assert.equal(scene.socket.joins().length, 24);
});
