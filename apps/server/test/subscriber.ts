import { WebSocket } from 'ws';

/** A client of any push server of Centrifugo's protocol, which keeps the data of pushes as text. */
export interface Subscriber {
  /** Subscribes; gives the list that fills with the JSON texts that come in. */
  listen(channel: string, token: string): Promise<readonly string[]>;
  /** Settles when the server has answered a command: everything before has come in. */
  fence(): Promise<void>;
  /** All that came in, in order. */
  readonly frames: readonly string[];
  /** The first that has this in it, now or later. */
  until(part: string): Promise<string>;
  readonly isOpen: boolean;
  /** The code of the close. */
  readonly closed: Promise<number>;
  close(): void;
}

/** Connects; settles when that is answered, or refused by a close. Data is kept as text, since parsing it would change numbers that are too large. */
export async function subscriber(url: string, connectionToken: string): Promise<Subscriber> {
  const socket = new WebSocket(url);
  const lists = new Map<string, string[]>();
  const waiting = new Map<number, () => void>();
  const frames: string[] = [];
  const wanted: { readonly part: string; readonly found: (frame: string) => void }[] = [];
  let lastId = 0;
  socket.on('message', (data) => {
    for (const line of String(data).split('\n')) take(line);
  });
  const closed = new Promise<number>((resolve) => {
    socket.once('close', (code) => {
      for (const answered of waiting.values()) answered();
      resolve(code);
    });
  });
  function take(line: string): void {
    frames.push(line);
    for (const { part, found } of wanted) if (line.includes(part)) found(line);
    const { id, push } = JSON.parse(line) as { id?: number; push?: { channel: string } };
    if (id !== undefined) waiting.get(id)?.();
    const at = line.indexOf('"data":');
    if (push === undefined || at < 0) return;
    const rest = line.slice(at + '"data":'.length);
    lists.get(push.channel)?.push(rest.slice(0, endOfObject(rest)));
  }
  function command(fields: object): Promise<void> {
    lastId += 1;
    const id = lastId;
    socket.send(JSON.stringify({ id, ...fields }));
    return new Promise((resolve) => waiting.set(id, resolve));
  }
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  await command({ connect: { token: connectionToken } });
  return {
    async listen(channel, token) {
      const list: string[] = [];
      lists.set(channel, list);
      await command({ subscribe: { channel, token } });
      return list;
    },
    frames,
    until(part) {
      const seen = frames.find((frame) => frame.includes(part));
      if (seen !== undefined) return Promise.resolve(seen);
      return new Promise((found) => wanted.push({ part, found }));
    },
    get isOpen() {
      return socket.readyState === WebSocket.OPEN;
    },
    closed,
    fence: () => command({ unsubscribe: { channel: 'org/other' } }),
    close: () => socket.terminate(),
  };
}

/** Where the JSON object that the text begins with ends. */
function endOfObject(text: string): number {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isInString) {
      if (character === '\\') at += 1;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '{') depth += 1;
    else if (character === '}' && --depth === 0) return at + 1;
  }
  return text.length;
}
