import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { COST_BUCKETS, costBucket, reconcileCosts, reconcileUsage } from '../../src/core/reconcile.js';

describe('sorting the provider’s cost lines', () => {
  it.each([
    ['matched', 'acme', false, 'tenant'],
    ['historic', 'acme', false, 'tenant'],
    ['matched', 'acme', true, 'tenant'],
    ['matched', null, true, 'internal'],
    ['historic', null, true, 'internal'],
    ['historic', null, false, 'historic'],
    ['matched', null, false, 'unexplained'],
    ['ambiguous', null, false, 'unexplained'],
    ['unmatched', null, false, 'unexplained'],
    ['tax', null, false, 'tax'],
    ['account_level', null, false, 'account_level'],
  ])('a %s line of tenant %s, internal %s, is %s', (matchStatus, tenantId, isInternal, bucket) => {
    expect(costBucket({ matchStatus, tenantId, isInternal })).toBe(bucket);
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
  it('names each deployment and kind once, with what became of it', () => {
    const findings = reconcileUsage(
      [
        { deploymentId: 'd2', kind: 'dns_zones', quantity: '1' },
        { deploymentId: 'd1', kind: 'volume_gb_month', quantity: '5' },
        { deploymentId: 'd1', kind: 'spaces_gb_month', quantity: '40' },
        { deploymentId: 'd1', kind: 'droplet_hours', quantity: '1500.0' },
        { deploymentId: 'd1', kind: 'dns_zones', quantity: '12' },
      ],
      [
        {
          deploymentId: 'd1',
          billed: [
            { kind: 'droplet_hours', used: '1500' },
            { kind: 'dns_zones', used: '11' },
            { kind: 'bandwidth_gb', used: '9' },
          ],
          unpricedKinds: ['volume_gb_month'],
        },
      ],
    );
    expect(findings).toEqual([
      { deploymentId: 'd1', kind: 'droplet_hours', status: 'billed', metered: '1500.0', invoiced: '1500' },
      { deploymentId: 'd1', kind: 'spaces_gb_month', status: 'covered', metered: '40', invoiced: '0' },
      { deploymentId: 'd1', kind: 'volume_gb_month', status: 'unpriced', metered: '5', invoiced: '0' },
      { deploymentId: 'd1', kind: 'bandwidth_gb', status: 'not_metered', metered: '0', invoiced: '9' },
      { deploymentId: 'd1', kind: 'dns_zones', status: 'changed', metered: '12', invoiced: '11' },
      { deploymentId: 'd2', kind: 'dns_zones', status: 'not_invoiced', metered: '1', invoiced: '0' },
    ]);
  });
});
