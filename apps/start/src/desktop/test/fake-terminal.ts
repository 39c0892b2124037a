import { EventEmitter } from 'node:events';
import type { Input } from '../terminal/prompt.ts';
import type { Output } from '../terminal/screen.ts';

/** A keyboard for tests. */
export interface FakeInput extends Input {
  readonly isRaw: boolean;
  type(text: string | Buffer): void;
  end(): void;
}

export function createFakeInput(isTTY: boolean): FakeInput {
  const emitter = new EventEmitter();
  let isRaw = false;
  let ahead: Buffer[] = [];
  let isFlowing = false;
  return {
    isTTY,
    get isRaw() {
      return isRaw;
    },
    setRawMode: (on) => {
      isRaw = on;
    },
    on: (event: string, listener: (chunk: Buffer) => void) => emitter.on(event, listener),
    off: (event: string, listener: (chunk: Buffer) => void) => emitter.off(event, listener),
    resume() {
      isFlowing = true;
      const waiting = ahead;
      ahead = [];
      for (const chunk of waiting) emitter.emit('data', chunk);
    },
    pause() {
      isFlowing = false;
    },
    type(text) {
      const chunk = Buffer.from(text);
      if (isFlowing) emitter.emit('data', chunk);
      else ahead.push(chunk);
    },
    end: () => void emitter.emit('end'),
  };
}

export interface FakeOutput extends Output {
  text(): string;
  /** Resolves as soon as the text holds this. */
  until(part: string): Promise<void>;
}

export function createFakeOutput(isTTY: boolean): FakeOutput {
  let text = '';
  const waiting = new Set<() => void>();
  return {
    isTTY,
    write(piece) {
      text += piece;
      for (const look of [...waiting]) look();
    },
    text: () => text,
    until: (part) =>
      new Promise((resolve) => {
        const look = () => {
          if (!text.includes(part)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}
