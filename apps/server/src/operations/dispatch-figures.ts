import { Histogram, renderSamples, type Sample } from '@telex/hub/metrics';
import type { DispatchObserver } from '../events/dispatcher.ts';
import type { Log } from '../log/log.ts';

const NO_LABELS = () => ({});

/** What the dispatcher does, for `/metrics` and the log. */
export function dispatchFigures(
  log: Log,
  nowMs: () => number,
): DispatchObserver & { render(): string } {
  const latency = new Histogram(
    'telex_event_publish_seconds',
    'From storing an event to the push server having it.',
  );
  const counts = { published: 0, receivers: 0, retries: 0, deadLetters: 0, failures: 0 };
  const counter = (name: string, help: string, value: number): Sample => ({
    name,
    help,
    type: 'counter',
    values: [{ value }],
  });
  return {
    published(event, receivers) {
      counts.published += 1;
      counts.receivers += receivers;
      latency.observe('', (nowMs() - event.created_at) / 1000, NO_LABELS);
    },
    retrying(organisationId, error, delayMs) {
      counts.retries += 1;
      const fields = { organisation_id: organisationId, err: error, delay_ms: delayMs };
      log.warn(fields, 'the push server did not take an event; it is sent again');
    },
    deadLetter(event, error) {
      counts.deadLetters += 1;
      const fields = { organisation_id: event.organisation_id, seq: event.seq, err: error };
      log.error(fields, 'an event can never be sent and is now a dead letter');
    },
    failed(error) {
      counts.failures += 1;
      log.error({ err: error }, 'the outbox could not be read or written; it is tried again');
    },
    render: () =>
      latency.render() +
      renderSamples([
        counter('telex_events_published_total', 'Events sent.', counts.published),
        counter('telex_event_receivers_total', 'Push channels they went to.', counts.receivers),
        counter('telex_event_retries_total', 'Sendings tried again.', counts.retries),
        counter('telex_event_dead_letters_total', 'Events given up.', counts.deadLetters),
        counter('telex_outbox_failures_total', 'Failures of the outbox.', counts.failures),
      ]),
  };
}
