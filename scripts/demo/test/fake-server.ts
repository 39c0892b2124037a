// Stands in for telex-server: the ready line, a login, a post, and `GET /told` that answers Telex Start's stand-in with
// the next message. FAKE says how it misbehaves.
import { writeSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const fault = process.env.FAKE ?? '';
const say = (line: object) => writeSync(3, `${JSON.stringify(line)}\n`);
if (fault === 'port-taken') {
  say({ ready: false, code: 'port_taken', message: 'Port 8443 is in use by another program.' });
  process.exit(1);
}
if (fault === 'server-dies') {
  console.error('something broke');
  process.exit(7);
}

const waiting: ServerResponse[] = [];
const server = createServer((request, response) => {
  if (request.url === '/told') {
    waiting.push(response);
    response.flushHeaders();
    return;
  }
  const answer = (status: number, body: object) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  request.resume().on('end', () => {
    if (request.url === '/api/v1/auth/login') answer(200, { data: { access_token: 'token' } });
    else if (fault === 'post-refused') answer(403, { message: 'You are not a member.' });
    else {
      // The reader hears of it before the author has the answer, as on a real server.
      for (const one of waiting.splice(0)) one.end('message-1');
      answer(201, { data: { id: 'message-1' } });
    }
  });
});
server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const account = (name: string) => ({ name, email: `${name}@demo.test`, password: 'secret' });
  say({
    ready: true,
    url,
    internal_url: url,
    ca_file: null,
    demo: {
      organisation: { id: 'o', name: 'Northwind' },
      channel: { id: 'c', name: 'general' },
      accounts: [account('ada'), account('grace')],
      webhook_url: `${url}/feed/slug`,
    },
  });
});
