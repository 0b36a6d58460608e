import { connect } from '/client.js';
const $ = id => document.getElementById(id);
const frames = [], numbers = [];
let gaps = 0;
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

function show() {
  const received = new Set(numbers), [first, last] = [Math.min(...received), Math.max(...received)];
  const count = `${last - first + 1 - received.size} missing, ${numbers.length - received.size} twice, ${gaps} gaps`;
  $('numbers').textContent = `${first} to ${last}: ${count}`;
}
for (const name of ['kill', 'start']) {
  $(name).onclick = async () => {
    $('cluster').textContent = '…';
    $('cluster').textContent = await (await fetch(`/${name}`, { method: 'POST' })).text();
  };
}
