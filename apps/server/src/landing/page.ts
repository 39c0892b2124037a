import { createHash } from 'node:crypto';
import { BASE_PATH } from '@telex/contract';

const STYLE = `
:root { color-scheme: light dark; }
body { font: 1.05rem/1.6 system-ui, sans-serif; max-width: 38rem; margin: 4rem auto; padding: 0 1.2rem; }
h1 { font-size: 1.8rem; margin-bottom: 0; }
p.lead { margin-top: 0.3rem; }
dt { font-weight: 600; margin-top: 0.8rem; }
dd { margin: 0; }
a { color: LinkText; }
a:focus-visible { outline: 3px solid; outline-offset: 2px; }
`;

/** No scripts, nothing from elsewhere. */
export interface Page {
  readonly html: string;
  readonly contentSecurityPolicy: string;
}

/** `/`: what this server is, for people who open it in a browser. */
export function startPage(version: string): Page {
  return page(
    'Telex server',
    `<h1>Telex server</h1>
<p class="lead">This is the API and push server of Telex ${version}. It works.</p>
<p>Telex tells people what is new in the threads of their organisations. They use it through Telex Start, which shows a notification when a thread has something new: to log in, give it the address of this page. A web app is not there yet.</p>
<dl>
<dt><a href="${BASE_PATH}/openapi.json">API description</a></dt>
<dd>Every route with its requests and replies, as OpenAPI 3.1.</dd>
<dt><a href="/readyz">Readiness</a></dt>
<dd>Whether the server can take requests now; <a href="/livez">liveness</a> says whether it runs.</dd>
</dl>`,
  );
}

/**
 * The web form of a link into Telex.
 *
 * @param path `org/ORG/channel/CH/thread/TH` or a part of it, of checked ids
 */
export function placePage(path: string): Page {
  const what = path.includes('/thread/')
    ? 'thread'
    : path.includes('/channel/')
      ? 'channel'
      : 'organisation';
  return page(
    `A ${what} in Telex`,
    `<h1>A ${what} in Telex</h1>
<p class="lead"><a href="telex://${path}">Open it in the Telex desktop client</a></p>
<p>That needs the client installed on this machine. Reading here, in the browser, is not possible yet: Telex has no web app so far.</p>
<p><a href="/">What this server is</a></p>`,
  );
}

function page(title: string, body: string): Page {
  const hash = createHash('sha256').update(STYLE).digest('base64');
  return {
    contentSecurityPolicy: `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    html: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`,
  };
}
