import { afterEach } from 'vitest';
import { type LiveHub, type LiveHubOptions, startHub } from './live-hub.ts';

interface Closable {
  close(): void | Promise<void>;
}

/** Starts hubs and takes what else a test opens; after each test all of it is closed, the last first. */
export function closeAfterEach() {
  const open: Closable[] = [];
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close();
  });
  return {
    opened: (one: Closable) => void open.push(one),
    liveHub: async (options: LiveHubOptions = {}): Promise<LiveHub> => {
      const live = await startHub(options);
      open.push(live);
      return live;
    },
  };
}
