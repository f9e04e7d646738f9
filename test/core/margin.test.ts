import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { draftInvoice } from '../../src/core/invoices/invoice.js';
import {
  convert,
  convertAtMonth,
  type FxRate,
  MissingFxRateError,
  type Reporting,
  rateOn,
} from '../../src/core/money/fx.js';
import type { Money } from '../../src/core/money/money.js';
import { LINE_KINDS } from '../../src/core/pricing/priced-line.js';
import { fxEffects } from '../../src/core/reports/fx-effect.js';
import {
  type Books,
  type CostOfKind,
  countsAsRevenue,
  type Margin,
  marginOf,
  marginReport,
  type OwnedCost,
  type OwnedRevenue,
  type RevenueOfKind,
} from '../../src/core/reports/margin.js';
import { aDeployment, aPlan, aTenantMonth, day, month } from './billing-builders.js';

const rate = (effectiveFrom: string, value: string): FxRate => {
  return { base: 'USD', quote: 'AUD', effectiveFrom: day(effectiveFrom), rate: value };
};
const usd = (cents: number): Money => ({ cents, currency: 'USD' });
type RevenueLine = OwnedRevenue & RevenueOfKind;
type CostLine = OwnedCost & CostOfKind;
const booksOf = (revenue: readonly RevenueLine[], costs: readonly CostLine[]): Books => {
  return { revenue, revenueOfKinds: revenue, costs, costsOfKinds: costs };
};
const cost = (row: Partial<CostLine>): CostLine => {
  return { tenantId: null, deploymentId: null, kind: null, isTax: false, cents: 0, ...row };
};
const figures = ({ revenue, cogs, cogsTax, margin, marginPercent }: Margin) => {
  return [revenue.cents, cogs.cents, cogsTax.cents, margin.cents, marginPercent];
};

/** Studio with five droplets through April, and the golden invoice of that month at one to one. */
function goldenBooks(): { revenue: RevenueLine[]; costs: CostLine[] } {
  const draft = draftInvoice(
    aTenantMonth('2026-04', [
      aDeployment({
        subscriptions: [{ segments: [{ plan: aPlan('studio'), from: day('2026-04-01'), until: null }], addons: [] }],
        usage: [{ kind: 'droplet_hours', day: day('2026-04-01'), quantity: '3600' }],
      }),
    ]),
  );
  const beforeTax = (draft?.lines ?? []).filter(({ line }) => line.kind !== 'tax');
  const revenue = beforeTax.map(({ deploymentId, line }) => {
    return { tenantId: 'acme', deploymentId, kind: line.kind, billingKind: line.billingKind, cents: line.amount.cents };
  });
  const costs = [
    cost({ tenantId: 'acme', deploymentId: 'd1', kind: 'droplet', cents: 3053 }),
    cost({ kind: 'snapshot', cents: 4849 }),
    cost({ isTax: true, cents: 790 }),
  ];
  return { revenue, costs };
}

