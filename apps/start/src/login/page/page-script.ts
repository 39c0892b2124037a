import type { PageElement, PageFold, PageInput, PageWindow } from './dom.ts';
import type {
  nextPage,
  PageEffect,
  PageEnd,
  PageEvent,
  PageField,
  PageOutcome,
  PageState,
} from './page-state.ts';
import type { placeWindow } from './place-window.ts';
import type { Words } from './words.ts';

/** What the page is given when it is made. */
export interface PageGiven {
  /** Goes with everything the page sends. */
  readonly secret: string;
  /** An app window of its own, or a tab of the user's browser. */
  readonly place: 'window' | 'tab';
  readonly reason: string;
  readonly words: Words;
}

interface PageParts {
  readonly nextPage: typeof nextPage;
  readonly placeWindow: typeof placeWindow;
}

/**
 * Drives the login page: turns what the user does into events of the machine, and its states into what is seen and
 * announced. Sent to the browser as text: it must use nothing but its parameters.
 */
export function runPage(window: PageWindow, parts: PageParts, given: PageGiven): void {
  const { secret, words } = given;
  const element = <Kind extends PageElement>(id: string): Kind => {
    const found = window.document.getElementById(id);
    if (found === null) throw new Error(`The page has no ${id}.`);
    return found as Kind;
  };
  const form = element('form');
  const email = element<PageInput>('email');
  const password = element<PageInput>('password');
  const server = element<PageInput>('server');
  const fields: Readonly<Record<PageField, PageInput>> = { email, password, server };
  const fold = element<PageFold>('fold');
  const show = element('show');
  const submit = element('submit');
  const cancel = element('cancel');

  let state: PageState = { kind: 'filling' };
  let trying: AbortController | undefined;
  let placed: ReturnType<typeof placeWindow> | undefined;

  const happen = (event: PageEvent): void => {
    const step = parts.nextPage(state, event, words);
    const before = state;
    state = step.state;
    if (state !== before) render(before);
    for (const effect of step.effects) run(effect);
  };

  const run = (effect: PageEffect): void => {
    switch (effect.kind) {
      case 'try':
        showPassword(false);
        trying = new window.AbortController();
        void send(effect.attempt, trying.signal);
        break;
      case 'stop-trying':
        trying?.abort();
        break;
      case 'clear-password':
        password.value = '';
        break;
      case 'leave':
        void post('/leave', {}).catch(() => {});
        break;
      case 'tick':
        window.setTimeout(() => happen({ kind: 'ticked', nowMs: window.performance.now() }), 1000);
        break;
      case 'focus':
        focus(effect.on);
        break;
      case 'close':
        close();
    }
  };

  const focus = (on: Extract<PageEffect, { kind: 'focus' }>['on']): void => {
    if (on === 'done') element('done').focus();
    else if (on === 'end') element('end-title').focus();
    else {
      if (on === 'server') fold.open = true;
      fields[on].focus();
    }
  };

  const close = (): void => {
    if (given.place !== 'window' || state.kind !== 'over') return;
    const isRead = state.end === 'signed-in' || state.end === 'cancelled';
    // What the user did not ask for is to be read first. Leaving is told before the window goes.
    window.setTimeout(() => window.close(), isRead ? 50 : 2500);
  };

  const post = async (path: string, body: object, signal?: AbortSignal): Promise<unknown> => {
    const reply = await window.fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ secret, ...body }),
      cache: 'no-store',
      keepalive: path === '/leave',
      ...(signal === undefined ? {} : { signal }),
    });
    if (!reply.ok) throw new Error(`HTTP ${reply.status}`);
    return reply.status === 204 ? undefined : reply.json();
  };

  const send = async (attempt: object, signal: AbortSignal): Promise<void> => {
    try {
      const outcome = (await post('/sign-in', attempt, signal)) as PageOutcome;
      happen({ kind: 'answered', outcome, nowMs: window.performance.now() });
    } catch {
      if (!signal.aborted) happen({ kind: 'ended', end: 'lost' });
    }
  };

  /** Held open as long as the page lives: both sides notice when the other one has gone. */
  const listen = async (): Promise<void> => {
    for (let failures = 0; failures < 2; ) {
      try {
        const { end } = (await post('/wait', {})) as { end?: PageEnd };
        failures = 0;
        if (end !== undefined) return happen({ kind: 'ended', end });
      } catch {
        // A browser may give up on a long answer; a second refusal in a row is the end.
        failures += 1;
      }
    }
    happen({ kind: 'ended', end: 'lost' });
  };

  const text = (id: string, content: string): void => {
    const target = element(id);
    // A live region that is written again is announced again.
    if (target.textContent !== content) target.textContent = content;
    target.hidden = content === '';
  };

  const clock = (leftMs: number): string => {
    const seconds = Math.ceil(leftMs / 1000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  };

  const render = (before: PageState): void => {
    const isOver = state.kind === 'over' || state.kind === 'told';
    form.hidden = isOver;
    element('end').hidden = !isOver;
    if (state.kind === 'told') renderEnd(words.signedInTitle, state.sentence);
    else if (state.kind === 'over') {
      password.value = '';
      element('done').hidden = true;
      renderEnd(...ends[state.end]);
    } else renderForm(state, before);
    placed?.fit();
  };

  const renderForm = (
    now: Exclude<PageState, { kind: 'told' | 'over' }>,
    before: PageState,
  ): void => {
    const isTrying = now.kind === 'trying';
    const problem = now.kind === 'trying' ? undefined : now.problem;
    window.document.title =
      problem === undefined ? words.title : `${problem.title} – ${words.title}`;
    text('problem-title', problem?.title ?? '');
    text('problem-text', problem?.text ?? '');
    element('problem').setAttribute('data-shown', String(problem !== undefined));
    // Said once; the time that is seen to run down would be said again every second.
    if (before.kind !== 'waiting')
      text('problem-wait', now.kind === 'waiting' ? `${words.waitLeft} ${clock(now.leftMs)}` : '');
    text('wait', now.kind === 'waiting' ? `${words.waitLeft} ${clock(now.leftMs)}` : '');
    text('note', isTrying ? words.signingIn : (now.kind === 'filling' && now.note) || '');
    element('reason').hidden = given.reason === '' || problem !== undefined;
    for (const [name, field] of Object.entries(fields)) {
      field.readOnly = isTrying;
      if (problem?.field === name) field.setAttribute('aria-invalid', 'true');
      else field.removeAttribute('aria-invalid');
    }
    form.setAttribute('aria-busy', String(isTrying));
    // Not `disabled`: that would take the focus away from a button that is pressed.
    submit.setAttribute('aria-disabled', String(now.kind !== 'filling'));
    if ((before.kind === 'trying') !== isTrying) {
      element('submit-text').textContent = isTrying ? words.signingIn : words.signIn;
      cancel.textContent = isTrying ? words.stop : words.cancel;
    }
  };

  const ends: Readonly<Record<PageEnd, readonly [title: string, sentence: string]>> = {
    'signed-in': [words.signedInTitle, words.signedIn],
    cancelled: [words.cancelledTitle, words.cancelled],
    void: [words.voidTitle, words.void],
    'time-limit': [words.voidTitle, words.timeLimit],
    lost: [words.voidTitle, words.lost],
  };

  const renderEnd = (title: string, sentence: string): void => {
    element('title').textContent = words.product;
    element('end-title').textContent = title;
    element('end-text').textContent = sentence;
    window.document.title = title;
  };

  const showPassword = (isShown: boolean): void => {
    password.type = isShown ? 'text' : 'password';
    show.setAttribute('aria-pressed', String(isShown));
  };

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const attempt = {
      email: email.value.trim(),
      password: password.value,
      server: server.value.trim(),
    };
    happen({ kind: 'submitted', attempt });
  });
  cancel.addEventListener('click', () => happen({ kind: 'left' }));
  element('done').addEventListener('click', () => happen({ kind: 'left' }));
  show.addEventListener('click', () => {
    showPassword(password.type === 'password');
    password.focus();
  });
  fold.addEventListener('toggle', () => placed?.fit());
  window.document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    happen({ kind: 'left' });
  });
  for (const type of ['keydown', 'keyup', 'mousedown']) {
    window.document.addEventListener(type, (event) => {
      const isOn = event.getModifierState?.('CapsLock') === true;
      const wasShown = !element('caps').hidden;
      text('caps', isOn ? words.capsLock : '');
      if (isOn !== wasShown) placed?.fit();
    });
  }

  // Written now and not in the page's text: only what changes in a live region is announced.
  text('reason', given.reason);
  placed = given.place === 'window' ? parts.placeWindow(window, element('content')) : undefined;
  (email.value === '' ? email : password).focus();
  void listen();
}
