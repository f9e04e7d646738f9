import type { Logger } from 'pino';
import { createLogger } from '../../src/log.js';

export interface CapturedLog {
  readonly log: Logger;
  /** Each entry as it would be printed. */
  readonly lines: readonly string[];
}

/** The program's own logger, whose entries of every level a test can read. */
export function captureLog(): CapturedLog {
  const lines: string[] = [];
  return { log: createLogger('debug', { write: (line: string) => void lines.push(line) }), lines };
}
