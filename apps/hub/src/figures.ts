import type { Hub } from '@telex/hub';
import { methodNames } from '@telex/hub/api';
import { Histogram, hubFigures, renderSamples } from '@telex/hub/metrics';
import { processFigures } from '@telex/hub/node';

/** What `/metrics` shows. */
export interface Figures {
  apiAnswered(method: string, seconds: number): void;
  /** Prometheus text. */
  render(): string;
}

export function createFigures(hub: Hub, version: string): Figures {
  const ofProcess = processFigures();
  const api = new Histogram(
    'centrifugo_api_command_duration_seconds',
    'Time taken by requests of the API.',
  );
  return {
    apiAnswered: (method, seconds) => {
      // What a request names has no bound, a label must have one.
      const known = methodNames.includes(method) ? method : 'unknown';
      api.observe(known, seconds, () => ({ protocol: 'http', method: known }));
    },
    render: () =>
      renderSamples([...hubFigures(hub.stats(), version), ...ofProcess()]) + api.render(),
  };
}
