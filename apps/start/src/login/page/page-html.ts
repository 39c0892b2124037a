import { iconSvg } from '../../tray/icon-svg.ts';
import { type PageGiven, runPage } from './page-script.ts';
import { nextPage } from './page-state.ts';
import { pageStyle } from './page-style.ts';
import { placeWindow } from './place-window.ts';
import { words } from './words.ts';

/** What the page begins with. */
export interface PageRequest {
  readonly server: string | undefined;
  readonly reason: string | undefined;
  readonly email: string | undefined;
  readonly place: PageGiven['place'];
  /** Goes with everything the page sends. */
  readonly secret: string;
  /** Lets this page's own script and style run, and no others. */
  readonly nonce: string;
}

/** The login page: one document, nothing from elsewhere. */
export function pageHtml(request: PageRequest): string {
  const { server = '', email = '', reason = '', nonce, secret, place } = request;
  const icon = iconSvg('ok');
  const given: PageGiven = { secret, place, reason, words };
  return `<!doctype html>
<html lang="${words.lang}" dir="${words.dir}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${text(words.title)}</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(icon)}">
<style nonce="${nonce}">${pageStyle}</style>
</head>
<body>
<main id="content">
<header>
${icon.replace('<svg ', '<svg aria-hidden="true" ')}
<div><h1 id="title">${text(words.title)}</h1><p>${text(hostOf(server))}</p></div>
</header>
<form id="form" novalidate aria-describedby="reason">
<p id="reason" role="status" hidden></p>
<div id="problem">
<div role="alert"><strong id="problem-title" hidden></strong><span id="problem-text" hidden></span><span id="problem-wait" class="unseen" hidden></span></div>
<p id="wait" role="timer" hidden></p>
</div>
<div class="field">
<label for="email">${text(words.email)}</label>
<input id="email" name="username" type="email" inputmode="email" autocomplete="username" required autocapitalize="none" spellcheck="false" aria-describedby="problem-text" value="${text(email)}">
</div>
<div class="field">
<label for="password">${text(words.password)}</label>
<div class="secret">
<input id="password" name="password" type="password" autocomplete="current-password" required autocapitalize="none" spellcheck="false" aria-describedby="problem-text caps">
<button id="show" type="button" aria-pressed="false" aria-controls="password" aria-label="${text(words.showPassword)}" title="${text(words.showPassword)}"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12z"/><circle cx="12" cy="12" r="3"/><path class="bar" d="M4 4l16 16"/></svg></button>
</div>
<p id="caps" class="hint" role="status" hidden></p>
</div>
<details id="fold"${server === '' ? ' open' : ''}>
<summary>${text(words.serverFold)}</summary>
<label for="server">${text(words.server)}</label>
<input id="server" name="server" type="url" inputmode="url" autocomplete="off" required autocapitalize="none" spellcheck="false" aria-describedby="server-hint problem-text" value="${text(server)}">
<p id="server-hint" class="hint">${text(words.serverHint)}</p>
</details>
<div class="actions">
<button id="cancel" type="button">${text(words.cancel)}</button>
<button id="submit" type="submit"><span id="submit-text">${text(words.signIn)}</span></button>
</div>
<p id="note" role="status" hidden></p>
</form>
<section id="end" aria-labelledby="end-title" hidden>
<h2 id="end-title" tabindex="-1"></h2>
<p id="end-text" role="status"></p>
<div class="actions"><button id="done" type="button" aria-describedby="end-text">${text(words.done)}</button></div>
</section>
</main>
<script nonce="${nonce}">(${runPage})(window, { nextPage: ${nextPage}, placeWindow: ${placeWindow} }, ${literal(given)});</script>
</body>
</html>
`;
}

/** What may be done by the page, as its Content-Security-Policy. */
export function pagePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    // The icon of the window.
    'img-src data:',
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}

export interface OpeningRequest {
  /** Where the form goes: `http://127.0.0.1:PORT/open`. */
  readonly action: string;
  /** Good for one load of the page. */
  readonly secret: string;
  readonly nonce: string;
}

/** The file that a browser is started with: it holds the secret that no argument may, and posts it. */
export function openingHtml({ action, secret, nonce }: OpeningRequest): string {
  return `<!doctype html>
<html lang="${words.lang}" dir="${words.dir}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'nonce-${nonce}'; form-action ${text(action)}">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${text(words.openingTitle)}</title>
</head>
<body>
<form method="post" action="${text(action)}"><input type="hidden" name="secret" value="${text(secret)}"><noscript><button>${text(words.opening)}</button></noscript></form>
<script nonce="${nonce}">document.forms[0].submit();</script>
</body>
</html>
`;
}

/** Text for HTML, inside an element or a double-quoted attribute. */
function text(value: string): string {
  return value.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** A value inside a script element: no end tag and no comment can begin in it. */
function literal(value: unknown): string {
  return JSON.stringify(value).replace(/</g, '\\u003c');
}

function hostOf(server: string): string {
  return URL.parse(server)?.host ?? '';
}
