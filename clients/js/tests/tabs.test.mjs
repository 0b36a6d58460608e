import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { settle } from './support/clock.mjs';
import { outcome, Scene, watch } from './support/gateway.mjs';
import { installBrowser, openTab, openTabs } from './support/tabs.mjs';

let remove;
beforeEach(() => { remove = installBrowser(); });
afterEach(() => remove());

const texts = tab => tab.of('message').map(({ text }) => text);
const rooms = socket => socket.joins().map(([room]) => room).sort();

test('tabs share one connection, whose first message has the rooms of all', async () => {
  const [first, second, third] = await openTabs({ rooms: ['7,1'] }, { rooms: ['7,2'] }, { rooms: ['7,1', '7,3'] });

  assert.deepEqual([first, second, third].map(tab => tab.sockets.length), [1, 0, 0]);
  assert.deepEqual(rooms(first.socket), ['7,1', '7,2', '7,3']);
  for (const tab of [first, second, third]) {
    assert.deepEqual(tab.client.state, { state: 'open', dialect: 'direct.2', user: '42' });
  }
  assert.deepEqual(third.of('joined').map(({ room }) => room), ['7,1', '7,3']);
});

test('each tab gets the messages and gaps of its own rooms, and those of the user', async () => {
  const [first, second] = await openTabs({ rooms: ['7,1'] }, { rooms: ['8,2'] });

  await first.socket.receive('7,1,0 a1\nroom 7', '8,2,0 a2\nroom 8', '8,0,0 a3\ngroup 8', '0,1,0 a4\nchannel 1', '0,0,42 a5\nuser', '0,0,0 a6\nall', 'gap 8,2,0 g1');

  assert.deepEqual(texts(first), ['room 7', 'channel 1', 'user', 'all']);
  assert.deepEqual(texts(second), ['room 8', 'group 8', 'user', 'all']);
  assert.deepEqual([first.of('gap').length, second.of('gap').length], [0, 1]);
});

test('a tab that comes later learns the state, and joins what is new', async () => {
  const [first] = await openTabs({ rooms: ['7,1'] });
  const second = await openTab({ rooms: ['7,1', '7,2'] });
  assert.equal(second.client.state.state, 'open');
  assert.deepEqual(second.of('joined'), [{ room: '7,1' }]);
  await first.socket.joined('7,2', first.socket.joins()[1][1]);

  assert.deepEqual(second.of('joined'), [{ room: '7,1' }, { room: '7,2' }]);
  assert.deepEqual(second.sockets, []);
});

test('calls of a tab are answered, with their errors', async () => {
  const [first, second] = await openTabs({}, {});
  const joined = watch(second.client.join('7,1'));
  const refused = watch(second.client.join('7,2'));
  await settle();
  const [[room, ref], [, refusedRef]] = first.socket.joins();
  await first.socket.joined(room, ref);
  await first.socket.receive(`error #${refusedRef} 4505 join 7,2 too many rooms`);
  const said = watch(second.client.say('7,1', 'hello', { id: 'mine' }));
  const failed = watch(second.client.say('7,1', 'again'));
  await settle();
  assert.equal(first.socket.said()[0].id, 'mine');
  await first.socket.receive(`ok #${first.socket.said()[0].ref}`, `error #${first.socket.said()[1].ref} 4016 say 7,1 too many ids`);

  assert.deepEqual([joined.now, said.now], ['resolved', 'resolved']);
  assert.deepEqual([refused.now.name, refused.now.code, refused.now.text, refused.now.room], ['DirectError', 4505, 'too many rooms', '7,2']);
  assert.deepEqual([failed.now.code, failed.now.id], [4016, first.socket.said()[1].id]);
  assert.deepEqual(second.client.rooms, ['7,1']);
  assert.equal((await outcome(second.client.leave('9,9'))).code, 4504);
});

test('a room is left when the last tab leaves it', async () => {
  const [first, second] = await openTabs({ rooms: ['7,1'] }, { rooms: ['7,1'] });
  const leaves = () => first.socket.sent.filter(frame => frame.startsWith('leave'));

  assert.equal(await outcome(first.client.leave('7,1')), 'resolved');
  assert.deepEqual(leaves(), []);
  await first.socket.receive('7,1,0 m1\nhello');
  assert.deepEqual([texts(first), texts(second)], [[], ['hello']]);
  const left = watch(second.client.leave('7,1'));
  await settle();
  assert.equal(leaves().length, 1);
  await first.socket.receive(`left 7,1 #${leaves()[0].split('#')[1]}`);
  assert.equal(left.now, 'resolved');
  assert.deepEqual(second.of('left'), [{ room: '7,1' }]);
});

