import { type DestinationStream, type Logger, pino } from 'pino';
import { errorText, redacted } from './core/text/redact.js';

const MAX_CAUSES = 4;
/** Fields of an error that say what failed and hold no text of a caller. */
const SAFE_FIELDS = ['code', 'status', 'severity', 'constraint', 'table', 'column', 'dataType', 'schema', 'syscall'];

/** Structured logs on stdout, unless `destination` takes them. Credentials are censored wherever they appear, and so is callers' text in database errors. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: (error: unknown) => loggedError(error) },
    redact: {
      paths: ['authorization', '*.authorization', 'token', '*.token', 'secret', '*.secret', 'password', '*.password'],
      censor: '[secret]',
    },
  };
  return destination ? pino(options, destination) : pino(options);
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

/** An error as the log shows it: its text redacted, its stack, its safe fields, and its causes likewise. */
export function loggedError(error: unknown, depth = 0): object {
  if (!(error instanceof Error)) return { message: errorText(error) };
  const fields = error as Error & Record<string, unknown>;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const isOfDatabase = typeof fields['severity'] === 'string' || 'driverError' in fields;
  const shown: Record<string, unknown> = {
    type: error.name,
    message: isOfDatabase ? withoutValues(error.message) : errorText(error),
    stack: frames.join('\n'),
  };
  for (const field of SAFE_FIELDS) if (isPlain(fields[field])) shown[field] = fields[field];
  if (typeof fields['query'] === 'string') shown['query'] = redacted(fields['query'], 500);
  if (isFailure(fields['failure'])) shown['failure'] = loggedFailure(fields['failure']);
  if (error.cause !== undefined && depth < MAX_CAUSES) shown['cause'] = loggedError(error.cause, depth + 1);
  return shown;
}

/** Postgres quotes the value that it could not read: `invalid input syntax for type uuid: "…"`. */
function withoutValues(message: string): string {
  return redacted(message.replace(/: "[\s\S]*"/, ': [value]').replace(/\bvalue "[\s\S]*?"/g, 'value [value]'));
}

function isPlain(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && value.length <= 200);
}

function isFailure(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function loggedFailure(failure: Record<string, unknown>): object {
  return Object.fromEntries(
    Object.entries(failure).map(([name, value]) => [name, typeof value === 'string' ? redacted(value, 500) : value]),
  );
}
