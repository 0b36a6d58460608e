// Compiled, not run: what applications may write, and what the compiler must refuse.
import NodeWebSocket from 'ws';
import { connect, DirectError, type Client, type Gap, type Message, type State } from '../dist/index.js';

const client: Client = connect(new URL('wss://chat.example/!direct'), {
  token: async ({ expired }) => (expired ? 'fresh' : 'cached'),
  rooms: ['7,1', [7, 1n], ['7', '1']],
  WebSocket: NodeWebSocket,
  shared: true,
  clock: { now: Date.now, after: (ms, handler) => { const timer = setTimeout(handler, ms); return () => clearTimeout(timer); } },
});
connect('ws://localhost:8085/!direct', { token: 'text', WebSocket, shared: '42' });

const off: () => void = client.on('message', (message: Message) => message.text.length);
client.on('gap', ({ part, room }: Gap) => [part.length, room.length]);
client.on('state', (state: State) => { if (state.state === 'open') state.dialect?.startsWith('direct.2'); });
client.on('error', error => error instanceof DirectError && error.code === 4505);
off();

export async function use(): Promise<void> {
  await client.join(['9007199254740993', 1]);
  await client.say('7,1', 'hello', { id: 'order-4711' }).catch((error: DirectError) => {
    if (error.code === 'queue_full' || error.code === 4015) return error.id;
  });
  await client.leave('7,1');
  const rooms: string[] = client.rooms;
  connect('ws://localhost/', { rooms, positions: client.positions });
  client.close();
}

// @ts-expect-error there is no such event
client.on('messages', () => {});
// @ts-expect-error an id is no boolean
client.join([true, 1]);
// @ts-expect-error the part is unknown in the original dialect
client.on('message', ({ part }) => part.length);
// @ts-expect-error no such dialect
connect('ws://localhost/', { dialect: 'direct.3' });
// @ts-expect-error the state is given by the client
client.state = { state: 'open' };