test('the rooms of a tab that is closed are left', async () => {
  const [first, second] = await openTabs({ rooms: ['7,1'] }, { rooms: ['7,1', '7,2'] });

  second.client.close();
  await settle();

  assert.deepEqual(first.socket.sent.filter(frame => frame.startsWith('leave')).map(frame => frame.split(' ')[1]), ['7,2']);
  assert.equal(first.client.state.state, 'open');
});

test('a right that is withdrawn ends the room in every tab', async () => {
  const [first, second] = await openTabs({ rooms: ['7,1'] }, { rooms: ['7,1', '7,2'] });

  await first.socket.receive('left 7,1 4502 not allowed');

  for (const tab of [first, second]) assert.deepEqual(tab.of('left'), [{ room: '7,1', code: 4502, text: 'not allowed' }]);
  assert.deepEqual([first.client.rooms, second.client.rooms], [[], ['7,2']]);
});

test('when the tab with the connection closes, another one resumes all rooms, and repeats what was not answered', async () => {
  const [first, second, third] = await openTabs({ rooms: ['7,1'] }, { rooms: ['7,2'] }, { rooms: ['7,3'] });
  await first.socket.receive('7,2,0 m1\nhello', '0,0,42 u1\nyou');
  const said = watch(third.client.say('7,3', 'not answered'));
  await settle();
  const [{ id }] = first.socket.said();

  first.client.close();
  await settle();
  await second.socket.accept();

  assert.deepEqual(rooms(second.socket), ['7,2', '7,3']);
  const since = second.socket.lines().filter(line => line.startsWith('since')).map(line => line.slice(6)).sort();
  assert.deepEqual(since, ['0,0,0 p0', '0,0,42 u1', '0,2,0 p0', '0,3,0 p0', '7,0,0 p0', '7,2,0 m1', '7,3,0 p0']);
  await second.socket.welcome();
  assert.deepEqual(second.socket.said().map(({ id, text }) => [id, text]), [[id, 'not answered']]);
  await second.socket.receive(`ok #${second.socket.said()[0].ref}`, '7,3,0 m2\nback');
  assert.equal(said.now, 'resolved');
  assert.deepEqual(texts(third), ['you', 'back']);
  assert.equal(third.client.state.state, 'open');
});

test('what was said as another user is not repeated by the next tab', async () => {
  const [first, second] = await openTabs({ rooms: ['7,1'] }, { rooms: ['7,1'] });
  const said = watch(second.client.say('7,1', 'not answered'));
  await settle();
  first.client.close();
  await settle();
  await second.socket.accept();
  await second.socket.welcome('43');

  assert.equal(said.now.code, 'uncertain');
  assert.deepEqual(second.socket.said(), []);
});

test('a close that is final closes every tab', async () => {
  const [first, second] = await openTabs({ rooms: ['7,1'] }, { rooms: ['7,1'] });
  const said = watch(second.client.say('7,1', 'hello'));
  await settle();
  await first.socket.end(4501, 'user blocked');

  for (const tab of [first, second]) assert.deepEqual(tab.client.state, { state: 'closed', code: 4501, reason: 'user blocked' });
  assert.equal(said.now.code, 'closed');
  await first.clock.advance(60_000);
  assert.equal(second.sockets.length, 0);
});

test('a loss is told to every tab, and the rooms come back', async () => {
  const [first, second] = await openTabs({ rooms: ['7,1'] }, { rooms: ['7,2'] });
  await first.socket.end(4001, 'gateway draining');
  assert.deepEqual([second.client.state.state, second.client.state.code], ['waiting', 4001]);
  await (await first.again()).accept();
  await first.socket.welcome();

  assert.deepEqual(second.of('joined').map(({ room }) => room), ['7,2', '7,2']);
});

test('a tab that becomes visible ends the wait of the tab with the connection, which may be hidden', async () => {
  const handlers = [];
  globalThis.addEventListener = (name, handler) => { if (name === 'visibilitychange') handlers.push(handler); };
  const [first, second] = await openTabs({ rooms: ['7,1'] }, { rooms: ['7,2'] });
  delete globalThis.addEventListener;
  await first.socket.end(1006);
  assert.equal(first.sockets.length, 1);
  first.random = 0.5;
  handlers.at(-1)(); // that of the second tab
  await first.clock.advance(500);

  assert.equal(first.sockets.length, 2);
  assert.equal(second.sockets.length, 0);
});

