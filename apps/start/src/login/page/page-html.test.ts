import { expect, test } from 'vitest';
import { openingHtml, pageHtml } from './page-html.ts';

const hostile = `"><script>alert(1)</script><!-- ' & </title>`;

test('what is filled in is text, whatever it holds', () => {
  const html = pageHtml({
    server: hostile,
    reason: hostile,
    email: hostile,
    place: 'window',
    secret: 's',
    nonce: 'n',
  });
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(html).not.toContain('alert(1)<');
  expect(html).not.toContain('<!--');
});

test('the script of the page uses nothing of its modules', () => {
  const html = pageHtml({
    server: undefined,
    reason: undefined,
    email: undefined,
    place: 'tab',
    secret: 's',
    nonce: 'n',
  });
  expect(html).not.toMatch(/__vi|import\b|require\(/);
});

test('the server address is folded away where it is known, and open where it is not', () => {
  const html = (server: string | undefined) =>
    pageHtml({ server, reason: '', email: '', place: 'tab', secret: 's', nonce: 'n' });
  expect(html('https://telex.example.org')).toContain('<details id="fold">');
  expect(html(undefined)).toContain('<details id="fold" open>');
});

test('[L2] the opening file posts the secret and may do nothing else', () => {
  const html = openingHtml({ action: 'http://127.0.0.1:1/open', secret: 'abc', nonce: 'n' });
  expect(html).toContain('<form method="post" action="http://127.0.0.1:1/open">');
  expect(html).toContain('name="secret" value="abc"');
  expect(html).toContain(
    `content="default-src 'none'; script-src 'nonce-n'; form-action http://127.0.0.1:1/open"`,
  );
});
