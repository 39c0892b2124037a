import { HubError } from '../src/index.ts';
import { onOneLine, rawElements, rawMembers } from './raw-members.ts';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The body of a request is no JSON, or a field of it has another type: HTTP 400. */
export class Undecodable extends Error {
  override readonly name = 'Undecodable';
}

/**
 * The fields of one JSON object of a request. What is absent or null has its zero value, except that null
 * is JSON like any other; unknown fields are not looked at, and a wrong type makes the whole request
 * undecodable, as Go's decoder has it.
 */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #text: string;
  #raw: ReadonlyMap<string, string> | undefined;

  /** @throws Undecodable */
  constructor(text: string) {
    this.#values = parseObject(text);
    this.#text = text;
  }

  text(name: string): string {
    const value = this.#values[name] ?? '';
    if (typeof value !== 'string') throw new Undecodable();
    return value;
  }

  whole(name: string): number {
    const value = this.#values[name] ?? 0;
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new Undecodable();
    return value;
  }

  /** A number that Centrifugo has without a sign. */
  offset(name: string): number {
    const value = this.whole(name);
    if (value < 0) throw new Undecodable();
    return value;
  }

  flag(name: string): boolean {
    const value = this.#values[name] ?? false;
    if (typeof value !== 'boolean') throw new Undecodable();
    return value;
  }

  texts(name: string): readonly string[] {
    const value = this.#values[name] ?? [];
    if (!Array.isArray(value) || !value.every(isText)) throw new Undecodable();
    return value;
  }

  /** A table of texts; undefined where it is absent or empty. */
  table(name: string): Readonly<Record<string, string>> | undefined {
    const value = this.#values[name];
    if (isAbsent(value)) return undefined;
    if (!isObject(value) || !Object.values(value).every(isText)) throw new Undecodable();
    return Object.keys(value).length === 0 ? undefined : (value as Record<string, string>);
  }

  /** JSON text on one line, as it was written, `null` too; undefined where it is absent. */
  json(name: string): string | undefined {
    const raw = this.#values[name] === undefined ? undefined : this.#member(name);
    return raw === undefined ? undefined : onOneLine(raw);
  }

  /**
   * Bytes in base64, read as UTF-8; undefined where they are absent.
   *
   * @throws HubError `badRequest` when they are neither
   */
  base64(name: string): string | undefined {
    const text = this.text(name);
    if (text === '') return undefined;
    if (!BASE64.test(text)) throw new HubError('badRequest', `${name} is not base64`);
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      throw new HubError('badRequest', `${name} does not hold UTF-8`);
    }
  }

  object(name: string): Fields | undefined {
    const value = this.#values[name];
    if (isAbsent(value)) return undefined;
    if (!isObject(value)) throw new Undecodable();
    return new Fields(this.#member(name) ?? '{}');
  }

  objects(name: string): readonly Fields[] {
    const value = this.#values[name] ?? [];
    if (!Array.isArray(value) || !value.every(isObject)) throw new Undecodable();
    return rawElements(this.#member(name) ?? '[]').map((text) => new Fields(text));
  }

  /** The names of fields that are there. */
  names(): readonly string[] {
    return Object.keys(this.#values).filter((name) => !isAbsent(this.#values[name]));
  }

  #member(name: string): string | undefined {
    this.#raw ??= rawMembers(this.#text);
    return this.#raw.get(name);
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Undecodable();
  }
  if (!isObject(value)) throw new Undecodable();
  return value;
}

function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
