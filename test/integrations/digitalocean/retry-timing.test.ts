import { describe, expect, it } from '@jest/globals';
import {
  mayRetry,
  RETRY_LIMITS,
  resetInMs,
  retryDelayMs,
} from '../../../src/integrations/digitalocean/retry-timing.js';

const NOW = Date.parse('2026-05-01T00:00:00Z');
const EPOCH = NOW / 1_000;

describe('retryDelayMs', () => {
  it.each<
    [string, { status: number | null; attempt: number; random: number; headers?: Record<string, string> }, number]
  >([
    ['the first backoff without jitter', { status: 503, attempt: 1, random: 0 }, 500],
    ['the first backoff with all its jitter', { status: 503, attempt: 1, random: 1 }, 1_000],
    ['the second backoff', { status: 503, attempt: 2, random: 0.5 }, 1_500],
    ['the fourth backoff', { status: 503, attempt: 4, random: 0 }, 4_000],
    ['the longest backoff', { status: 503, attempt: 20, random: 1 }, 30_000],
    ['a network failure', { status: null, attempt: 1, random: 0 }, 500],
    ['Retry-After in seconds', { status: 429, attempt: 1, random: 0, headers: { 'retry-after': '7' } }, 7_000],
    ['Retry-After of a 503', { status: 503, attempt: 3, random: 0, headers: { 'retry-after': '2' } }, 2_000],
    [
      'Retry-After with jitter, never earlier',
      { status: 429, attempt: 1, random: 1, headers: { 'retry-after': '7' } },
      8_000,
    ],
    ['Retry-After of nothing', { status: 429, attempt: 5, random: 1, headers: { 'retry-after': '0' } }, 0],
    [
      'Retry-After as a date',
      { status: 429, attempt: 1, random: 0, headers: { 'retry-after': 'Fri, 01 May 2026 00:00:09 GMT' } },
      9_000,
    ],
    [
      'Retry-After as a date in the past',
      { status: 429, attempt: 1, random: 0, headers: { 'retry-after': 'Thu, 30 Apr 2026 00:00:00 GMT' } },
      0,
    ],
    ['an unreadable Retry-After', { status: 429, attempt: 1, random: 0, headers: { 'retry-after': 'soon' } }, 500],
    [
      'a 429 with an empty budget',
      {
        status: 429,
        attempt: 1,
        random: 0,
        headers: { 'ratelimit-remaining': '0', 'ratelimit-reset': `${EPOCH + 20}` },
      },
      20_000,
    ],
    [
      'Retry-After before the reset',
      {
        status: 429,
        attempt: 1,
        random: 0,
        headers: { 'retry-after': '3', 'ratelimit-remaining': '0', 'ratelimit-reset': `${EPOCH + 20}` },
      },
      3_000,
    ],
    [
      'a 429 with budget left: the reset says nothing',
      {
        status: 429,
        attempt: 1,
        random: 0,
        headers: { 'ratelimit-remaining': '9', 'ratelimit-reset': `${EPOCH + 20}` },
      },
      500,
    ],
    [
      'a 500 with an empty budget: the reset is not the reason',
      {
        status: 500,
        attempt: 1,
        random: 0,
        headers: { 'ratelimit-remaining': '0', 'ratelimit-reset': `${EPOCH + 20}` },
      },
      500,
    ],
  ])('%s', (_name, { headers, ...timing }, expected) => {
    const given = headers ? new Headers(headers) : null;
    expect(retryDelayMs({ ...timing, headers: given, nowMs: NOW }, RETRY_LIMITS)).toBe(expected);
  });
});

describe('resetInMs', () => {
  it.each([
    ['by our clock where the answer has no date', { 'ratelimit-reset': `${EPOCH + 30}` }, 30_000],
    [
      'by the clock of the provider where ours is an hour off',
      { 'ratelimit-reset': `${EPOCH + 3_630}`, date: 'Fri, 01 May 2026 01:00:00 GMT' },
      30_000,
    ],
    ['already past', { 'ratelimit-reset': `${EPOCH - 5}` }, 0],
    ['absent', {}, null],
    ['unreadable', { 'ratelimit-reset': 'never' }, null],
  ])('%s', (_name, headers: Record<string, string>, expected) => {
    expect(resetInMs(new Headers(headers), NOW)).toBe(expected);
  });
});

describe('mayRetry', () => {
  it.each<[number | null, boolean, boolean, boolean]>([
    // status, may have acted, an idempotent request, any other
    [429, false, true, true],
    [500, true, true, false],
    [502, true, true, false],
    [503, true, true, false],
    [501, true, false, false],
    [400, false, false, false],
    [404, false, false, false],
    [422, false, false, false],
    [302, false, false, false],
    [null, true, true, false],
    [null, false, true, true],
  ])('status %s, may have acted: %s → idempotent %s, other %s', (status, mayHaveActed, idempotent, other) => {
    expect(mayRetry({ status, headers: null, mayHaveActed }, true)).toBe(idempotent);
    expect(mayRetry({ status, headers: null, mayHaveActed }, false)).toBe(other);
  });
});
