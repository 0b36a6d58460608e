import { connect } from '/client.js';
const $ = id => document.getElementById(id);
const frames = [], numbers = [];
let from, gaps = 0;
window.seen = { frames, numbers };

/** The browser's WebSocket, whose frames are recorded. */
class RecordedSocket extends WebSocket {
  constructor(...parameters) {
    super(...parameters);
    this.addEventListener('message', ({ data }) => record(`< ${data}`));
    this.addEventListener('close', ({ code }) => record(`-- closed: ${code}`));
  }
  send(data) { record(`> ${data}`); super.send(data); }
}
function record(text) {
  frames.push(text);
  $('frames').append(`${text.replaceAll('\n', '\n  ')}\n`);
  $('frames').scrollTop = $('frames').scrollHeight;
}

// After a loss it waits for a whole second, so that there is something to miss.
const { url } = await (await fetch('/settings')).json();
const client = connect(url, { rooms: ['7,1'], dialect: 'direct.2', WebSocket: RecordedSocket, backoff: { minMs: 1000, maxMs: 1000 }, random: () => 1 });
client.on('state', ({ state }) => { $('state').textContent = state; });
client.on('gap', () => { gaps++; show(); });
client.on('message', ({ room, text }) => { if (room === '7,1') { numbers.push(Number(text)); show(); } });
// It counts from a number that was not sent yet when the room was live: those before it may have overtaken each other.
client.on('joined', async () => { from ??= Number(await (await fetch('/next')).text()); });

function show() {
  const received = new Set(numbers), last = Math.max(...numbers), missing = [];
  for (let number = from; number <= last; number++) if (!received.has(number)) missing.push(number);
  const list = missing.length ? ` (${missing.slice(0, 5)}${missing.length > 5 ? '…' : ''})` : '';
  const count = `${missing.length} missing${list}, ${numbers.length - received.size} twice, ${gaps} gaps`;
  if (last >= from) $('numbers').textContent = `${from} to ${last}: ${count}`;
}
for (const name of ['kill', 'start']) {
  $(name).onclick = async () => {
    $('cluster').textContent = '…';
    $('cluster').textContent = await (await fetch(`/${name}`, { method: 'POST' })).text();
  };
}
