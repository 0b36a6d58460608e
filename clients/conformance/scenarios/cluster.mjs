// What every client must do while a gateway of a real cluster ends. All clients work at the same time, each in a room of its own.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const WebSocket = createRequire(new URL('../../../tests/Direct.Clients.Tests/package.json', import.meta.url))('ws');
const sleep = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

const work = { backend: sendSignals, socket: stayInRoom };

/** What happens to a gateway, and the row of the table for each family. */
export const faults = [
  { happens: cluster => cluster.crash(), rows: { backend: 'a gateway is killed: each signal once', socket: 'a gateway is killed: back in the room' } },
  { happens: cluster => cluster.drain(), rows: { backend: 'a gateway is drained: each signal once', socket: 'a gateway is drained: back in the room' } },
];

/** Lets clients work before, during and after a fault: `workers` is a list of { family, driver }. Returns the error of each, null if there is none. */
export async function runFault(cluster, workers, { happens }) {
  const end = { isOver: false };
  const started = [];
  const works = workers.map(({ family, driver }, i) => {
    let start;
    started.push(new Promise(resolve => { start = resolve; }));
    const room = `${100 + i},${Date.now() % 1_000_000}`;
    return work[family]({ cluster, driver, room, start, end }).then(() => null, error => error).finally(start);
  });
  await Promise.all(started); // a program may take a second to start
  await sleep(1000);
  await happens(cluster);
  await sleep(1500);
  end.isOver = true;
  return Promise.all(works);
}

async function sendSignals({ cluster, driver, room, start, end }) {
  const observer = await Observer.join(cluster, room);
  driver.send({ do: 'new', gateways: cluster.urls, key: null, timeoutSeconds: 10, totalSeconds: 30 });
  await driver.next(event => event.event === 'ready', 'ready');
  start();
  const sent = [];
  for (let i = 0; !end.isOver; i++) {
    const isArray = i % 3 === 2;
    const items = isArray ? [`${i} a`, `${i} b`] : [`${i}`];
    sent.push(...items);
    driver.send(isArray
      ? { do: 'signals', items: items.map(message => ({ part: `${room},0`, message })) }
      : { do: 'signal', part: `${room},0`, message: items[0] });
    const event = await driver.next(undefined, 'the end of a call', 35_000);
    assert.equal(event.event, 'done', JSON.stringify(event));
    assert.ok(event.receipts.every(({ status }) => status === 200 || status === 202), JSON.stringify(event));
    await sleep(20);
  }

  await observer.receives(sent.at(-1));
  assert.deepEqual(observer.texts, sent, 'what arrived');
  observer.close();
}

async function stayInRoom({ cluster, driver, room, start, end }) {
  const observer = await Observer.join(cluster, room);
  const events = [];
  driver.send({ do: 'connect', url: cluster.entry.url, tokens: ['a-token'], rooms: [room], minMs: 100, maxMs: 500, connectTimeoutMs: 5000, keepAliveMs: 5000 });
  await driver.next(event => event.event === 'ready', 'ready');
  await driver.next(event => event.event === 'joined', 'joined');
  start();
  const said = [];
  const sent = [];
  const publishing = (async () => {
    while (!end.isOver) {
      sent.push(`signal ${sent.length}`);
      const answer = await fetch(`${cluster.urls[1]}/!direct-signal`, {
        method: 'POST', body: new URLSearchParams({ part: `${room},0`, message: sent.at(-1) }),
      });
      assert.ok(answer.ok, await answer.text());
      await sleep(30);
    }
  })();
  publishing.catch(() => { end.isOver = true; }); // awaited below
  while (!end.isOver) {
    driver.send({ do: 'say', room, text: `said ${said.length}`, ref: said.length });
    said.push(`said ${said.length}`);
    await sleep(300);
    events.push(...driver.drain());
  }
  await publishing;

  const isOver = () => events.filter(({ event }) => event === 'result').length === said.length
    && events.some(({ event, text }) => event === 'message' && text === sent.at(-1));
  for (const start = performance.now(); !isOver() && performance.now() - start < 30_000;) {
    await sleep(50);
    events.push(...driver.drain());
  }

  // Every broadcast was confirmed, and arrived once.
  const results = events.filter(({ event }) => event === 'result');
  assert.equal(results.length, said.length, 'confirmations');
  assert.deepEqual(results.filter(({ code }) => code !== undefined), []);
  assert.deepEqual(observer.texts.filter(text => text.startsWith('said')).sort(), said.sort(), 'broadcasts');

  // No signal came twice, they came in order, and a gap was reported before the first one after those that are missing.
  assert.ok(events.some(({ event, state }) => event === 'state' && state === 'open'), 'it was connected again');
  let expected = 0;
  let isGap = false;
  for (const { event, part, text } of events) {
    if (event === 'gap' && (part === `${room},0` || part === null)) isGap = true;
    if (event !== 'message' || !text.startsWith('signal')) continue;
    const number = Number(text.split(' ')[1]);
    assert.ok(number >= expected, `${text} came twice or late`);
    assert.ok(number === expected || isGap, `signals ${expected} to ${number - 1} are missing without a gap`);
    isGap = false;
    expected = number + 1;
  }
  assert.equal(expected, sent.length, 'the last signal');
  observer.close();
}

/** A connection in the original dialect at the gateway that stays: it receives everything once. */
class Observer {
  texts = [];

  static async join(cluster, room) {
    const observer = new Observer();
    observer.#socket = new WebSocket(`ws://127.0.0.1:${cluster.ports[1]}/!direct`);
    observer.#socket.on('message', data => observer.texts.push(`${data}`));
    await new Promise((resolve, reject) => observer.#socket.on('open', resolve).on('error', reject));
    observer.#socket.send('observer');
    observer.#socket.send(room);
    observer.#socket.send(':joined');
    await observer.receives('joined');
    observer.texts = [];
    return observer;
  }

  #socket;

  async receives(text) {
    for (const start = performance.now(); !this.texts.includes(text);) {
      if (performance.now() - start > 5000) throw new Error(`'${text}' expected within 5 s, got ${this.texts.slice(-5)}`);
      await sleep(10);
    }
  }

  close() {
    this.#socket.close();
  }
}
