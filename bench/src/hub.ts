import { needDescriptors } from './descriptors.ts';
import { hubTarget, peerTargets } from './hub/push-target.ts';
import { CLIENTS, CROWD, crowd, fanOut, personal, roundTrips } from './hub/scenarios.ts';
import { middleOf, ratioOf, type Samples, sideBySide } from './hub/side-by-side.ts';
import type { Goal, Report } from './report.ts';
import { significant } from './stats.ts';

const RUNS = 3;

interface Metric {
  readonly id: string;
  readonly metric: string;
  readonly what: string;
  readonly unit: string;
  /** Held against the ratio to the peer, or against the hub's own value. */
  readonly ratio?: Goal;
  readonly value?: Goal;
}

const atMost = (value: number): Goal => ({ kind: 'at-most', value });
const atLeast = (value: number): Goal => ({ kind: 'at-least', value });
const info: Goal = { kind: 'info', text: '' };

/**
 * S3 to S6: what the hub costs beside Centrifugo's engine (and Centrifugo, where there is one) in the same run:
 * the same configuration, the same calls, a load generator in a process of its own.
 */
export async function run(report: Report): Promise<void> {
  needDescriptors(CROWD);
  const peers = await peerTargets();
  const targets = [hubTarget, ...peers];
  report.note(
    `beside ${peers.map(({ name }) => name).join(' and ')}, ${RUNS} runs each, about six minutes`,
  );
  const note = (line: string) => report.note(line);
  const measure = async (
    scenario: Parameters<typeof sideBySide>[0],
    metrics: readonly Metric[],
    runs = RUNS,
  ) => {
    const samples = await sideBySide(scenario, targets, runs, note);
    for (const metric of metrics) tell(report, metric, samples);
  };
  await measure(fanOut(false), fanOutMetrics('no TLS', true));
  await measure(personal(false), [
    ...personalMetrics('no TLS', true),
    ...stormMetrics('no TLS', true),
  ]);
  await measure(crowd(), crowdMetrics());
  await measure(roundTrips(false), latencyMetrics('no TLS'));
  await measure(fanOut(true), fanOutMetrics('TLS', false), 2);
  await measure(
    personal(true),
    [
      ...personalMetrics('TLS', false),
      ...stormMetrics('TLS', false),
      {
        id: 'S5',
        metric: 'kb',
        what: `memory per idle connection with one subscription, ${CLIENTS} connections, TLS, PSS after 5 s`,
        unit: 'KB',
        value: info,
      },
    ],
    2,
  );
  await measure(roundTrips(true), latencyMetrics('TLS'), 2);
}

function fanOutMetrics(tls: string, isGoal: boolean): Metric[] {
  const load = `${CLIENTS} connections, one channel, 300 B, history on, ${tls}`;
  const goal = (ratio: Goal) => (isGoal ? { ratio } : { ratio: info });
  return [
    {
      id: 'S3',
      metric: 'flatOut.micros',
      what: `CPU per delivery flat out, ${load}`,
      unit: 'µs',
      ...goal(atMost(0.7)),
    },
    {
      id: 'S3',
      metric: 'flatOut.perSecond',
      what: `deliveries a second flat out, ${load}`,
      unit: '/s',
      ...goal(atLeast(1)),
    },
    {
      id: 'S3',
      metric: 'paced.micros',
      what: `CPU per delivery at 20 messages/s, ${load}`,
      unit: 'µs',
      ...goal(atMost(0.7)),
    },
    {
      id: 'S3',
      metric: 'paced.p99',
      what: `publish → each of ${CLIENTS} clients at 20 messages/s, p99, ${tls}`,
      unit: 'ms',
      value: info,
    },
  ];
}

function personalMetrics(tls: string, isGoal: boolean): Metric[] {
  const load = `broadcast to ${CLIENTS} personal channels, 300 B, history on, ${tls}`;
  const goal = (ratio: Goal) => (isGoal ? { ratio } : { ratio: info });
  return [
    {
      id: 'S4',
      metric: 'flatOut.micros',
      what: `CPU per delivery flat out, ${load}`,
      unit: 'µs',
      ...goal(atMost(0.4)),
    },
    {
      id: 'S4',
      metric: 'flatOut.perSecond',
      what: `deliveries a second flat out, ${load}`,
      unit: '/s',
      ...goal(atLeast(1.5)),
    },
    {
      id: 'S4',
      metric: 'paced.micros',
      what: `CPU per delivery at 5 broadcasts/s, ${load}`,
      unit: 'µs',
      ...goal(atMost(0.4)),
    },
    {
      id: 'S4',
      metric: 'paced.p99',
      what: `publish → each of ${CLIENTS} clients at 5 broadcasts/s, p99, ${tls}`,
      unit: 'ms',
      value: info,
    },
  ];
}

function stormMetrics(tls: string, isGoal: boolean): Metric[] {
  const load = `${CLIENTS} at once, JWT connect and subscribe in one frame, ${tls}`;
  return [
    {
      id: 'S6',
      metric: 'connectMicros',
      what: `CPU per connection, ${load}`,
      unit: 'µs',
      ratio: isGoal ? atMost(0.6) : info,
    },
    { id: 'S6', metric: 'stormMs', what: `all subscribed, ${load}`, unit: 'ms', value: info },
  ];
}

function crowdMetrics(): Metric[] {
  const load = `${CROWD} connections, 500 at a time, no TLS`;
  return [
    {
      id: 'S6',
      metric: 'connectMicros',
      what: `CPU per connection, ${load}`,
      unit: 'µs',
      ratio: atMost(0.6),
    },
    { id: 'S6', metric: 'stormMs', what: `all subscribed, ${load}`, unit: 'ms', value: info },
    {
      id: 'S5',
      metric: 'kb',
      what: `memory per idle connection with one subscription, ${CROWD} connections, no TLS, PSS after 5 s`,
      unit: 'KB',
      value: atMost(8),
    },
  ];
}

function latencyMetrics(tls: string): Metric[] {
  return (['p50', 'p99'] as const).map((metric) => ({
    id: 'S3',
    metric,
    what: `publish → push, one subscriber, 50 messages/s, ${metric}, ${tls}`,
    unit: 'ms',
    value: info,
  }));
}

/** A ratio is told with what it was made of; a value with what the others had. */
function tell(report: Report, { id, metric, what, unit, ratio, value }: Metric, samples: Samples) {
  const [[, ours] = [hubTarget, []], ...others] = samples;
  const shown = (of: number) => `${significant(of).toLocaleString('en-US')} ${unit}`;
  const middle = middleOf(ours, metric);
  if (value !== undefined) {
    const peer = others.map(([{ name }, theirs]) => [name, shown(middleOf(theirs, metric))]);
    const figure = { id, what, value: significant(middle), unit, goal: value };
    report.figure({ ...figure, peer: Object.fromEntries(peer) });
  }
  if (ratio === undefined) return;
  for (const [{ name }, theirs] of others) {
    report.figure({
      id,
      what: `${what}: hub ÷ ${name}`,
      value: significant(ratioOf(ours, theirs, metric)),
      unit: '×',
      goal: ratio,
      peer: { hub: shown(middle), [name]: shown(middleOf(theirs, metric)) },
    });
  }
}
