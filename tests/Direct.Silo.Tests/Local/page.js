// Connections that come back as a well-made client's do. The test reads `clients`.
const clients = [];

function keep(url, place, streams) {
  const client = { place, streams, connections: [] };
  clients.push(client);
  open(0);

  function open(failures) {
    const socket = new WebSocket(url);
    const connection = { isOpen: false, code: 0, numbers: {}, others: [] };
    socket.onopen = () => {
      failures = 0;
      connection.isOpen = true;
      client.connections.push(connection);
      socket.send('token');
      socket.send(place);
    };
    socket.onmessage = ({ data }) => {
      const [, stream, number] = /^s(\d+)\.(\d+)$/.exec(data) ?? [];
      if (stream) {
        (connection.numbers[stream] ??= []).push(Number(number));
      } else {
        connection.others.push(data);
      }
    };
    socket.onclose = ({ code }) => {
      connection.isOpen = false;
      connection.code = code;
      if (code < 4500) {
        setTimeout(open, Math.min(1000, 50 * 2 ** failures) * (0.5 + Math.random()), failures + 1);
      }
    };
  }
}

// Whether every client has got, on the connection it has now, of each stream that is for it this number or a later one.
function haveAll(marks) {
  return clients.every(client => {
    const now = client.connections.at(-1);
    return now?.isOpen && client.streams.every(stream => now.numbers[stream]?.at(-1) >= marks[stream]);
  });
}

// Whether so many clients have got this, on the connection they have now.
function haveGot(text, count) {
  return clients.filter(client => client.connections.at(-1)?.others.includes(text)).length === count;
}
