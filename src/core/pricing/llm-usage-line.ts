import { soleCurrency } from '../money/currency-mismatch.js';
import { type DecimalText, sumDecimals, toDecimalText } from '../money/decimal-text.js';
import { type Currency, Decimal } from '../money/money.js';
import { roundExact } from '../money/rounded-cents.js';
import type { Period } from '../time/period.js';
import { type LlmChargeSum, type LlmUsageMeta, type PricedLine, roundedLine } from './priced-line.js';

/** The gateway's charges to one deployment that arose in one month: their exact sum in major units, as it charged them. */
export interface LlmCharges {
  readonly period: Period;
  readonly requestCount: number;
  readonly charge: DecimalText;
  readonly currency: Currency;
}

/** One line for all of a deployment's charges: exact amounts summed, rounded once; those of earlier months named late. */
export function llmUsageLine(period: Period, charges: readonly LlmCharges[]): PricedLine | null {
  const currency = soleCurrency(
    'the LLM usage of a deployment',
    charges.map((one) => one.currency),
  );
  if (!currency) return null;
  const sums = sumByPeriod(charges);
  if (sums.some((sum) => sum.period > period)) throw new RangeError(`LLM charges of a month after ${period}`);
  const late = sums.filter((sum) => sum.period < period);
  const exactCents = sumDecimals(sums.map((sum) => sum.exactCents));
  return roundedLine<LlmUsageMeta>(
    {
      kind: 'llm_usage',
      billingKind: 'llm_tokens',
      description: describe(sums, late),
      quantity: '1',
      unit: 'month',
      unitPriceCents: toDecimalText(exactCents),
    },
    currency,
    roundExact(exactCents),
    {
      formula: 'sum of the gateway’s charges',
      source: 'llm_gateway',
      charges: sums.filter((sum) => sum.period === period),
      late,
    },
  );
}

function sumByPeriod(charges: readonly LlmCharges[]): LlmChargeSum[] {
  const periods = [...new Set(charges.map((one) => one.period))].sort();
  return periods.map((period) => {
    const ofPeriod = charges.filter((one) => one.period === period);
    return {
      period,
      requestCount: ofPeriod.reduce((sum, one) => sum + one.requestCount, 0),
      exactCents: toDecimalText(new Decimal(sumDecimals(ofPeriod.map((one) => one.charge))).times(100)),
    };
  });
}

function describe(all: readonly LlmChargeSum[], late: readonly LlmChargeSum[]): string {
  const requests = (count: number) => `${count} ${count === 1 ? 'request' : 'requests'}`;
  const total = all.reduce((sum, one) => sum + one.requestCount, 0);
  const named = late.map((one) => `${requests(one.requestCount)} late from ${one.period.slice(0, 7)}`);
  return ['LLM usage', requests(total), ...named].join(', ');
}
