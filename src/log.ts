import { type Logger, pino } from 'pino';

/** Structured logs on stdout. Fields that can hold a secret are censored wherever they appear. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: ['authorization', '*.authorization', 'token', '*.token', 'secret', '*.secret', 'password', '*.password'],
      censor: '[secret]',
    },
  });
}

/** Tells of an outage once when it begins and once when it is over, however many calls fail meanwhile. */
export class OutageLog {
  private sinceMs: number | null = null;

  /** `what` is who does not answer, as "Redis". */
  constructor(
    private readonly log: Pick<Logger, 'warn' | 'info'>,
    private readonly what: string,
  ) {}

  /** How long it lasts by now; null: there is none. */
  get ms(): number | null {
    return this.sinceMs === null ? null : performance.now() - this.sinceMs;
  }

  failed(err: unknown): void {
    if (this.sinceMs !== null) return;
    this.sinceMs = performance.now();
    this.log.warn({ err }, `${this.what} lost; connecting again`);
  }

  succeeded(): void {
    const { ms } = this;
    if (ms === null) return;
    this.sinceMs = null;
    this.log.info({ ms: Math.round(ms) }, `${this.what} is back`);
  }
}
