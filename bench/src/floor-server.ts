// The floor of a latency figure: a server that does nothing, in a process of its own. Says its port on
// stdout and ends when its stdin does.
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  request.resume().on('end', () => response.end('{}'));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') console.log(address.port);
});
process.stdin.resume().on('end', () => process.exit(0));
