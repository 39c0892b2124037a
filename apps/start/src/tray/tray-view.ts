import { menuOf } from './menu.ts';
import { createPassingIds, type MenuItem } from './menu-item.ts';
import type { TrayFacts } from './tray-facts.ts';
import { type TrayState, trayStateOf } from './tray-state.ts';
import { type TrayTimes, titleOf, tooltipLines } from './tray-words.ts';

/** All that a tray shows. */
export interface TrayView {
  readonly state: TrayState;
  readonly title: string;
  /** One sentence each. */
  readonly tooltip: readonly string[];
  readonly menu: readonly MenuItem[];
}

/** Turns facts into what is shown; only the ids of passing items are remembered in between. */
export function createTrayView(times: TrayTimes): (facts: TrayFacts) => TrayView {
  const ids = createPassingIds();
  return (facts) => {
    const { status } = facts;
    const state = trayStateOf(status);
    return {
      state,
      title: titleOf(state),
      tooltip: tooltipLines(status, times),
      menu: menuOf(facts, ids, times),
    };
  };
}
