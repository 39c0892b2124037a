/** Which process: a number is given again, a number with its start is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** In clock ticks since the machine was started, from `/proc/PID/stat`. */
  readonly startTime: string;
}

export interface LaunchCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly folder: string | undefined;
}

export interface Launched {
  readonly identity: ProcessIdentity;
  /** Its exit code; null where a signal ended it. */
  readonly exited: Promise<number | null>;
}

/** The processes of this machine, as far as the main app needs them. */
export interface Processes {
  /** Starts a program in a process group of its own, which outlives us. Rejects with the system's error. */
  launch(command: LaunchCommand): Promise<Launched>;
  /** Whether exactly this one runs. */
  isRunning(identity: ProcessIdentity): boolean;
  /** This user's processes that run exactly this file with these first arguments, oldest first. */
  running(command: Pick<LaunchCommand, 'file' | 'args'>): readonly ProcessIdentity[];
  /** The processes of the group that a launched one leads, oldest first. */
  group(leader: number): readonly ProcessIdentity[];
  /** Signals exactly this one, or nobody. */
  signal(identity: ProcessIdentity, signal: 'SIGTERM' | 'SIGKILL'): void;
}
