import { type BusProcess, launchBus } from '@telex/testkit';
import { afterEach, beforeEach } from 'vitest';
import { type Bus, openBus } from '../bus.ts';

/** A private bus for each test of a file. */
export interface TestBus {
  readonly daemon: BusProcess;
  /** A connection of its own, closed at the end. */
  open(): Bus;
  /** Run at the end of the test, the last one first. */
  atEnd(close: () => void): void;
}

export function busForEachTest(): TestBus {
  let daemon: BusProcess | undefined;
  const closings: (() => void)[] = [];
  beforeEach(async () => {
    daemon = await launchBus();
  });
  afterEach(async () => {
    for (const close of closings.splice(0).reverse()) close();
    await daemon?.stop();
  });
  const running = () => {
    if (daemon === undefined) throw new Error('there is a bus only within a test');
    return daemon;
  };
  return {
    get daemon() {
      return running();
    },
    open() {
      const bus = openBus(running().address, { firstPauseMs: 5, longestPauseMs: 20 });
      closings.push(() => bus.close());
      return bus;
    },
    atEnd: (close) => void closings.push(close),
  };
}
