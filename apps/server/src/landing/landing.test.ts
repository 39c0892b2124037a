import fastify from 'fastify';
import { expect, test } from 'vitest';
import { registerLanding } from './routes.ts';

async function get(url: string) {
  const app = fastify({ routerOptions: { maxParamLength: 1024 } });
  registerLanding(app, '1.2.3');
  const reply = await app.inject({ url });
  await app.close();
  return reply;
}

test('the start page says what Telex is, and that there is no web app yet', async () => {
  const { statusCode, headers, body } = await get('/');
  expect(statusCode).toBe(200);
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  expect(body).toContain('Telex 1.2.3');
  expect(body).toContain('A web app is not there yet.');
});

test.each([
  ['/org/o-1', 'organisation'],
  ['/org/o-1/channel/c_2', 'channel'],
  ['/org/o-1/channel/c_2/thread/0193.a:b', 'thread'],
])('%s offers the same place in the desktop client', async (path, what) => {
  const { statusCode, body } = await get(path);
  expect(statusCode).toBe(200);
  expect(body).toContain(`<h1>A ${what} in Telex</h1>`);
  expect(body).toContain(`<a href="telex:/${path}">`);
});

test.each([
  '/org/%22%3E%3Cscript%3E',
  '/org/..%2f..%2fetc/channel/c',
  '/org/o/channel/%20c',
  '/org/o/channel/c/thread/a%0d%0ab',
  `/org/${'a'.repeat(129)}`,
  '/org/o/thread/t',
  '/org/o/channel/c/thread/t/more',
])('%s is no place, and nothing of it is repeated as a page', async (path) => {
  const { statusCode, headers, body } = await get(path);
  expect(statusCode).toBe(404);
  expect(headers['content-type']).toContain('application/json');
  expect(body).not.toContain('<script>');
});

test.each(['/', '/org/o/channel/c/thread/t'])(
  '%s runs no script, takes nothing from elsewhere, and follows dark and light',
  async (path) => {
    const { headers, body } = await get(path);
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(body).not.toMatch(/<script|<img|<link|http:|https:|\son\w+=/);
    expect(body).toContain('color-scheme: light dark');
    expect(body).toMatch(/<html lang="en">[\s\S]*<title>[^<]+<\/title>[\s\S]*<main>\s*<h1>/);
  },
);
