import { connect } from '/client.js';
const rooms = { '7,1': 'General', '7,2': 'Cooking', '7,3': 'Music' };
const messages = { '7,1': [], '7,2': [], '7,3': [] }, unread = {}, stale = new Set();
let current = '7,1', isFetching = false;
const $ = id => document.getElementById(id), element = (tag, properties) => Object.assign(document.createElement(tag), properties);
const get = (path, room) => fetch(`${path}?room=${room}`).then(response => response.json());

const client = connect((await get('/settings')).url, { rooms: Object.keys(rooms), dialect: 'direct.2' });
client.on('state', ({ state, user }) => { $('state').textContent = state === 'open' ? `you are guest ${user}` : state; });
client.on('joined', ({ room }) => reload([room])); // from here on the room is live
client.on('gap', ({ room }) => reload(rooms[room] ? [room] : Object.keys(rooms))); // fetch the state, and go on
client.on('message', ({ room, text }) => { // the backend has signalled it
  const message = parse(text);
  if (!messages[room] || !message?.id) return; // not by this backend: anyone may say something in a room
  add(room, [...messages[room], message]);
  if (room !== current) unread[room] = (unread[room] ?? 0) + 1;
  draw();
});
const parse = text => { try { return JSON.parse(text); } catch { return null; } };
// A message can come by the socket and with the state.
const add = (room, all) => { messages[room] = [...new Map(all.map(message => [message.id, message])).values()]; };

async function reload(which) { // gaps come in numbers: each room is fetched once, and again after a gap meanwhile
  which.forEach(room => stale.add(room));
  if (isFetching) return; else isFetching = true;
  for (const room of stale) {
    stale.delete(room);
    await get('/messages', room).then(kept => add(room, [...kept, ...messages[room]]), () => setTimeout(reload, 1000, [room]));
  }
  isFetching = false;
  draw();
}
function draw() {
  $('rooms').replaceChildren(...Object.entries(rooms).map(([room, name]) => element('button', {
    textContent: name + (unread[room] ? ` (${unread[room]})` : ''), ariaCurrent: room === current,
    onclick: () => { current = room; unread[room] = 0; draw(); drawMembers(); },
  })));
  $('messages').replaceChildren(...messages[current].map(({ name, text }) => element('p', { textContent: `${name}: ${text}` })));
  $('messages').scrollTop = $('messages').scrollHeight;
}
const drawMembers = () => get('/members', current).then(users => $('members').replaceChildren(...users.map(user =>
  element('li', { textContent: `guest ${user}${user === client.state.user ? ' (you)' : ''}` }))), () => {}); // and again in 2 s
$('form').onsubmit = async event => {
  event.preventDefault();
  const [name, text] = [$('name').value, $('text').value];
  const answer = await fetch('/messages', { method: 'POST', body: new URLSearchParams({ room: current, name, text }) }).catch(() => null);
  if (answer?.ok && $('text').value === text) $('text').value = ''; // otherwise it can be sent again
};
setInterval(drawMembers, 2000);
draw();
