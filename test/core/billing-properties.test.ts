import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { explainLine } from '../../src/core/invoices/explain-line.js';
import { type DeploymentMonth, draftInvoice, type TenantMonth } from '../../src/core/invoices/invoice.js';
import { type BillingKind, unitsOf } from '../../src/core/metering/billing-kind.js';
import { exactQuantity } from '../../src/core/metering/metered-quantity.js';
import { CurrencyMismatchError } from '../../src/core/money/currency-mismatch.js';
import { Fraction } from '../../src/core/money/fraction.js';
import { Decimal } from '../../src/core/money/money.js';
import { isExactRounding } from '../../src/core/money/rounded-cents.js';
import { allowanceOf, partQuantity } from '../../src/core/pricing/allowance.js';
import type { DayUsage } from '../../src/core/pricing/overage-lines.js';
import type { AddonTerms, PlanVersionTerms, ResourcePrice } from '../../src/core/pricing/plan.js';
import type { SubscriptionTerms } from '../../src/core/pricing/price-month.js';
import { quote } from '../../src/core/pricing/quote.js';
import { accrueDeployment } from '../../src/core/reports/accrual.js';
import { addDays, type Day, daysInMonth, type Period, parsePeriod, periodOf } from '../../src/core/time/period.js';

// Few kinds, so that plan items, addons, prices and usage meet often.
const kind = fc.constantFrom<BillingKind>('droplet_hours', 'volume_gb_month', 'llm_tokens');
const cents = fc.integer({ min: 0, max: 1_000_000 });
const decimal = (places: number) =>
  fc.integer({ min: 0, max: 5_000_000 }).map((n) => new Decimal(n).div(new Decimal(10).pow(places)).toFixed());
const quantity = fc.oneof(decimal(0), decimal(2), decimal(6));
const period = fc
  .tuple(fc.integer({ min: 2020, max: 2032 }), fc.integer({ min: 1, max: 12 }))
  .map(([year, month]) => parsePeriod(`${year}-${String(month).padStart(2, '0')}-01`));
const dayIn = (of: Period) => fc.integer({ min: 0, max: daysInMonth(of) - 1 }).map((n) => addDays(of, n));

const plan: fc.Arbitrary<PlanVersionTerms> = fc.record({
  id: fc.uuid(),
  planCode: fc.constant('any'),
  planName: fc.constant('Any'),
  version: fc.integer({ min: 1, max: 9 }),
  basePrice: fc.record({ cents, currency: fc.constant('AUD' as const) }),
  items: fc.uniqueArray(
    kind.chain((of) =>
      fc.record({
        kind: fc.constant(of),
        includedQuantity: quantity,
        overageUnit: fc.constantFrom(...unitsOf(of)),
        overagePriceCents: fc.option(decimal(4)),
        hardCapQuantity: fc.option(quantity),
      }),
    ),
    { selector: (item) => item.kind },
  ),
});

const addon: fc.Arbitrary<AddonTerms> = fc.record({
  code: fc.constantFrom('a', 'b', 'c'),
  name: fc.constant('Addon'),
  kind,
  quantity,
  price: fc.record({ cents, currency: fc.constant('AUD' as const) }),
});

/** Prices that change within the month, some of another currency. */
const resourcePricesIn = (of: Period): fc.Arbitrary<ResourcePrice[]> =>
  fc.uniqueArray(
    kind.chain((priced) =>
      fc.record({
        id: fc.uuid(),
        kind: fc.constant(priced),
        unit: fc.constantFrom(...unitsOf(priced)),
        unitPriceCents: decimal(4),
        currency: fc.constantFrom('AUD' as const, 'AUD' as const, 'USD' as const),
        effectiveFrom: dayIn(of),
        effectiveTo: fc.option(dayIn(of)),
      }),
    ),
    { maxLength: 9, selector: (price) => price.id },
  );

const usageIn = (of: Period): fc.Arbitrary<DayUsage[]> =>
  fc.array(fc.record({ kind, day: dayIn(of), quantity }), { maxLength: 20 });

