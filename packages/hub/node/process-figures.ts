import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Sample } from '../metrics/index.ts';

const gauge = (name: string, help: string, value: number): Sample => ({
  name,
  help,
  type: 'gauge',
  values: [{ value }],
});

/** Figures of this process. The event loop is watched from the first call on, since watching wakes it. */
export function processFigures(): () => Sample[] {
  let delay: ReturnType<typeof monitorEventLoopDelay> | undefined;
  return () => {
    const cpu = process.cpuUsage();
    const memory = process.memoryUsage();
    const lateS = delay === undefined || delay.count === 0 ? 0 : delay.percentile(99) / 1e9;
    delay?.reset();
    if (delay === undefined) {
      delay = monitorEventLoopDelay({ resolution: 20 });
      delay.enable();
    }
    return [
      {
        name: 'process_cpu_seconds_total',
        help: 'CPU time of the process.',
        type: 'counter',
        values: [{ value: (cpu.user + cpu.system) / 1e6 }],
      },
      gauge('process_resident_memory_bytes', 'Resident memory.', memory.rss),
      gauge('nodejs_heap_used_bytes', 'Used JavaScript heap.', memory.heapUsed),
      gauge('nodejs_external_memory_bytes', 'Buffers and the like.', memory.external),
      gauge('process_uptime_seconds', 'Time since the start.', process.uptime()),
      gauge(
        'nodejs_eventloop_delay_p99_seconds',
        'How late the event loop was, since the last scrape.',
        lateS,
      ),
    ];
  };
}
