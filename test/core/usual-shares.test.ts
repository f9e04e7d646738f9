import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hourlyPrices } from '../../src/core/costs/billed-price.js';
import { Decimal, roundToCents } from '../../src/core/money/money.js';
import { usualShares } from '../../src/core/reports/usual-shares.js';

describe('whose the usual cost is', () => {
  it('is the shares of the median month, or of the two in the middle', () => {
    const month = (acme: number, nobody: number) => [
      { owner: 'acme', cents: acme },
      { owner: null, cents: nobody },
    ];
    expect([...usualShares([month(9, 900), month(10, 20), month(1, 2)])]).toEqual([
      ['acme', 10],
      [null, 20],
    ]);
    expect([...usualShares([month(10, 21), month(1, 2)])]).toEqual([
      ['acme', 6],
      [null, 11],
    ]);
    expect(usualShares([]).size).toBe(0);
  });

  it('sums to the median of the totals, rounded once', () => {
    const cents = fc.integer({ min: 0, max: 10_000 });
    const owner = fc.constantFrom('a', 'b', 'c', null);
    const months = fc.array(fc.uniqueArray(fc.record({ owner, cents }), { selector: (one) => one.owner }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(months, (history) => {
        const totals = history.map((month) => month.reduce((sum, one) => sum + one.cents, 0)).sort((a, b) => a - b);
        const [low, high] = [totals[(totals.length - 1) >> 1] as number, totals[totals.length >> 1] as number];
        const shares = [...usualShares(history).values()].reduce((sum, share) => sum + share, 0);
        expect(shares).toBe(roundToCents(new Decimal(low).plus(high).div(2)));
      }),
    );
  });
});

describe('the price of an hour', () => {
  const month = (cents: number, hours: string) => ({ cents, hours });
  it('is the same in a short month and a long one, for a month costs 672 hours at most', () => {
    expect(hourlyPrices(month(600, '744'), [month(600, '672'), month(600, '720')])).toEqual({
      now: '0.892857',
      usual: '0.892857',
    });
  });

  it('is the same within what the provider rounds', () => {
    expect(hourlyPrices(month(89, '100'), [month(600, '720')])).toEqual({ now: '0.892857', usual: '0.892857' });
    expect(hourlyPrices(month(1, '1'), [month(600, '720')])?.now).toBe('0.892857');
  });

  it('is another where the provider asks more', () => {
    expect(hourlyPrices(month(600, '720'), [month(500, '744'), month(500, '720')])).toEqual({
      now: '0.892857',
      usual: '0.744048',
    });
  });

  it('is none where no hours are billed', () => {
    expect(hourlyPrices(month(600, '0'), [month(600, '720')])).toBeNull();
    expect(hourlyPrices(month(600, '720'), [month(600, '0')])).toBeNull();
    expect(hourlyPrices(null, [month(600, '720')])).toBeNull();
  });
});
