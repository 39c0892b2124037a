import type { ServerResponse } from 'node:http';

/** A status without a body. */
export function reply(response: ServerResponse, status: number): void {
  setHeaders(response);
  response.statusCode = status;
  response.end();
}

export function replyJson(response: ServerResponse, body: object): void {
  setHeaders(response);
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(body));
}

/** What every answer carries: nothing is kept, and no other page gets at it. */
export function setHeaders(response: ServerResponse): void {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
}
