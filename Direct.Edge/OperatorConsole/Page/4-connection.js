// The connection of this page, its frames, and signals.

const logLimit = 200;

// A list, newest first, that takes any number of lines: they are shown four times a second, and only the last ones are kept.
class Log {
  constructor(list) {
    Object.assign(this, { list, waiting: [], isScheduled: false });
  }

  add(kind, text) {
    this.waiting.push([timeOfDay(), kind, text]);
    if (this.waiting.length > logLimit) this.waiting.shift();
    if (!this.isScheduled) {
      this.isScheduled = true;
      setTimeout(() => this.flush(), 250);
    }
  }

  flush() {
    this.isScheduled = false;
    this.list.prepend(...this.waiting.reverse().map(([time, kind, text]) =>
      element('li', {}, element('time', {}, time), element('b', {}, kind), text)));
    this.waiting = [];
    while (this.list.childElementCount > logLimit) this.list.lastElementChild.remove();
  }
}

const frames = new Log(byId('frames'));
const announceFrame = announcer(byId('frame-news'));
let frameCount = 0, unspoken = 0;
let socket = null;

function webSocketUrl() {
  const { websocketUrl, websocketPort } = document.body.dataset;
  if (websocketUrl !== '') return websocketUrl;
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return `${scheme}://${websocketPort === '' ? location.host : `${location.hostname}:${websocketPort}`}/!direct`;
}

function setConnected(isConnected, text) {
  byId('connect').disabled = isConnected;
  byId('disconnect').disabled = !isConnected;
  for (const id of ['join-form', 'say-form']) byId(id).querySelector('button').disabled = !isConnected;
  byId('connection-state').textContent = text;
}

function addFrame(kind, text) {
  byId('frame-count').textContent = count(++frameCount);
  frames.add(kind, text.length > 2000 ? `${text.slice(0, 2000)}… (${count(text.length)} characters)` : text);
}

byId('websocket-url').textContent = webSocketUrl();
byId('connect-form').addEventListener('submit', event => {
  event.preventDefault();
  if (socket !== null) return;
  const opened = socket = new WebSocket(webSocketUrl());
  setConnected(true, 'Connecting…');
  opened.onopen = () => {
    opened.send(byId('token').value);
    setConnected(true, 'Connected. In the lobby until it joins.');
    addFrame('open', '');
    byId('group').focus();
  };
  opened.onmessage = event => {
    addFrame('in', event.data);
    unspoken++;
    announceFrame(unspoken === 1 ? `Frame: ${event.data.slice(0, 100)}` : `${unspoken} frames, the last: ${event.data.slice(0, 100)}`);
    setTimeout(() => { unspoken = 0; }, 2000);
  };
  opened.onclose = event => {
    socket = null;
    const reason = event.code === 1006 ? 'closed without a close frame (1006): refused, or the connection was lost' : `closed ${event.code} ${event.reason}`;
    addFrame('close', reason);
    const again = event.code >= 4000 && event.code <= 4499 ? ' It may connect again.' : '';
    setConnected(false, `Not connected: ${reason}.${again}`);
  };
});
byId('disconnect').addEventListener('click', () => socket?.close(1000));
byId('join-form').addEventListener('submit', event => {
  event.preventDefault();
  const room = `${byId('group').value},${byId('channel').value}`;
  socket?.send(room);
  addFrame('out', room);
  byId('connection-state').textContent = `Connected. Joined group ${byId('group').value}, channel ${byId('channel').value}.`;
});
byId('say-form').addEventListener('submit', event => {
  event.preventDefault();
  socket?.send(':' + byId('say').value);
  addFrame('out', ':' + byId('say').value);
});
byId('clear-frames').addEventListener('click', () => {
  byId('frames').replaceChildren();
  byId('frame-count').textContent = count(frameCount = 0);
});

const signal = (part, text) => call(`/!direct-signal?part=${encodeURIComponent(part)}`, { method: 'POST', body: text, headers: { 'Content-Type': 'text/plain; charset=utf-8' } });

