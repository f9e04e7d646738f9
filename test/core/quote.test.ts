import { describe, expect, it } from '@jest/globals';
import type { ResourcePrice } from '../../src/core/pricing/plan.js';
import { type QuoteRequest, quote } from '../../src/core/pricing/quote.js';
import { anAddon, aPlan, day } from './billing-builders.js';

const bare: QuoteRequest = {
  plan: aPlan('studio'),
  addons: [],
  projectedUsage: [],
  startsOn: day('2026-05-01'),
  resourcePrices: [],
};

const volumePrice: ResourcePrice = {
  id: 'p1',
  kind: 'volume_gb_month',
  unit: 'gb_month',
  unitPriceCents: '0.5',
  currency: 'AUD',
  effectiveFrom: day('2026-05-10'),
  effectiveTo: day('2026-06-10'),
};

describe('a quote', () => {
  it('of Studio bare is $50.00, without overage', () => {
    const { recurring, firstInvoice, overage, prorationFraction, allInMonthly } = quote(bare);
    expect(recurring.total).toEqual({ cents: 5000, currency: 'AUD' });
    expect(firstInvoice).toEqual(recurring);
    expect(overage).toEqual({ lines: [], total: { cents: 0, currency: 'AUD' } });
    expect(prorationFraction).toBe('31/31');
    expect(allInMonthly.cents).toBe(5000);
  });

  it('of Studio with storage from 20 May is the golden one', () => {
    const golden = quote({
      ...bare,
      addons: [anAddon('storage_50gb')],
      startsOn: day('2026-05-20'),
      projectedUsage: [
        { kind: 'droplet_hours', quantity: '1488' },
        { kind: 'llm_tokens', quantity: '1500000' },
        { kind: 'spaces_gb_month', quantity: '200' },
      ],
    });
    expect(golden.recurring.total.cents).toBe(5750);
    expect(golden.firstInvoice.lines.map((line) => line.amount.cents)).toEqual([1935, 290]);
    expect(golden.firstInvoice.total.cents).toBe(2225);
    expect(golden.prorationFraction).toBe('12/31');
    expect(golden.overage.lines.map((line) => [line.billingKind, line.quantity, line.unit, line.amount.cents])).toEqual(
      [
        ['spaces_gb_month', '50', 'gb_month', 100],
        ['llm_tokens', '500', '1k_tokens', 500],
      ],
    );
    expect(golden.unpriced).toEqual([]);
    expect(golden.allInMonthly.cents).toBe(6350);
    expect(golden.firstInvoice.lines[0]).toEqual({
      kind: 'plan_base',
      billingKind: null,
      description: 'Studio plan, 2026-05-20 to 2026-05-31 (12 of 31 days)',
      quantity: '1',
      unit: 'month',
      unitPriceCents: '5000',
      amount: { cents: 1935, currency: 'AUD' },
      meta: {
        formula: 'price × days billed ÷ days in month',
        source: 'plan_base',
        planVersionId: 'studio-v1',
        planCode: 'studio',
        version: 1,
        priceCents: 5000,
        prorationFraction: '12/31',
        daysBilled: 12,
        daysInMonth: 31,
        firstDay: '2026-05-20',
        lastDay: '2026-05-31',
        exactCents: { numerator: '60000', denominator: 31 },
        residueCents: { numerator: '-15', denominator: 31 },
      },
    });
    expect(golden.overage.lines[0]?.meta).toMatchObject({
      priceSource: { source: 'plan_item', planVersionId: 'studio-v1' },
      used: '200',
      allowance: '150',
      allowanceParts: [
        { source: 'plan', quantity: '100' },
        { source: 'addon', addonCode: 'storage_50gb', quantity: '50' },
      ],
      overage: '50',
      cap: null,
      billable: '50',
      exactCents: { numerator: '100', denominator: 1 },
    });
  });

  it('counts an addon that is named twice twice, a line each', () => {
    const storage = anAddon('storage_50gb');
    const twice = quote({
      ...bare,
      addons: [storage, storage],
      projectedUsage: [{ kind: 'spaces_gb_month', quantity: '210' }],
    });
    expect(twice.recurring.lines.map((line) => line.amount.cents)).toEqual([5000, 750, 750]);
    expect(twice.overage.total.cents).toBe(20);
  });

  it('bills overage up to the hard cap and no further', () => {
    const plan = aPlan('studio', {
      items: [
        {
          kind: 'bandwidth_gb',
          includedQuantity: '10.000',
          overageUnit: 'gb',
          overagePriceCents: '3',
          hardCapQuantity: '5.0',
        },
      ],
    });
    const used = (quantity: string) => quote({ ...bare, plan, projectedUsage: [{ kind: 'bandwidth_gb', quantity }] });
    expect(used('14').overage.total.cents).toBe(12);
    expect(used('15').overage.total.cents).toBe(15);
    expect(used('1000').overage.total.cents).toBe(15);
    expect(used('1000').overage.lines[0]?.meta).toMatchObject({ overage: '990', cap: '5', billable: '5' });
  });

  it('prices what no plan item covers by the resource price of the day, and shows the rest as unpriced', () => {
    const usage = { projectedUsage: [{ kind: 'volume_gb_month' as const, quantity: '11' }] };
    const on = (startsOn: string) =>
      quote({ ...bare, ...usage, resourcePrices: [volumePrice], startsOn: day(startsOn) });
    expect(on('2026-05-09').unpriced).toEqual([{ kind: 'volume_gb_month', quantity: '11' }]);
    expect(on('2026-05-09').overage.lines).toEqual([]);
    expect(on('2026-06-10').unpriced).toEqual([{ kind: 'volume_gb_month', quantity: '11' }]);
    expect(on('2026-06-09').unpriced).toEqual([]);
    // 5.5 cents round away from zero.
    expect(on('2026-05-10').overage.total.cents).toBe(6);
    expect(on('2026-05-10').overage.lines[0]?.meta).toMatchObject({
      priceSource: { source: 'resource_price', resourcePriceId: 'p1', effectiveFrom: '2026-05-10' },
    });
  });

  it('never uses a resource price of another currency', () => {
    const { unpriced } = quote({
      ...bare,
      projectedUsage: [{ kind: 'volume_gb_month', quantity: '1' }],
      resourcePrices: [{ ...volumePrice, currency: 'USD' }],
      startsOn: day('2026-05-10'),
    });
    expect(unpriced).toEqual([{ kind: 'volume_gb_month', quantity: '1' }]);
  });

  it('shows overage of an item without a price as unpriced', () => {
    const [hours] = aPlan('studio').items;
    if (!hours) throw new Error('no item');
    const plan = aPlan('studio', { items: [{ ...hours, overagePriceCents: null }] });
    const { overage, unpriced } = quote({
      ...bare,
      plan,
      projectedUsage: [{ kind: 'droplet_hours', quantity: '1500' }],
    });
    expect(overage.lines).toEqual([]);
    expect(unpriced).toEqual([{ kind: 'droplet_hours', quantity: '12' }]);
  });
});
