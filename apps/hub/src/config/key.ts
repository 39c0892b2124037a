import type { Reader } from './readers.ts';

/** One key of the configuration that the program reads. */
export interface Key<T> {
  readonly fallback: T;
  readonly read: Reader<T>;
  /** What it does, for operators. */
  readonly help: string;
  /** Its value is shown nowhere. */
  readonly isSecret?: true;
}

export function key<T>(row: Key<T>): Key<T> {
  return row;
}

export type Keys = Readonly<Record<string, Key<never>>>;
type ValueOf<Row> = Row extends Key<infer T> ? T : never;
/** Every key of a table with its value, defaults filled in. */
export type Values<Table> = { readonly [Path in keyof Table]: ValueOf<Table[Path]> };