describe('margin', () => {
  it('is the golden one with the provider’s tax included', () => {
    const { revenue, costs } = goldenBooks();
    const report = marginReport({ currency: 'AUD', cogsTax: 'included' }, booksOf(revenue, costs));
    expect(figures(report.overall)).toEqual([7112, 8692, 790, -1580, -22.2]);
    expect(report.byTenant.map((one) => [one.tenantId, ...figures(one.margin)])).toEqual([
      ['acme', 7112, 3053, 0, 4059, 57.1],
      [null, 0, 5639, 790, -5639, null],
    ]);
    expect(report.byDeployment.map((one) => [one.deploymentId, one.margin.margin.cents])).toEqual([['d1', 4059]]);
    expect(report.revenueByKind.map((one) => [one.kind, one.billingKind, one.revenue.cents])).toEqual([
      ['overage', 'droplet_hours', 2112],
      ['plan_base', null, 5000],
    ]);
    expect(report.cogsByKind.map((one) => [one.kind, one.cogs.cents])).toEqual([
      ['droplet', 3053],
      ['snapshot', 4849],
      [null, 790],
    ]);
  });

  it('leaves the provider’s tax out where it is excluded, and still names it', () => {
    const { revenue, costs } = goldenBooks();
    const report = marginReport({ currency: 'AUD', cogsTax: 'excluded' }, booksOf(revenue, costs));
    expect(figures(report.overall)).toEqual([7112, 7902, 790, -790, -11.1]);
    expect(report.cogsByKind.map((one) => [one.kind, one.cogs.cents])).toEqual([
      ['droplet', 3053],
      ['snapshot', 4849],
    ]);
  });

  it('has no percentage without revenue, and none below zero of nothing', () => {
    expect(marginOf('AUD', { revenue: 0, cogs: 100, cogsTax: 0 }).marginPercent).toBeNull();
    expect(Object.is(marginOf('AUD', { revenue: 10_000, cogs: 10_001, cogsTax: 0 }).marginPercent, 0)).toBe(true);
  });

  it.each([
    ['draft', true],
    ['issued', true],
    ['paid', true],
    ['void', false],
  ] as const)('counts a %s invoice: %s', (status, counts) => {
    expect(countsAsRevenue(status)).toBe(counts);
  });

  it('is the sum of its parts over random books', () => {
    const tenantId = fc.constantFrom('a', 'b', 'c');
    const deploymentId = fc.option(fc.constantFrom('d1', 'd2', 'd3'));
    const cents = fc.integer({ min: -100_000, max: 1_000_000 });
    const revenues = fc.array(
      fc.record({
        tenantId,
        deploymentId,
        kind: fc.constantFrom(...LINE_KINDS),
        billingKind: fc.constantFrom(null, 'droplet_hours' as const, 'dns_zones' as const),
        cents,
      }),
    );
    const costs = fc.array(
      fc.record({
        tenantId: fc.option(tenantId),
        deploymentId,
        kind: fc.constantFrom(null, 'droplet' as const, 'volume' as const),
        isTax: fc.boolean(),
        cents,
      }),
    );
    const sum = (amounts: number[]) => amounts.reduce((total, one) => total + one, 0);
    fc.assert(
      fc.property(
        revenues,
        costs,
        fc.constantFrom('included' as const, 'excluded' as const),
        (rows, lines, cogsTax) => {
          const { overall, byTenant, revenueByKind, cogsByKind } = marginReport(
            { currency: 'AUD', cogsTax },
            booksOf(rows, lines),
          );
          for (const part of ['revenue', 'cogs', 'cogsTax', 'margin'] as const) {
            expect(sum(byTenant.map((one) => one.margin[part].cents))).toBe(overall[part].cents);
          }
          expect(sum(revenueByKind.map((one) => one.revenue.cents))).toBe(overall.revenue.cents);
          expect(sum(cogsByKind.map((one) => one.cogs.cents))).toBe(overall.cogs.cents);
          expect(overall.revenue.cents - overall.cogs.cents).toBe(overall.margin.cents);
          const reversed = marginReport({ currency: 'AUD', cogsTax }, booksOf(rows.toReversed(), lines.toReversed()));
          expect(reversed).toEqual(marginReport({ currency: 'AUD', cogsTax }, booksOf(rows, lines)));
        },
      ),
    );
  });
});

describe('rates', () => {
  const rates = [rate('2026-04-20', '1.6'), rate('2026-03-01', '1.5')];
  const toAud: Reporting = { currency: 'AUD', rates };

  it('hold from their first day until the next one', () => {
    const on = (text: string) => rateOn(rates, { base: 'USD', quote: 'AUD' }, day(text)).rate;
    expect([on('2026-03-01'), on('2026-04-19'), on('2026-04-20'), on('2027-01-01')]).toEqual([
      '1.5',
      '1.5',
      '1.6',
      '1.6',
    ]);
  });

  it('convert a month at the rate of its last day, each line rounded half away from zero', () => {
    expect(convertAtMonth(toAud, usd(3), month('2026-03'))).toEqual({ cents: 5, currency: 'AUD' });
    expect(convertAtMonth(toAud, usd(-3), month('2026-03'))).toEqual({ cents: -5, currency: 'AUD' });
    expect(convertAtMonth(toAud, usd(1000), month('2026-04')).cents).toBe(1600);
  });

  it('are refused by pair and day where there is none, the opposite pair notwithstanding', () => {
    const early = () => rateOn(rates, { base: 'USD', quote: 'AUD' }, day('2026-02-28'));
    expect(early).toThrow(MissingFxRateError);
    expect(early).toThrow('There is no rate from USD to AUD on 2026-02-28');
    const opposite = () => convertAtMonth({ currency: 'USD', rates }, { cents: 1, currency: 'AUD' }, month('2026-04'));
    expect(opposite).toThrow('There is no rate from AUD to USD on 2026-04-30');
  });

  it('are not needed within one currency', () => {
    expect(convertAtMonth({ currency: 'USD', rates: [] }, usd(7), month('2026-04'))).toEqual(usd(7));
  });

  it('never convert another currency than their own', () => {
    expect(() => convert({ cents: 1, currency: 'AUD' }, rate('2026-01-01', '2'))).toThrow(RangeError);
  });

  it('that move are told apart from business', () => {
    const at = (fx: string) => {
      const costs = [
        cost({ tenantId: 'acme', cents: convert(usd(1000), rate('2026-01-01', fx)).cents }),
        cost({ cents: convert(usd(501), rate('2026-01-01', fx)).cents }),
      ];
      return marginReport({ currency: 'AUD', cogsTax: 'included' }, booksOf(goldenBooks().revenue, costs));
    };
    const { overall, byTenant } = fxEffects(at('1.6'), at('1.5'));
    expect([overall.margin.cents, overall.marginAtPreviousRate.cents, overall.fxEffect.cents]).toEqual([
      4710, 4860, -150,
    ]);
    expect(byTenant.map((one) => [one.tenantId, one.fxEffect.cents])).toEqual([
      ['acme', -100],
      [null, -50],
    ]);
  });
});
