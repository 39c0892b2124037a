import type { Arrival } from './arrival.ts';
import { BUBBLES } from './policy-limits.ts';

/**
 * Which message a bubble shows, kept a little beyond its closing: some desktops tell that it is gone before they tell what was
 * chosen. Bounded.
 */
export interface BubbleArrivals {
  shows(bubble: string, arrival: Arrival | undefined): void;
  of(bubble: string): Arrival | undefined;
}

export function createBubbleArrivals(): BubbleArrivals {
  const arrivals = new Map<string, Arrival | undefined>();
  return {
    shows(bubble, arrival) {
      arrivals.delete(bubble);
      arrivals.set(bubble, arrival);
      const [oldest] = arrivals.keys();
      if (arrivals.size > 2 * BUBBLES && oldest !== undefined) arrivals.delete(oldest);
    },
    of: (bubble) => arrivals.get(bubble),
  };
}
