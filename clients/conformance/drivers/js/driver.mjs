// Carries out the commands of the conformance run with the JavaScript client, over npm's ws: a JSON object a line on standard input, events on
// standard output.
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { connect } from '../../../js/dist/client.js';

const WebSocket = createRequire(new URL('../../../../tests/Direct.Clients.Tests/package.json', import.meta.url))('ws');
const emit = (event, fields) => console.log(JSON.stringify({ event, ...fields }));
let client;

for await (const line of createInterface(process.stdin)) {
  const { do: verb, ...command } = JSON.parse(line);
  if (verb === 'connect') open(command);
  else if (verb === 'join') report(command.ref, client.join(command.room));
  else if (verb === 'leave') report(command.ref, client.leave(command.room));
  else if (verb === 'say') report(command.ref, client.say(command.room, command.text, { id: command.id }));
  else if (verb === 'close') client?.close();
  else throw new Error(`unknown command ${verb}`);
}
process.exit(0);

function open({ url, tokens, rooms, minMs, maxMs, connectTimeoutMs, keepAliveMs }) {
  client?.close();
  emit('ready');
  const own = client = connect(url, {
    token: ({ expired }) => {
      emit('token', { expired });
      return tokens.length > 1 ? tokens.shift() : tokens[0];
    },
    rooms, backoff: { minMs, maxMs }, connectTimeoutMs, probeTimeoutMs: keepAliveMs, WebSocket,
  });
  for (const name of ['state', 'message', 'gap', 'joined', 'left']) own.on(name, event => own === client && emit(name, event));
  own.on('error', error => own === client && emit('error', { text: error.message }));
}

function report(ref, call) {
  call.then(() => emit('result', { ref }), error => emit('result', { ref, code: error.code ?? error.message, text: error.text }));
}