test('a tab whose room another tab is just joining is told when that is refused', async () => {
  const [first] = await openTabs({});
  const joined = watch(first.client.join('7,1'));
  const second = await openTab({ rooms: ['7,1'] });
  await first.socket.receive(`error #${first.socket.joins()[0][1]} 4505 join 7,1 too many rooms`);

  assert.equal(joined.now.code, 4505);
  assert.deepEqual(second.of('left'), [{ room: '7,1', code: 4505, text: 'too many rooms' }]);
});

test('a tab that says hello again does not repeat what is under way', async () => {
  const handlers = [];
  globalThis.addEventListener = (name, handler) => { if (name === 'visibilitychange') handlers.push(handler); };
  const [first, second] = await openTabs({ rooms: ['7,1'] }, { rooms: ['7,1'] });
  delete globalThis.addEventListener;
  watch(second.client.say('7,1', 'once'));
  await settle();
  const before = second.events.length;
  handlers.at(-1)();
  await settle();

  assert.equal(second.events.length, before, 'it knows the state already');
  assert.deepEqual(first.socket.said().map(({ text }) => text), ['once']);
});

test('a visible tab ends the wait when the timer of the tab with the connection is late', async () => {
  const [first, second] = await openTabs({ rooms: ['7,1'] }, { rooms: ['7,2'] });
  await first.socket.end(1006);
  first.random = 0;
  await second.clock.advance(first.delays.at(-1) + 1_000); // meanwhile the clock of the first tab stands still
  await first.clock.advance(0);

  assert.equal(first.sockets.length, 2);
});

test('a leave that is refused after its tab has ended is no unhandled error', async () => {
  const errors = [];
  const record = error => errors.push(error);
  process.on('unhandledRejection', record);
  const [first, second] = await openTabs({ rooms: ['7,1'] }, { rooms: ['7,2'] });
  second.client.close();
  await settle();
  await first.socket.receive(`error #${first.socket.sent.at(-1).split('#')[1]} 4504 leave 7,2 the room is not joined`);
  process.off('unhandledRejection', record);

  assert.deepEqual(errors, []);
});

test('what all tabs have left is forgotten by the tab that takes over', async () => {
  const [first, second] = await openTabs({ rooms: ['7,1'] }, { rooms: ['8,2'] });
  watch(first.client.leave('7,1'));
  await settle();
  await first.socket.receive(`left 7,1 #${first.socket.sent.at(-1).split('#')[1]}`);
  first.client.close();
  await settle();
  watch(second.client.join('7,1'));
  await settle();
  await second.socket.accept();

  assert.deepEqual(second.socket.lines().filter(line => /^since (7|0,1)/.test(line)), []);
});

test('more may wait in the tabs together than one allows: what may have been sent is uncertain', async () => {
  const [first, second, third] = await openTabs({ rooms: ['7,1'], maxQueued: 9 }, { rooms: ['7,1'], maxQueued: 1 }, { rooms: ['7,1'], maxQueued: 1 });
  const said = [second, third].map(tab => watch(tab.client.say('7,1', 'x')));
  await settle();
  first.client.close();
  await settle();

  assert.deepEqual(said.map(({ now }) => now.code).filter(Boolean), ['uncertain']);
});

test('original: after a handover there is a gap', async () => {
  const first = await openTab({ rooms: ['7,1'], dialect: 'original' });
  const second = await openTab({ rooms: ['7,1'], dialect: 'original' });
  await first.socket.accept();
  assert.equal(second.client.state.dialect, 'original');
  first.client.close();
  await settle();
  await second.socket.accept();
  await second.clock.advance(1_000);

  assert.deepEqual(second.of('gap').map(({ part }) => part).sort(), ['0,0,0', '0,1,0', '7,0,0', '7,1,0']);
});

test('tabs of different users, or of different addresses, do not share', async () => {
  const tabs = [await openTab({ shared: '42' }), await openTab({ shared: '43' }), await openTab({ shared: '42', url: 'ws://other/!direct' })];

  assert.deepEqual(tabs.map(tab => tab.sockets.length), [1, 1, 1]);
});

test('the queue of a tab is bounded', async () => {
  const [, second] = await openTabs({ rooms: ['7,1'] }, { rooms: ['7,1'], maxQueued: 1 });
  watch(second.client.say('7,1', 'one'));

  assert.equal((await outcome(second.client.say('7,1', 'two'))).code, 'queue_full');
});

test('without locks each tab has its own connection', async () => {
  remove();
  const scene = await Scene.open({ shared: true, rooms: ['7,1'] });

  assert.equal(scene.client.state.state, 'open');
  remove = installBrowser();
});
