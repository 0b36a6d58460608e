import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from './support/clock.mjs';
import { outcome, Scene, watch } from './support/gateway.mjs';

test('the token and the rooms go into the first message', async () => {
  const scene = new Scene({ token: 'to ken', rooms: ['7,1', ['-9223372036854775808', 9223372036854775807n], [0, 3]] });
  await settle();
  await scene.socket.accept();

  assert.equal(scene.socket.sent.length, 1);
  assert.deepEqual(scene.socket.sent[0].split('\n').map(line => line.replace(/ #\w+$/, '')), [
    'auth to ken', 'join 7,1', 'join -9223372036854775808,9223372036854775807', 'join 0,3',
  ]);
});

test('join resolves when the room is live, and each room is told once', async () => {
  const scene = await Scene.open();
  const first = watch(scene.client.join('7,1'));
  const second = watch(scene.client.join([7, 1]));
  await settle();
  assert.equal(first.now, 'pending');
  const [[room, ref]] = scene.socket.joins();
  await scene.socket.joined(room, ref);

  assert.deepEqual([first.now, second.now], ['resolved', 'resolved']);
  assert.equal(scene.socket.joins().length, 1);
  assert.deepEqual(scene.of('joined'), [{ room: '7,1' }]);
  assert.equal(await outcome(scene.client.join('7,1')), 'resolved');
  assert.equal(scene.socket.joins().length, 1);
});

test('a join before the welcome is not sent twice', async () => {
  const scene = new Scene();
  scene.client.join('7,1');
  await settle();
  await scene.socket.accept();
  scene.client.join('7,2');
  await scene.socket.receive('welcome 42 1 30');

  assert.deepEqual(scene.socket.joins().map(([room]) => room), ['7,1', '7,2']);
});

test('a join that is refused rejects with code and text, and is not tried again', async () => {
  const scene = await Scene.open();
  const joined = watch(scene.client.join('7,1'));
  await settle();
  await scene.socket.receive(`error #${scene.socket.joins()[0][1]} 4505 join 7,1 too many rooms for one connection`);

  assert.deepEqual([joined.now.name, joined.now.code, joined.now.text, joined.now.room], ['DirectError', 4505, 'too many rooms for one connection', '7,1']);
  assert.deepEqual(scene.client.rooms, []);
  assert.deepEqual(scene.of('left'), []);
});

test('a room that was joined before is tried again after 4000 to 4499', async () => {
  const scene = await Scene.open({ rooms: ['7,1'], backoff: { minMs: 100 } });
  await scene.socket.end(1006);
  await (await scene.again()).accept();
  await scene.socket.receive('welcome 42 1 30', `error #${scene.socket.joins()[0][1]} 4006 join 7,1 the cluster did not confirm in time, join again`);
  assert.equal(scene.socket.joins().length, 1);
  await scene.clock.advance(100);
  assert.equal(scene.socket.joins().length, 2);
  const again = watch(scene.client.join('7,1'));
  await scene.socket.joined('7,1', scene.socket.joins()[1][1]);

  assert.equal(again.now, 'resolved');
  assert.deepEqual(scene.of('left'), []);
});

test('the repeat of a join does not outlive its connection', async () => {
  const scene = await Scene.open({ rooms: ['7,1'], backoff: { minMs: 100 } });
  await scene.socket.end(1006);
  await (await scene.again()).accept();
  await scene.socket.receive('welcome 42 1 30', `error #${scene.socket.joins()[0][1]} 4006 join 7,1 join again`);
  await scene.socket.end(1006);
  await scene.clock.advance(10_000);
  await scene.socket.accept();

  assert.equal(scene.socket.joins().length, 1);
});

for (const [code, text] of [[4502, 'not allowed'], [4505, 'too many rooms']]) {
  test(`a room that was joined before is left after ${code}`, async () => {
    const scene = await Scene.open({ rooms: ['7,1', '7,2'] });
    await scene.socket.end(1006);
    await (await scene.again()).accept();
    await scene.socket.receive('welcome 42 1 30', `error #${scene.socket.joins()[0][1]} ${code} join 7,1 ${text}`);

    assert.deepEqual(scene.of('left'), [{ room: '7,1', code, text }]);
    assert.deepEqual(scene.client.rooms, ['7,2']);
  });
}

test('the answer to an earlier join of the same room is not taken for that of the last one', async () => {
  const scene = await Scene.open();
  const first = watch(scene.client.join('7,1'));
  watch(scene.client.leave('7,1'));
  const second = watch(scene.client.join('7,1'));
  await settle();
  const refs = scene.socket.joins().map(([, ref]) => ref);
  await scene.socket.receive(`error #${refs[0]} 4502 join 7,1 not allowed`);
  assert.deepEqual([first.now.code, second.now, scene.client.rooms], [4504, 'pending', ['7,1']]);
  await scene.socket.receive(`joined 7,1 #${refs[0]}`);
  assert.equal(second.now, 'pending');
  await scene.socket.joined('7,1', refs[1]);

  assert.equal(second.now, 'resolved');
});

test('the wait for another attempt to join ends with the client', async () => {
  const scene = await Scene.open({ rooms: ['7,1'] });
  await scene.socket.end(1006);
  await (await scene.again()).accept();
  await scene.socket.receive('welcome 42 1 30', `error #${scene.socket.joins()[0][1]} 4006 join 7,1 join again`);
  scene.client.close();

  assert.equal(scene.clock.waiting, 0);
});

test('a room that the gateway has left for now is joined again, with its positions', async () => {
  const scene = await Scene.open({ rooms: ['7,1'], backoff: { minMs: 100 } });
  await scene.socket.receive('left 7,1 4011 come later');
  await scene.clock.advance(100);

  assert.deepEqual(scene.of('left'), []);
  assert.match(scene.socket.sent.at(-1), /^since 7,0,0 p0\nsince 0,1,0 p0\nsince 7,1,0 p0\njoin 7,1 #\w+$/);
});

test('leave resolves when the room is left, and it does not come back', async () => {
  const scene = await Scene.open({ rooms: ['7,1', '7,2'] });
  const left = watch(scene.client.leave('7,1'));
  await settle();
  const [, ref] = /^leave 7,1 #(\w+)$/.exec(scene.socket.sent.at(-1));
  assert.equal(left.now, 'pending');
  await scene.socket.receive(`left 7,1 #${ref}`);
  assert.equal(left.now, 'resolved');
  assert.deepEqual(scene.of('left'), [{ room: '7,1' }]);

  await scene.socket.end(1006);
  await (await scene.again()).accept();
  assert.deepEqual(scene.socket.joins().map(([room]) => room), ['7,2']);
});

test('leave of a room that is not joined rejects with 4504', async () => {
  const scene = await Scene.open();

  assert.equal((await outcome(scene.client.leave('7,1'))).code, 4504);
});

test('leave rejects with what the gateway says', async () => {
  const scene = await Scene.open({ rooms: ['7,1'] });
  const left = watch(scene.client.leave('7,1'));
  await settle();
  await scene.socket.receive(`error #${scene.socket.sent.at(-1).split('#')[1]} 4504 leave 7,1 the room is not joined`);

  assert.deepEqual([left.now.code, left.now.text], [4504, 'the room is not joined']);
});

test('a leave that was not answered before the connection ended is done', async () => {
  const scene = await Scene.open({ rooms: ['7,1'] });
  const answered = watch(scene.client.leave('7,1'));
  await scene.socket.end(1006);
  const offline = new Scene({ rooms: ['7,1'] });

  assert.equal(answered.now, 'resolved');
  assert.equal(await outcome(offline.client.leave('7,1')), 'resolved');
});

test('leave before the room was joined refuses the join', async () => {
  const scene = await Scene.open();
  const joined = watch(scene.client.join('7,1'));
  const left = watch(scene.client.leave('7,1'));
  await settle();
  const ref = scene.socket.joins()[0][1];
  await scene.socket.receive(`joined 7,1 #${ref}`, `left 7,1 #${scene.socket.sent.at(-1).split('#')[1]}`);

  assert.equal(joined.now.code, 4504);
  assert.equal(left.now, 'resolved');
  assert.deepEqual(scene.of('joined'), []);
});

test('a right that is withdrawn ends the room', async () => {
  const scene = await Scene.open({ rooms: ['7,1', '7,2'] });

  await scene.socket.receive('left 7,1 4502 not allowed any more');

  assert.deepEqual(scene.of('left'), [{ room: '7,1', code: 4502, text: 'not allowed any more' }]);
  assert.deepEqual(scene.client.rooms, ['7,2']);
  assert.deepEqual(Object.keys(scene.client.positions).sort(), ['0,0,0', '0,0,42', '0,2,0', '7,0,0', '7,2,0']);
});

test('a right that is withdrawn while a leave waits for its answer resolves the leave', async () => {
  const scene = await Scene.open({ rooms: ['7,1'] });
  const left = watch(scene.client.leave('7,1'));
  await settle();
  await scene.socket.receive(`left 7,1 4502 not allowed #${scene.socket.sent.at(-1).split('#')[1]}`);

  assert.equal(left.now, 'resolved');
});

test('rooms come back after a loss', async () => {
  const scene = await Scene.open({ rooms: ['7,1'] });
  scene.client.join('7,2');
  await settle();
  await scene.socket.joined('7,2', scene.socket.joins()[1][1]);
  await scene.socket.end(4001);
  await (await scene.again()).accept();
  await scene.socket.welcome();

  assert.equal(scene.socket.sent.length, 1);
  assert.deepEqual(scene.of('joined').map(({ room }) => room), ['7,1', '7,2', '7,1', '7,2']);
});

test('a line of the client itself that is refused is an error event', async () => {
  const scene = await Scene.open();

  await scene.socket.receive("error - 4506 since 0,0 too many 'since' without a 'join' that needs them");

  assert.deepEqual(scene.of('error').map(({ code, text }) => [code, text]), [[4506, "too many 'since' without a 'join' that needs them"]]);
});

test('frames of a later version are ignored', async () => {
  const scene = await Scene.open({ rooms: ['7,1'] });
  const before = scene.events.length;

  await scene.socket.receive('news 7,1 something', '');

  assert.equal(scene.events.length, before);
});

for (const room of ['7', '7,1,0', '', '7,', '7,x', '+7,1', '07,1', '7, 1', '-0,1', '9223372036854775808,1', '-9223372036854775809,1', [7], [2 ** 53, 1], [1.5, 0], [NaN, 0]]) {
  test(`'${room}' is not a room`, async () => {
    const scene = await Scene.open();

    assert.equal((await outcome(scene.client.join(room))).name, 'TypeError');
    assert.equal((await outcome(scene.client.leave(room))).name, 'TypeError');
    assert.equal((await outcome(scene.client.say(room, 'x'))).name, 'TypeError');
    assert.throws(() => new Scene({ rooms: [room] }), TypeError);
  });
}

test('ids beyond 2^53 stay what they are', async () => {
  const scene = await Scene.open({ rooms: ['9007199254740993,9223372036854775807'] });

  await scene.socket.receive('9007199254740993,9223372036854775807,0 p1\nhello', '0,0,-9007199254740993 p2\nyou');

  assert.deepEqual(scene.of('message').map(({ part, room }) => [part, room]), [
    ['9007199254740993,9223372036854775807,0', '9007199254740993,9223372036854775807'], ['0,0,-9007199254740993', '0,0'],
  ]);
});
