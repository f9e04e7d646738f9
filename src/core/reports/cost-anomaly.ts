import { Decimal, roundToCents } from '../money/money.js';
import type { Period } from '../time/period.js';

/** One month of a resource's or kind's cost, in the provider's currency and in the reporting one. */
export interface MonthlyCost {
  readonly period: Period;
  readonly providerCents: number;
  readonly reportingCents: number;
}

/** What is compared with its own past: up to twelve months before, in any order, months without cost left out. */
export interface CostSeries {
  readonly current: MonthlyCost;
  readonly history: readonly MonthlyCost[];
}

/** What the event log, the cost lines and the rates say of the month in question. */
export interface CauseEvidence {
  /** First seen, or first billed, in this month or the one before. */
  readonly isNew: boolean;
  readonly isGone: boolean;
  /** Its size changed in this month or the one before. */
  readonly isResized: boolean;
  /** What one hour cost in the provider's currency, now and usually; null where hours are not billed. */
  readonly hourlyCents: { readonly now: string; readonly usual: string } | null;
}

export const ANOMALY_CAUSES = ['new', 'gone', 'resized', 'fx', 'price', 'unknown'] as const;
export type AnomalyCause = (typeof ANOMALY_CAUSES)[number];

export interface CostAnomaly {
  readonly direction: 'up' | 'down';
  readonly currentCents: number;
  /** The median of its history. */
  readonly usualCents: number;
  /** Current less usual, in the reporting currency. */
  readonly changeCents: number;
  /** How many times its usual spread it moved. A statistic, not money. */
  readonly score: number;
  readonly cause: AnomalyCause;
}

/** Scores from here on are out of line; 3.5 is the customary bound for deviations from a median. */
export const ANOMALY_SCORE = 3.5;
/** The normal distribution's ratio of standard deviation to median absolute deviation. */
const DEVIATION_PER_MAD = 1.4826;
/** However steady a history was, moves of a few per cent or cents are no news. */
const MIN_SPREAD_SHARE = 0.03;
const MIN_SPREAD_CENTS = 15;

/**
 * Null where the month's cost is in line with its own history: median and median absolute deviation, which one odd month
 * does not move. Without any history the usual cost is nothing.
 */
export function findCostAnomaly({ current, history }: CostSeries, evidence: CauseEvidence): CostAnomaly | null {
  const score = scoreOf(
    current.reportingCents,
    history.map((month) => month.reportingCents),
  );
  if (Math.abs(score) < ANOMALY_SCORE) return null;
  const usualCents = roundToCents(new Decimal(median(history.map((month) => month.reportingCents))));
  return {
    direction: score > 0 ? 'up' : 'down',
    currentCents: current.reportingCents,
    usualCents,
    changeCents: current.reportingCents - usualCents,
    score: Math.round(Math.abs(score) * 10) / 10,
    cause: causeOf({ current, history }, evidence),
  };
}

function causeOf({ current, history }: CostSeries, evidence: CauseEvidence): AnomalyCause {
  if (evidence.isGone) return 'gone';
  if (evidence.isNew || history.length === 0) return 'new';
  if (evidence.isResized) return 'resized';
  const inProviderCurrency = scoreOf(
    current.providerCents,
    history.map((month) => month.providerCents),
  );
  if (Math.abs(inProviderCurrency) < ANOMALY_SCORE) return 'fx';
  const { hourlyCents } = evidence;
  return hourlyCents && hourlyCents.now !== hourlyCents.usual ? 'price' : 'unknown';
}

/** Deviation from the median in units of the usual spread, with its sign. */
function scoreOf(cents: number, history: readonly number[]): number {
  const usual = median(history);
  const spread = median(history.map((one) => Math.abs(one - usual))) * DEVIATION_PER_MAD;
  return (cents - usual) / Math.max(spread, Math.abs(usual) * MIN_SPREAD_SHARE, MIN_SPREAD_CENTS);
}

function median(values: readonly number[]): number {
  const inOrder = values.toSorted((a, b) => a - b);
  const [low, high] = [inOrder[(inOrder.length - 1) >> 1], inOrder[inOrder.length >> 1]];
  return low === undefined || high === undefined ? 0 : (low + high) / 2;
}
