export interface RateLimit {
  readonly perHour: number;
  readonly perMinute: number;
}

export interface Allowance {
  readonly headers: Readonly<Record<string, string>>;
  /** Seconds until the next request is let through; null: this one is. */
  readonly waitSeconds: number | null;
}

const MINUTE = 60_000;
const HOUR = 3_600_000;

/** A sliding window a token: 5,000 an hour and bursts of 250 a minute, as DigitalOcean counts. */
export class RateLimits {
  private readonly sent = new Map<string, number[]>();

  constructor(private readonly limit: RateLimit | null) {}

  take(token: string, now: number): Allowance {
    const { perHour, perMinute } = this.limit ?? { perHour: 5_000, perMinute: 250 };
    const times = (this.sent.get(token) ?? []).filter((at) => at > now - HOUR);
    this.sent.set(token, times);
    const burst = times.filter((at) => at > now - MINUTE);
    const waitSeconds =
      this.limit === null ? null : (waitOf(burst, perMinute, MINUTE, now) ?? waitOf(times, perHour, HOUR, now));
    if (waitSeconds === null && this.limit !== null) times.push(now);
    const reset = Math.ceil(((times[0] ?? now) + HOUR) / 1000);
    const remaining = waitSeconds !== null ? 0 : Math.max(0, perHour - times.length);
    return {
      waitSeconds,
      headers: {
        'ratelimit-limit': String(perHour),
        'ratelimit-remaining': String(remaining),
        'ratelimit-reset': String(reset),
        ...(waitSeconds === null ? {} : { 'retry-after': String(waitSeconds) }),
      },
    };
  }
}

function waitOf(times: readonly number[], most: number, window: number, now: number): number | null {
  const oldest = times[0];
  return times.length < most || oldest === undefined ? null : Math.max(1, Math.ceil((oldest + window - now) / 1000));
}
