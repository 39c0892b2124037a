/** Runs at once, then at most once in each such time: what was asked for meanwhile is one run at its end. */
export interface Paced {
  run(): void;
  close(): void;
}

export function createPaced(
  after: (delayMs: number, run: () => void) => () => void,
  pauseMs: number,
  run: () => void,
): Paced {
  let endPause: (() => void) | undefined;
  let isAskedFor = false;

  const start = (): void => {
    isAskedFor = false;
    endPause = after(pauseMs, () => {
      endPause = undefined;
      if (isAskedFor) start();
    });
    run();
  };

  return {
    run() {
      if (endPause === undefined) start();
      else isAskedFor = true;
    },
    close() {
      endPause?.();
    },
  };
}
