import type { Fault } from './faults.js';
import type { RateLimits } from './rate-limit.js';
import type { State, StateFile } from './state.js';

/** Everything that a sandbox holds while it runs. */
export interface Running {
  state: State;
  /** Null: nothing is kept. */
  readonly file: StateFile | null;
  readonly faults: Fault[];
  /** Oldest first, the last 1,000. */
  readonly requests: LoggedRequest[];
  readonly limits: RateLimits;
  /** The sandbox's own address, for links; without `/v2`. */
  origin: string;
  readonly timeScale: number;
  now(): number;
  random(): number;
  freshState(): State;
  log(line: object): void;
}

/** What is remembered of a request: nothing that a token could be read from. */
export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly status: number;
  readonly time: string;
}
