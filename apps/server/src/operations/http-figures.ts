import { Histogram } from '@telex/hub/metrics';
import type { RequestLine, RequestLog } from '../http/server.ts';
import type { Log } from '../log/log.ts';

/** Times of requests by route, for `/metrics`, and a line for each in the log. */
export function httpFigures(log: Log): RequestLog & { render(): string } {
  const histogram = new Histogram('telex_http_request_seconds', 'Requests by route and status.');
  return {
    request(line) {
      histogram.observe(`${line.method} ${line.route} ${line.status}`, line.ms / 1000, () => ({
        method: line.method,
        route: line.route,
        status: String(line.status),
      }));
      log.debug(fieldsOf(line), 'request');
    },
    failed(error, line) {
      if (line.status === 500) log.error({ ...fieldsOf(line), err: error }, 'request failed');
      else log.warn(fieldsOf(line), 'request could not be served');
    },
    render: () => histogram.render(),
  };
}

function fieldsOf(line: RequestLine): Record<string, unknown> {
  return {
    request_id: line.requestId,
    method: line.method,
    route: line.route,
    status: line.status,
    ms: line.ms,
  };
}
