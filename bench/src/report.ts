/** How a measured value is held against its goal; `info` has no goal of its own. */
export type Goal =
  | { readonly kind: 'at-most'; readonly value: number }
  | { readonly kind: 'at-least'; readonly value: number }
  | { readonly kind: 'exactly'; readonly value: number }
  | { readonly kind: 'info'; readonly text: string };

export interface Figure {
  /** As in the table of goals: "S3", "R1". */
  readonly id: string;
  /** What was measured, with the load: "CPU per delivery, 2,000 connections, 300 B". */
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly goal: Goal;
  /** What the goal is measured against, as name and value: `{ "centrifugo": 9.0 }`. */
  readonly peer?: Readonly<Record<string, number | string>>;
}

/** Takes the figures of a bench, in the order in which they are known. */
export interface Report {
  /** One measured figure. */
  figure(figure: Figure): void;
  /** A line for the reader: what is being done, a seed, a circumstance. Not part of the figures. */
  note(text: string): void;
}

export interface Sink {
  readonly out: (line: string) => void;
  readonly notes: (line: string) => void;
}

/** Whether the figure meets its goal; one without a goal always does. */
export function isMet({ value, goal }: Pick<Figure, 'value' | 'goal'>): boolean {
  switch (goal.kind) {
    case 'at-most':
      return value <= goal.value;
    case 'at-least':
      return value >= goal.value;
    case 'exactly':
      return value === goal.value;
    case 'info':
      return true;
  }
}

/** One JSON object a line, with the notes kept apart so that the lines stay machine-readable. */
export function jsonReport({ out, notes }: Sink): Report {
  return {
    figure: (figure) => {
      const { id, what, value, unit, goal, peer = {} } = figure;
      const met = isMet(figure);
      out(JSON.stringify({ id, what, value, unit, goal: describeGoal(goal), met, peer }));
    },
    note: notes,
  };
}

/** A table for people: id, value, goal, verdict, what. */
export function tableReport({ out, notes }: Sink): Report {
  return {
    figure: (figure) => {
      const { id, what, value, unit, goal, peer } = figure;
      const verdict = goal.kind === 'info' ? ' ' : isMet(figure) ? '✓' : '✗';
      const peers = Object.entries(peer ?? {})
        .map(([name, of]) => `${name} ${of}`)
        .join(', ');
      const cells = [
        `${verdict} ${id.padEnd(4)}`,
        `${formatNumber(value)} ${unit}`.padEnd(18),
        describeGoal(goal).padEnd(12),
        peers === '' ? what : `${what} (${peers})`,
      ];
      out(cells.join('  ').trimEnd());
    },
    note: notes,
  };
}

function describeGoal(goal: Goal): string {
  const sign = { 'at-most': '≤', 'at-least': '≥', exactly: '=' } as const;
  return goal.kind === 'info' ? goal.text : `${sign[goal.kind]} ${formatNumber(goal.value)}`;
}

/** 117000 → "117,000", 0.4731 → "0.473". */
function formatNumber(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 10 ? 3 : 1 });
}
