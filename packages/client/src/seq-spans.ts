/** Most spans kept; past it the oldest is given up. */
export const MAX_SPANS = 100;

/**
 * Which `seq`s have been delivered ahead of the mark, as closed spans. A stream that is not broken
 * gives everything between its first and its last push, so a whole run of pushes is one span: what is
 * remembered grows with the breaks, never with the pushes.
 */
export class SeqSpans {
  #spans: { readonly from: number; to: number }[] = [];
  /** The last span still grows: nothing was missed since its newest push. */
  #isOpen = false;

  has(seq: number): boolean {
    return this.#spans.some(({ from, to }) => from <= seq && seq <= to);
  }

  /** A push of the running stream, in ascending order. */
  add(seq: number): void {
    const last = this.#spans.at(-1);
    if (this.#isOpen && last !== undefined && seq > last.to) {
      last.to = seq;
      return;
    }
    this.#spans.push({ from: seq, to: seq });
    this.#isOpen = true;
    if (this.#spans.length > MAX_SPANS) this.#spans.shift();
  }

  /** The stream broke: the next push begins a new span. */
  break(): void {
    this.#isOpen = false;
  }

  /** Everything up to `mark` is known otherwise now. */
  forgetUpTo(mark: number): void {
    if (this.#spans.length > 0) this.#spans = this.#spans.filter(({ to }) => to > mark);
    if (this.#spans.length === 0) this.#isOpen = false;
  }
}
