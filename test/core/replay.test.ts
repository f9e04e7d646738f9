import { describe, expect, it } from '@jest/globals';
import type { TenantMonth } from '../../src/core/invoices/invoice.js';
import { CurrencyMismatchError } from '../../src/core/money/currency-mismatch.js';
import { replayPlanVersion } from '../../src/core/reports/replay.js';
import { aDeployment, aPlan, aTenantMonth, day } from './billing-builders.js';

function aTenant(tenantId: string, plan: 'studio' | 'pro', hours: string): TenantMonth {
  const segments = [{ plan: aPlan(plan), from: day('2026-04-01'), until: null }];
  const usage = [{ kind: 'droplet_hours' as const, day: day('2026-04-01'), quantity: hours }];
  const deployments = [
    aDeployment({ deploymentId: `${tenantId}-1`, subscriptions: [{ segments, addons: [] }], usage }),
  ];
  return { ...aTenantMonth('2026-04', deployments), tenantId };
}

const subscriberIds = new Set(['zeta-1', 'acme-1', 'mono-1']);
const books = [
  { month: aTenant('zeta', 'studio', '1588'), subscriberIds, cogsCents: 1000, cogsTaxCents: 0 },
  { month: aTenant('acme', 'studio', '100'), subscriberIds, cogsCents: 3000, cogsTaxCents: 0 },
  { month: aTenant('mono', 'pro', '100'), subscriberIds, cogsCents: 500, cogsTaxCents: 0 },
  { month: aTenant('past', 'studio', '100'), subscriberIds, cogsCents: 0, cogsTaxCents: 0 },
];

describe('replaying a price change', () => {
  it('prices the month’s real usage by the draft, for present subscribers of its plan alone', () => {
    const items = aPlan('studio').items.map((item) => ({ ...item, overagePriceCents: '2' }));
    const draft = aPlan('studio', { id: 'studio-v2', version: 2, basePrice: { cents: 5500, currency: 'AUD' }, items });
    const { overall, byTenant } = replayPlanVersion(draft, books);
    expect(byTenant.map((one) => [one.tenantId, one.before.revenue.cents, one.after.revenue.cents])).toEqual([
      ['acme', 5000, 5500],
      ['mono', 12_000, 12_000],
      ['past', 5000, 5000],
      ['zeta', 5100, 5700],
    ]);
    expect([overall.before.margin.cents, overall.after.margin.cents, overall.differenceCents]).toEqual([
      22_600, 23_700, 1100,
    ]);
    expect([overall.before.marginPercent, overall.after.marginPercent]).toEqual([83.4, 84]);
  });

  it('changes nothing when the version is the one in force', () => {
    expect(replayPlanVersion(aPlan('studio'), books).overall.differenceCents).toBe(0);
  });

  it('refuses a draft in another currency than the subscribers pay in', () => {
    const draft = aPlan('studio', { basePrice: { cents: 1, currency: 'USD' } });
    expect(() => replayPlanVersion(draft, books)).toThrow(CurrencyMismatchError);
  });

  it('leaves a tenant out by name if it cannot be priced, and bounds the sums of the others', () => {
    const largest = Number.MAX_SAFE_INTEGER;
    const tenants = [
      ...books,
      { month: aTenant('broken', 'studio', '99999999999999999999'), subscriberIds, cogsCents: 0, cogsTaxCents: 0 },
      { month: aTenant('costly', 'studio', '100'), subscriberIds, cogsCents: 2 * largest, cogsTaxCents: 0 },
      { month: aTenant('dear', 'studio', '100'), subscriberIds, cogsCents: largest, cogsTaxCents: 0 },
    ];
    const { overall, byTenant, problems } = replayPlanVersion(aPlan('studio'), tenants);
    expect(byTenant.map((one) => one.tenantId)).toEqual(['acme', 'mono', 'past', 'zeta']);
    expect(overall.before.margin.cents).toBe(22_600);
    const most = 'more than 9007199254740991 cents, the most that an amount can be.';
    expect(problems).toEqual([
      { tenantId: 'broken', deploymentId: null, message: `An amount of 99999999999999998511 cents is ${most}` },
      { tenantId: 'costly', deploymentId: null, message: `The cost is ${most}` },
      { tenantId: 'dear', deploymentId: null, message: `The cost of all tenants is ${most}` },
    ]);
  });
});