byId('signal-form').addEventListener('submit', async event => {
  event.preventDefault();
  const started = performance.now();
  const answer = await signal(byId('part').value, byId('message').value);
  const took = milliseconds(performance.now() - started);
  const { delivered, gateways, pending } = answer.body ?? {};
  const late = pending?.length > 0 ? ` Not acknowledged yet by ${pending.join(', ')}.` : '';
  byId('signal-result').replaceChildren(element('p', {}, answer.status === 200 || answer.status === 202
    ? `Taken by ${plural(delivered, 'connection')} on ${plural(gateways, 'gateway')}; answered in ${took}.${late}` : problemOf(answer)));
});

function wordsOf(part) {
  const [group, channel, user] = part.split(',').map(field => field.replace(/^\+/, ''));
  const named = [[user, 'user'], [group, 'group'], [channel, 'channel']].filter(([id]) => !/^-?0+$/.test(id)).map(([id, name]) => `${name} ${id}`);
  return named.length === 0 ? 'everyone who has given a token' : `connections with ${named.join(' and ')}`;
}

async function explainTarget() {
  if (!byId('signal-form').reportValidity()) return;
  const part = byId('part').value;
  const answer = await call(`/!direct-signal?explain=1&part=${encodeURIComponent(part)}`);
  if (answer.status !== 200) {
    byId('signal-result').replaceChildren(element('p', {}, problemOf(answer)));
    return;
  }
  const { topic, connections, gateways, missing } = answer.body;
  const late = missing.length > 0 ? ` No answer from ${missing.join(', ')}.` : '';
  byId('signal-result').replaceChildren(
    element('p', {}, `${part} means ${wordsOf(part)}: ${plural(connections, 'connection')} on ${plural(gateways.length, 'gateway')}. It is published to the topic `, element('code', {}, topic), `. Nothing was sent.${late}`),
    ...gateways.length === 0 ? [] : [table('Gateways that hold a matching connection', [{ name: 'Gateway' }, { name: 'Connections', end: true }], gateways.map(gateway => [gateway.name, count(gateway.connections)]))]);
}

byId('explain').addEventListener('click', explainTarget);

// Times signals from here and back: a connection of its own, in a room that nobody else is in.
byId('time-signals').addEventListener('click', async () => {
  const result = byId('time-result');
  byId('time-signals').disabled = true;
  result.textContent = 'Timing…';
  try {
    const times = await timeSignals(10);
    result.textContent = `10 signals from this browser and back to it, your network included: fastest ${milliseconds(times[0])}, median ${milliseconds(times[5])}, slowest ${milliseconds(times[9])}.`;
  } catch (error) {
    result.textContent = error.message;
  }
  byId('time-signals').disabled = false;
});

function timeSignals(number) {
  const room = crypto.getRandomValues(new Uint32Array(2)).map(id => (id >>> 1) + 1).join(',');
  const own = new WebSocket(webSocketUrl());
  const times = [];
  let started = 0;
  const next = async () => {
    started = performance.now();
    const answer = await signal(`${room},0`, `console ${times.length}`);
    if (answer.status !== 200 && answer.status !== 202) throw new Error(problemOf(answer));
  };
  return new Promise((resolve, reject) => {
    const give = (act, value) => {
      own.onclose = null;
      own.close();
      act(value);
    };
    setTimeout(() => give(reject, new Error('Not all signals came back within 15 s.')), 15000);
    own.onclose = event => reject(new Error(`The connection for timing was closed: ${event.code} ${event.reason}`));
    own.onopen = () => {
      own.send('console');
      own.send(room);
      own.send(':joined');
    };
    own.onmessage = event => {
      if (event.data !== 'joined') times.push(performance.now() - started);
      if (times.length === number) give(resolve, times.sort((left, right) => left - right));
      else next().catch(error => give(reject, error));
    };
  });
}