function subscriptionIn(of: Period): fc.Arbitrary<SubscriptionTerms> {
  const days = daysInMonth(of);
  return fc
    .record({
      cuts: fc.uniqueArray(fc.integer({ min: -10, max: days + 5 }), { minLength: 1, maxLength: 4 }),
      plans: fc.array(plan, { minLength: 4, maxLength: 4 }),
      isOpen: fc.boolean(),
      addons: fc.array(
        fc.record({
          addon,
          start: fc.integer({ min: -10, max: days }),
          length: fc.option(fc.integer({ min: 1, max: 50 })),
        }),
        { maxLength: 4 },
      ),
    })
    .map(({ cuts, plans, isOpen, addons }) => {
      const starts = cuts.toSorted((a, b) => a - b);
      return {
        segments: starts.map((start, i) => ({
          plan: plans[i] as PlanVersionTerms,
          from: addDays(of, start),
          until: i + 1 < starts.length || !isOpen ? addDays(of, starts[i + 1] ?? start + 7) : null,
        })),
        addons: addons.map(({ addon: terms, start, length }) => ({
          addon: terms,
          from: addDays(of, start),
          until: length === null ? null : addDays(of, start + length),
        })),
      };
    });
}

function deploymentIn(of: Period): fc.Arbitrary<DeploymentMonth> {
  const charge = fc.record({
    period: fc.constantFrom(of, periodOf(addDays(of, -1))),
    requestCount: fc.integer({ min: 1, max: 1000 }),
    charge: fc.bigInt({ min: 0n, max: 10n ** 16n }).map((n) => new Decimal(n.toString()).div('1e12').toFixed()),
    currency: fc.constant('AUD' as const),
  });
  return fc.record({
    deploymentId: fc.uuid(),
    subscriptions: fc.array(subscriptionIn(of), { maxLength: 2 }),
    usage: usageIn(of),
    llmCharges: fc.array(charge, { maxLength: 4 }),
  });
}

const tenantMonth: fc.Arbitrary<TenantMonth> = period.chain((of) =>
  fc.record({
    tenantId: fc.constant('acme'),
    period: fc.constant(of),
    deployments: fc.uniqueArray(deploymentIn(of), { maxLength: 3, selector: (one) => one.deploymentId }),
    resourcePrices: resourcePricesIn(of),
    gstRate: fc.constantFrom('0.10', '0.1', '0', '0.125'),
  }),
);

/** A plan, addons, usage and first day: what both a quote and a first month are made of. */
const quoteInputs = period.chain((of) =>
  fc.record({
    plan,
    addons: fc.array(addon, { maxLength: 4 }),
    usage: usageIn(of),
    startsOn: dayIn(of),
    resourcePrices: resourcePricesIn(of),
  }),
);

function onlySubscription(terms: PlanVersionTerms, addons: readonly AddonTerms[], from: Day): SubscriptionTerms {
  return {
    segments: [{ plan: terms, from, until: null }],
    addons: addons.map((one) => ({ addon: one, from, until: null })),
  };
}

function firstMonth(
  inputs: { plan: PlanVersionTerms; addons: AddonTerms[]; usage: DayUsage[]; startsOn: Day } & Pick<
    TenantMonth,
    'resourcePrices'
  >,
): TenantMonth {
  const { usage, startsOn } = inputs;
  const subscriptions = [onlySubscription(inputs.plan, inputs.addons, startsOn)];
  const deployments = [{ deploymentId: 'd1', subscriptions, usage, llmCharges: [] }];
  const { resourcePrices: prices } = inputs;
  return { tenantId: 'acme', period: periodOf(startsOn), deployments, resourcePrices: prices, gstRate: '0.10' };
}

/** What is billed and what is not, without the ids of prices. */
function amountsOf(draft: ReturnType<typeof draftInvoice>) {
  const lines = draft?.lines.map(({ deploymentId, line }) => [
    deploymentId,
    line.description,
    line.quantity,
    line.amount,
  ]);
  return { lines, total: draft?.total, unpriced: draft?.unpriced, unbilled: draft?.unbilled };
}

const overageOf = (month: TenantMonth) => sumOf(month, 'overage');

function sumOf(month: TenantMonth, lineKind: string): number {
  const lines = draftInvoice(month)?.lines ?? [];
  return lines.reduce((sum, { line }) => sum + (line.kind === lineKind ? line.amount.cents : 0), 0);
}

