import type { Clock, Marks, MarksStore } from './ports.ts';

/** Between two writes: a flood of pushes must not become a flood of writes. */
const SPACING_MS = 250;

/**
 * Saves how far each organisation has been dealt with. The saved mark never runs ahead of what the
 * listeners are done with: a program killed before gets those pushes again.
 */
export class MarksKeeper {
  readonly #store: MarksStore;
  readonly #key: string;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  readonly #marks: Record<string, number>;
  readonly #delivered = new Map<string, number>();
  /** Pushes that listeners are still busy with, by organisation. */
  readonly #busy = new Map<string, number>();
  #isDirty = false;
  #saving: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;
  #isClosed = false;

  constructor(options: {
    readonly store: MarksStore;
    readonly key: string;
    readonly clock: Clock;
    readonly loaded: Marks;
    readonly onError: (error: unknown) => void;
  }) {
    this.#store = options.store;
    this.#key = options.key;
    this.#clock = options.clock;
    this.#onError = options.onError;
    this.#marks = { ...options.loaded };
  }

  mark(organisationId: string): number | undefined {
    return Object.hasOwn(this.#marks, organisationId) ? this.#marks[organisationId] : undefined;
  }

  move(organisationId: string, mark: number, isDone: void | Promise<void>): void {
    this.#delivered.set(organisationId, mark);
    if (isDone === undefined) {
      this.#advance(organisationId);
      return;
    }
    this.#busy.set(organisationId, (this.#busy.get(organisationId) ?? 0) + 1);
    const settle = () => {
      const left = (this.#busy.get(organisationId) ?? 1) - 1;
      if (left > 0) this.#busy.set(organisationId, left);
      else this.#busy.delete(organisationId);
      this.#advance(organisationId);
    };
    isDone.then(settle, settle);
  }

  forget(organisationId: string): void {
    delete this.#marks[organisationId];
    this.#delivered.delete(organisationId);
    this.#touch();
  }

  /** Saves what is left; never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer?.();
    await this.#saving;
    if (this.#isDirty) await this.#save();
  }

  #advance(organisationId: string): void {
    const mark = this.#delivered.get(organisationId);
    if (mark === undefined || this.#busy.has(organisationId)) return;
    if (this.#marks[organisationId] === mark) return;
    this.#marks[organisationId] = mark;
    this.#touch();
  }

  #touch(): void {
    this.#isDirty = true;
    if (this.#isClosed || this.#saving !== undefined || this.#cancelTimer !== undefined) return;
    this.#saving = this.#save();
  }

  async #save(): Promise<void> {
    this.#isDirty = false;
    try {
      await this.#store.save(this.#key, { ...this.#marks });
    } catch (error) {
      this.#onError(error);
    }
    this.#saving = undefined;
    if (this.#isClosed) return;
    this.#cancelTimer = this.#clock.after(SPACING_MS, () => {
      this.#cancelTimer = undefined;
      if (this.#isDirty) this.#touch();
    });
  }
}
