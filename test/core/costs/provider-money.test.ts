import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseProviderAmount } from '../../../src/core/costs/provider-money.js';

/** Every form in which an amount may be printed; the decimals, and with them the cents, may be left out where zero. */
const FORMS: Readonly<Record<string, (whole: string, decimals: string, isNegative: boolean) => string>> = {
  'a sign before the dollar sign': (whole, decimals, isNegative) => `${isNegative ? '-' : ''}$${whole}.${decimals}`,
  'a sign behind the dollar sign': (whole, decimals, isNegative) => `$${isNegative ? '-' : ''}${whole}.${decimals}`,
  brackets: (whole, decimals, isNegative) => (isNegative ? `($${whole}.${decimals})` : `$${whole}.${decimals}`),
  'brackets without a dollar sign': (whole, decimals, isNegative) =>
    isNegative ? `(${whole}.${decimals})` : `${whole}.${decimals}`,
  'a plain number': (whole, decimals, isNegative) => `${isNegative ? '-' : ''}${whole}.${decimals}`,
  'zeros beyond the cent': (whole, decimals, isNegative) => `${isNegative ? '-' : ''}$${whole}.${decimals}00`,
};

const amount = fc.record({
  cents: fc.maxSafeInteger(),
  isGrouped: fc.boolean(),
});

function group(whole: string): string {
  return whole.replace(/\B(?=(\d{3})+$)/g, ',');
}

describe('reading an amount', () => {
  it.each([
    ['$3.11', 311],
    ['$0.00', 0],
    ['0', 0],
    ['-0', 0],
    ['($0.00)', 0],
    ['12.3', 1230],
    ['$5', 500],
    ['-$61.08', -6108],
    ['$-61.08', -6108],
    ['($61.08)', -6108],
    ['-61.08', -6108],
    ['$1,234.56', 123_456],
    ['-$1,234,567.89', -123_456_789],
    ['$1234567.89', 123_456_789],
    ['$0.01', 1],
    ['$0.29', 29],
    ['$1.1', 110],
    ['$4.350', 435],
    [' $4.35 ', 435],
    ['$90,071,992,547,409.91', Number.MAX_SAFE_INTEGER],
  ])('%j is %d cents', (text, cents) => {
    expect(parseProviderAmount(text)).toEqual({ cents });
  });

  it.each([
    ['', 'is not an amount of dollars'],
    ['$', 'is not an amount of dollars'],
    ['n/a', 'is not an amount of dollars'],
    ['NaN', 'is not an amount of dollars'],
    ['Infinity', 'is not an amount of dollars'],
    ['1e3', 'is not an amount of dollars'],
    ['0x10', 'is not an amount of dollars'],
    ['$.50', 'is not an amount of dollars'],
    ['$5.', 'is not an amount of dollars'],
    ['--5', 'is not an amount of dollars'],
    ['-$-5', 'is not an amount of dollars'],
    ['+5', 'is not an amount of dollars'],
    ['$1,23.45', 'is not an amount of dollars'],
    ['$1,2345', 'is not an amount of dollars'],
    ['$1234,567', 'is not an amount of dollars'],
    ['$1.234,56', 'is not an amount of dollars'],
    ['$1 234.56', 'is not an amount of dollars'],
    ['€3.11', 'is not an amount of dollars'],
    ['3.11 USD', 'is not an amount of dollars'],
    ['$3.11\n$4', 'is not an amount of dollars'],
    ['($5', 'is not an amount of dollars'],
    ['(($5))', 'is not an amount of dollars'],
    ['($-5)', 'is negative twice'],
    ['(-5)', 'is negative twice'],
    ['$0.005', 'is finer than a cent'],
    ['$0.0001', 'is finer than a cent'],
    ['$90,071,992,547,409.92', 'is beyond exact integers'],
    ['$99999999999999999999', 'is beyond exact integers'],
  ])('%j is refused', (text, reason) => {
    expect(parseProviderAmount(text)).toEqual({ error: `${JSON.stringify(text)} ${reason}` });
  });

  it.each(Object.entries(FORMS))('gives back what was printed with %s', (_, print) => {
    fc.assert(
      fc.property(amount, ({ cents, isGrouped }) => {
        const digits = String(Math.abs(cents)).padStart(3, '0');
        const whole = isGrouped ? group(digits.slice(0, -2)) : digits.slice(0, -2);
        expect(parseProviderAmount(print(whole, digits.slice(-2), cents < 0))).toEqual({ cents });
      }),
    );
  });

  it('answers whole cents or a reason, whatever it is given', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[-$(),.\d]{0,12}$/), fc.double().map(String));
    fc.assert(
      fc.property(text, (given) => {
        const parsed = parseProviderAmount(given);
        if ('error' in parsed) expect(parsed.error).not.toBe('');
        else {
          expect(Number.isSafeInteger(parsed.cents)).toBe(true);
          expect(Object.is(parsed.cents, -0)).toBe(false);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