describe('the engine, over random catalogs, usage and days', () => {
  it('the invoice of a whole month equals the quote for the same inputs, line for line', () => {
    fc.assert(
      fc.property(quoteInputs, (inputs) => {
        const quoted = quote({ ...inputs, projectedUsage: inputs.usage });
        const usage = inputs.usage.map((one) => ({ ...one, day: inputs.startsOn }));
        const startsOn = periodOf(inputs.startsOn);
        const invoice = draftInvoice(firstMonth({ ...inputs, startsOn, usage }));
        const lines = invoice?.lines.filter(({ line }) => line.kind !== 'tax').map(({ line }) => line);
        expect(lines).toEqual([...quoted.recurring.lines, ...quoted.overage.lines]);
        expect(invoice?.subtotal.cents).toBe(quoted.allInMonthly.cents);
        expect(invoice?.unpriced).toEqual(quoted.unpriced.map((one) => ({ deploymentId: 'd1', ...one })));
        const first = draftInvoice(firstMonth({ ...inputs, usage: [] }));
        expect(first?.lines.filter(({ line }) => line.kind !== 'tax').map(({ line }) => line)).toEqual(
          quoted.firstInvoice.lines,
        );
        expect(quoted.allInMonthly.cents).toBe(quoted.recurring.total.cents + quoted.overage.total.cents);
      }),
    );
  });

  it('a full month costs the price', () => {
    fc.assert(
      fc.property(plan, fc.array(addon), period, (terms, addons, startsOn) => {
        const full = quote({ plan: terms, addons, projectedUsage: [], startsOn, resourcePrices: [] });
        const price = addons.reduce((sum, one) => sum + one.price.cents, terms.basePrice.cents);
        expect(full.recurring.total.cents).toBe(price);
        expect(full.firstInvoice.total.cents).toBe(price);
      }),
    );
  });

  it('a month cut at any days, base and addon, sums to the month within one cent a line', () => {
    const cut = period.chain((of) =>
      fc.record({ of: fc.constant(of), at: fc.uniqueArray(dayIn(of), { minLength: 1, maxLength: 6 }), price: cents }),
    );
    fc.assert(
      fc.property(plan, addon, cut, (terms, extra, { of, at, price }) => {
        const starts = [...new Set([of, ...at])].sort();
        const ranges = starts.map((from, i) => ({ from, until: starts[i + 1] ?? null }));
        const segments = ranges.map((range, i) => {
          return { ...range, plan: { ...terms, id: `v${i}`, basePrice: { cents: price, currency: 'AUD' as const } } };
        });
        const addons = ranges.map((range) => ({ ...range, addon: extra }));
        const deployments = [{ deploymentId: 'd1', subscriptions: [{ segments, addons }], usage: [], llmCharges: [] }];
        const month = { tenantId: 'acme', period: of, deployments, resourcePrices: [], gstRate: '0.10' };
        expect(draftInvoice(month)?.lines).toHaveLength(2 * ranges.length + 1);
        expect(Math.abs(sumOf(month, 'plan_base') - price)).toBeLessThanOrEqual(ranges.length);
        expect(Math.abs(sumOf(month, 'addon') - extra.price.cents)).toBeLessThanOrEqual(ranges.length);
      }),
    );
  });

  it('currencies never mix: an invoice is all in one, or refused', () => {
    const currency = fc.constantFrom('AUD' as const, 'USD' as const);
    fc.assert(
      fc.property(tenantMonth, fc.array(currency, { minLength: 1, maxLength: 40 }), (month, currencies) => {
        let next = 0;
        const some = () => currencies[next++ % currencies.length] as 'AUD' | 'USD';
        const deployments = month.deployments.map((one) => ({
          ...one,
          subscriptions: one.subscriptions.map((terms) => ({
            segments: terms.segments.map((segment) => {
              return { ...segment, plan: { ...segment.plan, basePrice: { cents: 1, currency: some() } } };
            }),
            addons: terms.addons.map((attached) => {
              return { ...attached, addon: { ...attached.addon, price: { cents: 1, currency: some() } } };
            }),
          })),
          llmCharges: one.llmCharges.map((charge) => ({ ...charge, currency: some() })),
        }));
        let draft: ReturnType<typeof draftInvoice>;
        try {
          draft = draftInvoice({ ...month, deployments });
        } catch (error) {
          expect(error).toBeInstanceOf(CurrencyMismatchError);
          return;
        }
        const used = draft?.lines.map(({ line }) => line.amount.currency) ?? [];
        expect(new Set(used).size).toBe(draft ? 1 : 0);
        for (const total of draft ? [draft.subtotal, draft.tax, draft.total] : []) expect(total.currency).toBe(used[0]);
      }),
    );
  });

  it('more usage never costs less', () => {
    const extra = fc.record({ kind, quantity, offset: fc.integer({ min: 0, max: 27 }) });
    fc.assert(
      fc.property(quoteInputs, extra, (inputs, more) => {
        const day = addDays(periodOf(inputs.startsOn), more.offset);
        const usage = [...inputs.usage, { kind: more.kind, quantity: more.quantity, day }];
        expect(overageOf(firstMonth({ ...inputs, usage }))).toBeGreaterThanOrEqual(overageOf(firstMonth(inputs)));
      }),
    );
  });

  it('an addon never raises overage', () => {
    fc.assert(
      fc.property(quoteInputs, addon, (inputs, more) => {
        const addons = [...inputs.addons, more];
        expect(overageOf(firstMonth({ ...inputs, addons }))).toBeLessThanOrEqual(overageOf(firstMonth(inputs)));
      }),
    );
  });

  it('lines sum to the totals, and every line proves its own amount', () => {
    fc.assert(
      fc.property(tenantMonth, (month) => {
        const draft = draftInvoice(month);
        if (!draft) return;
        const total = draft.lines.reduce((sum, { line }) => sum + line.amount.cents, 0);
        expect(total).toBe(draft.total.cents);
        expect(draft.subtotal.cents + draft.tax.cents).toBe(draft.total.cents);
        expect(draft.lines.filter(({ line }) => line.kind === 'tax').map((one) => one.deploymentId)).toEqual([null]);
        expect(new Set(draft.lines.map(({ line }) => line.amount.currency))).toEqual(new Set(['AUD']));
        for (const { line } of draft.lines) {
          expect(isExactRounding({ cents: line.amount.cents, ...line.meta })).toBe(true);
          expect(explainLine(JSON.parse(JSON.stringify(line)))).toEqual(explainLine(line));
        }
      }),
    );
  });

  it('a price change of another kind, and a price set again as it was, change no line', () => {
    const changes = tenantMonth.chain((month) =>
      fc.record({ month: fc.constant(month), day: dayIn(month.period), picked: fc.nat(), foreign: fc.uuid() }),
    );
    fc.assert(
      fc.property(changes, ({ month, day, picked, foreign }) => {
        const bandwidth = {
          ...{ id: foreign, kind: 'bandwidth_gb' as const, unit: 'gb', unitPriceCents: '7', currency: 'AUD' as const },
          ...{ effectiveFrom: day, effectiveTo: null },
        };
        // One price, ended and begun anew on a day on which it is in force: as the price list has it, the one ends there.
        const price = month.resourcePrices[picked % Math.max(1, month.resourcePrices.length)];
        const cut = price && price.effectiveFrom < day && (price.effectiveTo === null || day < price.effectiveTo);
        const resourcePrices = cut
          ? month.resourcePrices.flatMap((one) =>
              one === price
                ? [
                    { ...one, effectiveTo: day },
                    { ...one, effectiveFrom: day },
                  ]
                : [one],
            )
          : month.resourcePrices;
        const draft = draftInvoice({ ...month, resourcePrices: [...resourcePrices, bandwidth] });
        expect(amountsOf(draft)).toEqual(amountsOf(draftInvoice(month)));
      }),
    );
  });

  it('records of any size are exact over any days of the month, however many there are of each', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 10 ** 12 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        period,
        sizes,
        fc.uniqueArray(fc.nat({ max: 27 }), { minLength: 1 }),
        fc.boolean(),
        (of, nanos, days, isHourly) => {
          const hours = isHourly ? 24 : 1;
          const divisor = daysInMonth(of) * hours;
          const records = nanos.flatMap((size) => {
            const quantity = new Decimal(size)
              .div(10 ** 9)
              .div(divisor)
              .toDecimalPlaces(18)
              .toFixed();
            return days.flatMap(() => Array.from({ length: hours }, () => quantity));
          });
          const whole = nanos.reduce((sum, size) => sum.plus(size), new Decimal(0)).div(10 ** 9);
          const exact = Fraction.of(whole).share(days.length, daysInMonth(of));
          expect(exactQuantity('volume_gb_month', of, records).toText()).toBe(exact.toText());
        },
      ),
    );
  });

  it('allowances of a month cut at any days are those of the whole month', () => {
    const cut = period.chain((of) =>
      fc.record({ of: fc.constant(of), at: fc.uniqueArray(dayIn(of), { maxLength: 5 }) }),
    );
    fc.assert(
      fc.property(plan, addon, cut, (terms, extra, { of, at }) => {
        const starts = [...new Set([of, ...at])].sort();
        const ranges = starts.map((from, i) => ({ from, until: starts[i + 1] ?? addDays(of, daysInMonth(of)) }));
        const inForce = (count: number) => ({
          plans: ranges.map((range, i) => ({ terms: { ...terms, id: `v${i % count}` }, days: [range] })),
          addons: ranges.map((range) => ({ terms: extra, days: [range] })),
        });
        for (const one of new Set([...terms.items.map((item) => item.kind), extra.kind])) {
          const { plans, addons } = inForce(3);
          const cutUp = allowanceOf(one, of, plans, addons);
          const whole = [{ from: of, until: addDays(of, daysInMonth(of)) }];
          const expected = allowanceOf(one, of, [{ terms, days: whole }], [{ terms: extra, days: whole }]);
          expect(cutUp.total.toText()).toBe(expected.total.toText());
          const parts = cutUp.parts.reduce((sum, part) => sum.plus(partQuantity(part)), Fraction.ZERO);
          expect(parts.toText()).toBe(expected.total.toText());
        }
      }),
    );
  });

  it('usage on days without a plan is unbilled, and moves no line', () => {
    const inputs = tenantMonth.filter((month) => month.deployments.length > 0);
    fc.assert(
      fc.property(inputs, kind, quantity, (month, used, amount) => {
        const isBilled = (day: Day, of: DeploymentMonth) =>
          of.subscriptions.some(({ segments }) =>
            segments.some(({ from, until }) => from <= day && (until === null || day < until)),
          );
        const [first, ...others] = month.deployments as [DeploymentMonth, ...DeploymentMonth[]];
        const days = Array.from({ length: daysInMonth(month.period) }, (_, n) => addDays(month.period, n));
        const free = days.find((day) => !isBilled(day, first));
        if (free === undefined) return;
        const usage = [...first.usage, { kind: used, day: free, quantity: amount }];
        const draft = draftInvoice({ ...month, deployments: [{ ...first, usage }, ...others] });
        const before = draftInvoice(month);
        expect(draft?.lines).toEqual(before?.lines);
        const unbilled = (of: typeof draft) =>
          (of?.unbilled ?? [])
            .filter((one) => one.deploymentId === first.deploymentId && one.kind === used)
            .reduce((sum, one) => sum.plus(one.quantity), new Decimal(0));
        if (draft) expect(unbilled(draft).minus(unbilled(before)).toFixed()).toBe(new Decimal(amount).toFixed());
      }),
    );
  });

  it('nothing depends on the order of inputs', () => {
    const reversed = (month: TenantMonth): TenantMonth => ({
      ...month,
      resourcePrices: month.resourcePrices.toReversed(),
      deployments: month.deployments.toReversed().map((one) => ({
        ...one,
        usage: one.usage.toReversed(),
        llmCharges: one.llmCharges.toReversed(),
        subscriptions: one.subscriptions.toReversed().map((terms) => ({
          segments: terms.segments.toReversed(),
          addons: terms.addons.toReversed(),
        })),
      })),
    });
    fc.assert(
      fc.property(tenantMonth, (month) => {
        expect(draftInvoice(reversed(month))).toEqual(draftInvoice(month));
      }),
    );
  });

  it('accrual over the whole month’s usage is the invoice before GST', () => {
    fc.assert(
      fc.property(tenantMonth, (month) => {
        const accrued = month.deployments.map(
          (one) => accrueDeployment(month, one, { currency: 'AUD', rates: [] })?.total.cents ?? 0,
        );
        expect(accrued.reduce((sum, one) => sum + one, 0)).toBe(draftInvoice(month)?.subtotal.cents ?? 0);
      }),
    );
  });
});
