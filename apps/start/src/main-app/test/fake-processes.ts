import type { LaunchCommand, Launched, Processes, ProcessIdentity } from '../processes.ts';

interface FakeProcess extends ProcessIdentity {
  readonly command: Pick<LaunchCommand, 'file' | 'args'>;
  readonly group: number;
  readonly ignoresSigterm: boolean;
  readonly exit: (code: number | null) => void;
}

/** Processes of which only the test knows when they end. */
export interface FakeProcesses extends Processes {
  readonly launches: readonly LaunchCommand[];
  /** Signals that reached a process, as `SIGTERM 7`. */
  readonly signals: readonly string[];
  /** Another one starts: the user's, or a child in the group of a launched one; gives its number. */
  start(
    file: string,
    options?: { readonly group?: number; readonly ignoresSigterm?: boolean; readonly pid?: number },
  ): number;
  end(pid: number, code?: number): void;
  isAlive(pid: number): boolean;
  /** What is launched from now on: a number is the code it ends with at once. */
  next(behaviour: 'stays' | 'stubborn' | 'missing' | number): void;
}

export function createFakeProcesses(): FakeProcesses {
  const launches: LaunchCommand[] = [];
  const signals: string[] = [];
  let alive: FakeProcess[] = [];
  let lastPid = 100;
  let ticks = 0;
  let behaviour: 'stays' | 'stubborn' | 'missing' | number = 'stays';

  const add = (process: Omit<FakeProcess, 'startTime'>): FakeProcess => {
    ticks += 1;
    const started = { ...process, startTime: String(ticks) };
    alive.push(started);
    return started;
  };
  const end = (pid: number, code: number | null): void => {
    const ended = alive.filter((each) => each.pid === pid);
    alive = alive.filter((each) => each.pid !== pid);
    for (const { exit } of ended) exit(code);
  };
  const isRunning = (identity: ProcessIdentity) =>
    alive.some(({ pid, startTime }) => pid === identity.pid && startTime === identity.startTime);

  return {
    launches,
    signals,
    next: (wanted) => {
      behaviour = wanted;
    },
    start(file, { group, ignoresSigterm = false, pid } = {}) {
      lastPid += 1;
      const own = pid ?? lastPid;
      const command = { file, args: [] };
      add({ pid: own, group: group ?? own, ignoresSigterm, command, exit: () => {} });
      return own;
    },
    end: (pid, code = 0) => end(pid, code),
    isAlive: (pid) => alive.some((each) => each.pid === pid),
    async launch(command): Promise<Launched> {
      if (behaviour === 'missing') throw Object.assign(new Error('no file'), { code: 'ENOENT' });
      launches.push(command);
      lastPid += 1;
      const pid = lastPid;
      const { promise: exited, resolve: exit } = Promise.withResolvers<number | null>();
      const ignoresSigterm = behaviour === 'stubborn';
      const identity = add({ pid, group: pid, ignoresSigterm, command, exit });
      if (typeof behaviour === 'number') end(pid, behaviour);
      return { identity, exited };
    },
    isRunning,
    running: ({ file }) => alive.filter(({ command }) => command.file === file),
    group: (leader) => alive.filter(({ group }) => group === leader),
    signal(identity, signal) {
      if (!isRunning(identity)) return;
      signals.push(`${signal} ${identity.pid}`);
      const target = alive.find(({ pid }) => pid === identity.pid);
      if (signal === 'SIGKILL' || target?.ignoresSigterm === false) end(identity.pid, null);
    },
  };
}
