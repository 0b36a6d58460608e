// A bot: it stays in its rooms and answers what is said there. node bot.mjs [room ...]
import WebSocket from 'ws';
import { connect } from '../../clients/js/dist/client.js';

const answers = {
  '!ping': () => 'pong',
  '!echo': text => text,
  '!time': () => new Date().toISOString(),
  '!help': () => Object.keys(answers).join(' '),
};

const rooms = process.argv.length > 2 ? process.argv.slice(2) : ['7,1'];
const url = new URL('/!direct', process.env.DIRECT_URL ?? 'http://localhost:8085');
const client = connect(url, { token: process.env.BOT_TOKEN ?? '', rooms, WebSocket });

client.on('joined', ({ room }) => console.log(`in ${room}`));
client.on('left', ({ room, text }) => console.log(`no longer in ${room}: ${text}`));
client.on('gap', ({ part }) => console.log(`messages to ${part} may be missing`)); // old messages need no answer
client.on('error', error => console.error(error.message));
client.on('state', ({ state, code, reason }) => {
  if (state === 'waiting') console.log(`connection lost: ${code} ${reason}`);
  if (state === 'closed') process.exit(code === 1000 ? 0 : 1);
});

client.on('message', async ({ room, text }) => {
  const [, name, rest] = /^(\S+)\s*(.*)$/s.exec(text) ?? [];
  if (!Object.hasOwn(answers, name ?? '') || (room && !client.rooms.includes(room))) return; // only those who are in the room can be answered there
  try {
    // Its own messages come back to it: none of them begins with a command.
    await client.say(room ?? rooms[0], `bot: ${answers[name](rest)}`);
  } catch (error) {
    console.error(`not answered in ${room}: ${error.message}`);
  }
});

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => client.close());
