/** Prometheus' text format (exposition format 0.0.4), for the few kinds of figures we have. */

type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly values: readonly { readonly value: number; readonly labels?: Labels }[];
}

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export function renderSamples(samples: readonly Sample[]): string {
  return samples
    .map(({ name, help, type, values }) => {
      const lines = values.map(({ value, labels }) => `${name}${rendered(labels)} ${value}`);
      return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
    })
    .join('');
}

function rendered(labels: Labels | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(
    ([key, value]) => `${key}="${escapeLabel(value)}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

const BOUNDS_S = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

interface Series {
  readonly labels: Labels;
  readonly counts: number[];
  sumS: number;
  total: number;
}

/** A histogram of seconds, in series by a key. Keys must come from a bounded set. */
export class Histogram {
  readonly #name: string;
  readonly #help: string;
  readonly #series = new Map<string, Series>();

  constructor(name: string, help: string) {
    this.#name = name;
    this.#help = help;
  }

  observe(key: string, seconds: number, labelsOf: () => Labels): void {
    let series = this.#series.get(key);
    if (series === undefined) {
      series = { labels: labelsOf(), counts: BOUNDS_S.map(() => 0), sumS: 0, total: 0 };
      this.#series.set(key, series);
    }
    series.sumS += seconds;
    series.total += 1;
    const bucket = BOUNDS_S.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
  }

  render(): string {
    const name = this.#name;
    const lines = [`# HELP ${name} ${this.#help}`, `# TYPE ${name} histogram`];
    for (const { labels, counts, sumS, total } of this.#series.values()) {
      let below = 0;
      BOUNDS_S.forEach((bound, index) => {
        below += counts[index] ?? 0;
        lines.push(`${name}_bucket${rendered({ ...labels, le: String(bound) })} ${below}`);
      });
      lines.push(`${name}_bucket${rendered({ ...labels, le: '+Inf' })} ${total}`);
      lines.push(`${name}_sum${rendered(labels)} ${sumS}`);
      lines.push(`${name}_count${rendered(labels)} ${total}`);
    }
    return `${lines.join('\n')}\n`;
  }
}
