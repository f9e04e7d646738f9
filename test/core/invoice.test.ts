import { describe, expect, it } from '@jest/globals';
import { draftInvoice } from '../../src/core/invoices/invoice.js';
import { CurrencyMismatchError } from '../../src/core/money/currency-mismatch.js';
import type { PlanSegment, SubscriptionTerms } from '../../src/core/pricing/price-month.js';
import { accrueDeployment } from '../../src/core/reports/accrual.js';
import { ConflictError } from '../../src/errors.js';
import { aDeployment, anAddon, aPlan, aTenantMonth, day, month } from './billing-builders.js';

const inAud = { currency: 'AUD', rates: [] } as const;
const segment = (plan: PlanSegment['plan'], from: string, until: string | null = null): PlanSegment => {
  return { plan, from: day(from), until: until === null ? null : day(until) };
};
const subscription = (...segments: PlanSegment[]): SubscriptionTerms => ({ segments, addons: [] });
const studio = aPlan('studio');
const pro = aPlan('pro');
const starter = aPlan('starter');

function amounts(period: string, subscriptions: SubscriptionTerms[]) {
  const draft = draftInvoice(aTenantMonth(period, [aDeployment({ subscriptions })]));
  return draft?.lines.map(({ line }) => [line.kind, line.amount.cents]);
}

