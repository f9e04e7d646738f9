import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  COST_BUCKETS,
  costBucket,
  ownershipsIn,
  reconcileCosts,
  usageStatus,
} from '../../src/core/reports/reconcile.js';

describe('sorting the provider’s cost lines', () => {
  it.each([
    ['matched', 'tenant', 'tenant'],
    ['historic', 'tenant', 'tenant'],
    ['matched', 'internal', 'internal'],
    ['historic', 'internal', 'internal'],
    ['historic', 'nobody', 'historic'],
    ['matched', 'nobody', 'unexplained'],
    ['ambiguous', 'nobody', 'unexplained'],
    ['unmatched', 'nobody', 'unexplained'],
    ['tax', 'nobody', 'tax'],
    ['account_level', 'nobody', 'account_level'],
  ] as const)('a %s line, whose resource is of %s, is %s', (matchStatus, owner, bucket) => {
    expect(costBucket({ matchStatus, owner })).toBe(bucket);
  });

  it('leaves no line out and has none twice', () => {
    const all = COST_BUCKETS.flatMap(ownershipsIn).map(({ matchStatus, owner }) => `${matchStatus} ${owner}`);
    expect(new Set(all).size).toBe(all.length);
    expect(all).toHaveLength(18);
  });

  it('sums to the lines, whose difference from the invoices is named', () => {
    const row = fc.record({
      bucket: fc.constantFrom(...COST_BUCKETS),
      lineCount: fc.integer({ min: 1, max: 100 }),
      cents: fc.integer({ min: -10_000, max: 100_000 }),
    });
    fc.assert(
      fc.property(fc.array(row), fc.integer({ min: -1_000_000, max: 1_000_000 }), (rows, invoicedCents) => {
        const { buckets, linesTotal, differenceCents } = reconcileCosts(rows, invoicedCents);
        const sums = COST_BUCKETS.map((bucket) => buckets[bucket]);
        expect(sums.reduce((sum, one) => sum + one.cents, 0)).toBe(linesTotal.cents);
        expect(sums.reduce((sum, one) => sum + one.lineCount, 0)).toBe(linesTotal.lineCount);
        expect(linesTotal.cents + differenceCents).toBe(invoicedCents);
      }),
    );
  });
});

describe('reconciling usage with invoices', () => {
  const facts = { metered: '1500.0', billed: null, isInvoiced: true, allowance: '1488', pricing: 'always' } as const;
  it.each([
    ['billed', { billed: '1500' }],
    ['covered', { metered: '1488' }],
    ['covered', { pricing: 'free' }],
    ['covered', { metered: '0', isInvoiced: false }],
    ['changed', { billed: '1499' }],
    ['changed', {}],
    ['unpriced', { pricing: 'never' }],
    ['unpriced', { pricing: 'partly', billed: '700' }],
    ['not_invoiced', { isInvoiced: false, pricing: 'never' }],
    ['not_metered', { metered: null, billed: '9' }],
  ] as const)('is %s with %j', (status, over) => {
    expect(usageStatus({ ...facts, ...over })).toBe(status);
  });
});
