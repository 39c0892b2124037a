import type { Type } from './types.ts';

/** One key of the configuration that the program reads. */
export interface Key<T> {
  readonly fallback: T;
  readonly type: Type<T>;
  /** What it does, for operators. */
  readonly help: string;
}

export function key<T>(row: Key<T>): Key<T> {
  return row;
}

type ValueOf<Row> = Row extends Key<infer T> ? T : never;
/** Every key of a table with its value, defaults filled in. */
export type Values<Table> = { readonly [Path in keyof Table]: ValueOf<Table[Path]> };