describe('the invoice of a tenant and month', () => {
  it('is the golden one: Studio with storage and 2,160 droplet hours in April', () => {
    const storage = { addon: anAddon('storage_50gb'), from: day('2026-04-01'), until: null };
    const draft = draftInvoice(
      aTenantMonth('2026-04', [
        aDeployment({
          subscriptions: [{ segments: [segment(studio, '2026-01-15')], addons: [storage] }],
          usage: [{ kind: 'droplet_hours', day: day('2026-04-01'), quantity: '2160' }],
        }),
      ]),
    );
    expect(
      draft?.lines.map(({ position, deploymentId, line }) => [position, deploymentId, line.kind, line.amount.cents]),
    ).toEqual([
      [1, 'd1', 'plan_base', 5000],
      [2, 'd1', 'addon', 750],
      [3, 'd1', 'overage', 672],
      [4, null, 'tax', 642],
    ]);
    expect([draft?.subtotal.cents, draft?.tax.cents, draft?.total.cents]).toEqual([6422, 642, 7064]);
  });

  it('has one prorated base line for each of three versions, and of each allowance the same share', () => {
    const draft = draftInvoice(
      aTenantMonth('2026-04', [
        aDeployment({
          subscriptions: [
            subscription(
              segment(pro, '2026-04-11', '2026-04-21'),
              segment(starter, '2026-03-01', '2026-04-11'),
              segment(studio, '2026-04-21'),
            ),
          ],
          usage: [{ kind: 'droplet_hours', day: day('2026-04-02'), quantity: '2244' }],
        }),
      ]),
    );
    expect(draft?.lines.map(({ line }) => [line.description, line.amount.cents])).toEqual([
      ['Starter plan, 2026-04-01 to 2026-04-10 (10 of 30 days)', 667],
      ['Pro plan, 2026-04-11 to 2026-04-20 (10 of 30 days)', 4000],
      ['Studio plan, 2026-04-21 to 2026-04-30 (10 of 30 days)', 1667],
      ['Droplet hours: 2244 used, 2232 included', 12],
      ['GST 10 %', 635],
    ]);
  });

  it('charges a day for an addon that was attached on the 31st, and grants a day of its allowance', () => {
    const storage = { addon: anAddon('storage_50gb'), from: day('2026-05-31'), until: null };
    const draft = draftInvoice(
      aTenantMonth('2026-05', [
        aDeployment({
          subscriptions: [{ segments: [segment(studio, '2026-01-01')], addons: [storage] }],
          usage: [{ kind: 'spaces_gb_month', day: day('2026-05-01'), quantity: '150' }],
        }),
      ]),
    );
    expect(draft?.lines.map(({ line }) => [line.kind, line.amount.cents])).toEqual([
      ['plan_base', 5000],
      ['addon', 24],
      // 150 GB less 100 and 50/31: 48.387… GB at 2 c.
      ['overage', 97],
      ['tax', 512],
    ]);
  });

  it.each([
    ['the first day alone', '2026-04-01', '2026-04-02', 167],
    ['the last day alone', '2026-04-30', null, 167],
    ['starting and ending within', '2026-04-10', '2026-04-20', 1667],
    ['the whole month, ending with it', '2026-04-01', '2026-05-01', 5000],
  ])('prorates %s', (_name, from, until, cents) => {
    expect(amounts('2026-04', [subscription(segment(studio, from, until))])?.[0]).toEqual(['plan_base', cents]);
  });

  it('knows leap years', () => {
    expect(amounts('2024-02', [subscription(segment(studio, '2024-02-29'))])?.[0]).toEqual(['plan_base', 172]);
    expect(amounts('2026-02', [subscription(segment(studio, '2026-02-28'))])?.[0]).toEqual(['plan_base', 179]);
  });

  it('bills neither base nor addons on paused days, and joins days of one version that touch', () => {
    const storage = { addon: anAddon('storage_50gb'), from: day('2026-04-01'), until: null };
    const paused = [segment(studio, '2026-04-01', '2026-04-11'), segment(studio, '2026-04-21')];
    expect(amounts('2026-04', [{ segments: paused, addons: [storage] }])).toEqual([
      ['plan_base', 1667],
      ['plan_base', 1667],
      ['addon', 500],
      ['tax', 383],
    ]);
    const touching = [segment(studio, '2026-04-01', '2026-04-11'), segment(studio, '2026-04-11')];
    expect(amounts('2026-04', [subscription(...touching)])).toEqual([
      ['plan_base', 5000],
      ['tax', 500],
    ]);
  });

  it('refuses a subscription with two versions on one day', () => {
    const both = subscription(segment(studio, '2026-04-01', '2026-04-12'), segment(pro, '2026-04-11'));
    expect(() => amounts('2026-04', [both])).toThrow(ConflictError);
    expect(() => amounts('2026-04', [both])).toThrow('two plan versions in force on 2026-04-11');
  });

  it('bills each subscription of a deployment, and grants of each allowance its share', () => {
    const draft = draftInvoice(
      aTenantMonth('2026-04', [
        aDeployment({
          subscriptions: [
            subscription(segment(starter, '2026-04-01', '2026-04-16')),
            subscription(segment(studio, '2026-04-16')),
          ],
          usage: [{ kind: 'droplet_hours', day: day('2026-04-02'), quantity: '1500' }],
        }),
      ]),
    );
    expect(draft?.lines.map(({ line }) => [line.kind, line.amount.cents])).toEqual([
      ['plan_base', 1000],
      ['plan_base', 2500],
      // 1500 less 372 and 744.
      ['overage', 384],
      ['tax', 388],
    ]);
  });

  it('is none where there is nothing to bill, and lists the usage of who has no subscription', () => {
    const usage = [{ kind: 'dns_zones' as const, day: day('2026-04-01'), quantity: '2' }];
    const idle = aDeployment({ deploymentId: 'idle', usage });
    expect(draftInvoice(aTenantMonth('2026-04', [idle]))).toBeNull();
    expect(amounts('2026-04', [subscription(segment(studio, '2026-05-01'))])).toBeUndefined();
    const active = aDeployment({ subscriptions: [subscription(segment(studio, '2026-04-01'))] });
    expect(draftInvoice(aTenantMonth('2026-04', [idle, active]))?.unbilled).toEqual([
      { deploymentId: 'idle', kind: 'dns_zones', quantity: '2' },
    ]);
  });

  it('sums LLM charges exactly, rounds them once, and names the late ones', () => {
    const charge = (period: string, requestCount: number, amount: string) => {
      return { period: month(period), requestCount, charge: amount, currency: 'AUD' as const };
    };
    const llmCharges = [
      charge('2026-04', 2, '0.004000000001'),
      charge('2026-03', 1, '0.000999999999'),
      charge('2026-04', 7, '1.23'),
    ];
    const draft = draftInvoice(aTenantMonth('2026-04', [aDeployment({ llmCharges })]));
    expect(draft?.lines[0]?.line).toMatchObject({
      kind: 'llm_usage',
      billingKind: 'llm_tokens',
      description: 'LLM usage, 10 requests, 1 request late from 2026-03',
      amount: { cents: 124, currency: 'AUD' },
      unitPriceCents: '123.5',
      meta: {
        charges: [{ period: '2026-04-01', requestCount: 9, exactCents: '123.4000000001' }],
        late: [{ period: '2026-03-01', requestCount: 1, exactCents: '0.0999999999' }],
        residueCents: { numerator: '0.5', denominator: 1 },
      },
    });
    expect(draft?.tax.cents).toBe(12);
  });

  it('never mixes currencies', () => {
    const usd = aPlan('pro', { basePrice: { cents: 100, currency: 'USD' } });
    const both = [studio, usd].map((plan, i) =>
      aDeployment({ deploymentId: `d${i}`, subscriptions: [subscription(segment(plan, '2026-04-01'))] }),
    );
    expect(() => draftInvoice(aTenantMonth('2026-04', both))).toThrow(CurrencyMismatchError);
    const llm = { period: month('2026-04'), requestCount: 1, charge: '1', currency: 'USD' as const };
    const mixed = aDeployment({ subscriptions: [subscription(segment(studio, '2026-04-01'))], llmCharges: [llm] });
    expect(() => draftInvoice(aTenantMonth('2026-04', [mixed]))).toThrow('acme mixes AUD and USD');
    const change = subscription(segment(studio, '2026-04-01', '2026-04-02'), segment(usd, '2026-04-02'));
    expect(() => amounts('2026-04', [change])).toThrow(CurrencyMismatchError);
  });

  it('prices days by the resource price in force, addons covering the earliest usage', () => {
    const price = (id: string, unitPriceCents: string, effectiveFrom: string) => {
      const kind = 'llm_tokens' as const;
      const currency = 'AUD' as const;
      return {
        id,
        kind,
        unit: '1k_tokens',
        unitPriceCents,
        currency,
        effectiveFrom: day(effectiveFrom),
        effectiveTo: null,
      };
    };
    const tokens = (on: string, quantity: string) => ({ kind: 'llm_tokens' as const, day: day(on), quantity });
    const draft = draftInvoice({
      ...aTenantMonth('2026-04', [
        aDeployment({
          subscriptions: [
            {
              segments: [segment(starter, '2026-04-01')],
              addons: [{ addon: anAddon('llm_1m'), from: day('2026-04-01'), until: null }],
            },
          ],
          usage: [tokens('2026-04-20', '50000'), tokens('2026-04-12', '600000'), tokens('2026-04-03', '700000')],
        }),
      ]),
      resourcePrices: [price('new', '2', '2026-04-15'), price('old', '1', '2026-04-10')],
    });
    // Unpriced before the 10th, but the addon covers that; 300,000 at 1 c and 50,000 at 2 c per thousand are left.
    expect(draft?.unpriced).toEqual([]);
    expect(draft?.lines.slice(2, 4).map(({ line }) => [line.quantity, line.unitPriceCents, line.amount.cents])).toEqual(
      [
        ['300', '1', 300],
        ['50', '2', 100],
      ],
    );
  });
});

describe('the accrual of a deployment', () => {
  it('is the invoice’s own lines, taken together by kind', () => {
    const deployment = aDeployment({
      subscriptions: [subscription(segment(studio, '2026-04-16'))],
      usage: [{ kind: 'droplet_hours', day: day('2026-04-17'), quantity: '1500' }],
      llmCharges: [{ period: month('2026-04'), requestCount: 1, charge: '0.5', currency: 'AUD' }],
    });
    const aud = (cents: number) => ({ cents, currency: 'AUD' });
    expect(accrueDeployment(aTenantMonth('2026-04', []), deployment, inAud)).toEqual({
      deploymentId: 'd1',
      recurring: aud(2500),
      overage: aud(756),
      llmUsage: aud(50),
      total: aud(3306),
    });
  });

  it('is none without anything to bill', () => {
    expect(accrueDeployment(aTenantMonth('2026-04', []), aDeployment(), inAud)).toBeNull();
  });
});
