export interface RateLimit {
  readonly perHour: number;
  readonly perMinute: number;
}

export interface Allowance {
  readonly isExhausted: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

const MINUTE = 60_000;
const HOUR = 3_600_000;
/** More tokens than anybody has; beyond it those that rest are forgotten. */
const MAX_TOKENS = 1_000;

/** A sliding window a token: 5,000 an hour and bursts of 250 a minute, as DigitalOcean counts. */
export class RateLimits {
  private readonly sent = new Map<string, readonly number[]>();

  /** Null: counted against DigitalOcean's own limits for the headers, and nobody is refused. */
  constructor(private readonly limit: RateLimit | null) {}

  /** Counts one request, unless it is refused or comes without a token. */
  take(token: string | null, now: number): Allowance {
    const { perHour, perMinute } = this.limit ?? { perHour: 5_000, perMinute: 250 };
    const before = (this.sent.get(token ?? '') ?? []).filter((at) => at > now - HOUR);
    const burst = before.filter((at) => at > now - MINUTE);
    const isBurst = this.limit !== null && burst.length >= perMinute;
    const isExhausted = isBurst || (this.limit !== null && before.length >= perHour);
    const times = isExhausted || token === null ? before : [...before, now].slice(-perHour);
    if (token !== null) this.keep(token, times, now);
    return {
      isExhausted,
      headers: {
        'ratelimit-limit': String(perHour),
        'ratelimit-remaining': String(isExhausted ? 0 : perHour - times.length),
        // When the oldest request leaves the window: one comes free then, not all.
        'ratelimit-reset': String(Math.ceil(((times[0] ?? now) + HOUR) / 1000)),
        ...(isBurst ? { 'retry-after': String(secondsUntil((burst[0] ?? now) + MINUTE, now)) } : {}),
      },
    };
  }

  private keep(token: string, times: readonly number[], now: number): void {
    this.sent.set(token, times);
    if (this.sent.size <= MAX_TOKENS) return;
    for (const [other, used] of this.sent) if ((used.at(-1) ?? 0) <= now - HOUR) this.sent.delete(other);
  }
}

function secondsUntil(then: number, now: number): number {
  return Math.max(1, Math.ceil((then - now) / 1000));
}
