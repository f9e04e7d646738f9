import type { App, Viewer } from '../../context.js';
import type { BillingKind } from '../../core/metering/billing-kind.js';
import { AmountTooLargeError } from '../../core/money/amount-limit.js';
import { quantityProblems } from '../../core/pricing/plan-problems.js';
import { type Quote, quote } from '../../core/pricing/quote.js';
import { dayOf, parseDay, periodOf } from '../../core/time/period.js';
import { BadUserInputError, ForbiddenError } from '../../errors.js';
import { rejectProblems } from '../validation/problems.js';
import { listResourcePrices, requireActiveVersion, requireAddons } from './list-catalog.js';
import { findPlanVersion, type PlanVersionRow } from './plan-versions.js';
import { rejectOtherCurrencies } from './reject-other-currencies.js';

export interface QuoteInput {
  readonly planCode: string;
  /** Operators only. */
  readonly planVersionId?: string | null | undefined;
  readonly addons: readonly string[];
  readonly projectedUsage: readonly { readonly kind: BillingKind; readonly quantity: string }[];
  readonly startsOn?: string | null | undefined;
}

export interface QuotedPlan extends Quote {
  readonly planVersion: PlanVersionRow;
}

const MAX_USAGES = 100;

/** Prices a month of a plan by the engine that writes the invoices. Throws BAD_USER_INPUT, FORBIDDEN. */
export async function quotePlan(
  app: Pick<App, 'reads' | 'clock'>,
  viewer: Viewer,
  input: QuoteInput,
): Promise<QuotedPlan> {
  const { projectedUsage } = input;
  if (projectedUsage.length > MAX_USAGES) {
    throw BadUserInputError.at('input.projectedUsage', `takes at most ${MAX_USAGES} entries`);
  }
  rejectProblems(
    projectedUsage.flatMap((usage, i) => quantityProblems(usage.quantity, `input.projectedUsage.${i}.quantity`)),
  );
  const startsOn = input.startsOn ? parseDay(input.startsOn, 'input.startsOn') : periodOf(dayOf(app.clock()));
  const [planVersion, addons, resourcePrices] = await Promise.all([
    chooseVersion(app, viewer, input),
    requireAddons(app.reads, input.addons, 'input.addons'),
    listResourcePrices(app.reads, startsOn),
  ]);
  rejectOtherCurrencies(planVersion.basePrice.currency, addons, 'input.addons');
  const usage = projectedUsage.map(({ kind, quantity }) => ({ kind, quantity: withoutMinusZero(quantity) }));
  return { planVersion, ...priced({ plan: planVersion, addons, projectedUsage: usage, startsOn, resourcePrices }) };
}

/** The pricing rules reject "-0" as negative. */
function withoutMinusZero(quantity: string): string {
  return /^-0(\.0+)?$/.test(quantity) ? '0' : quantity;
}

/** Throws BAD_USER_INPUT if the price of the usage is more cents than an integer of the API can hold. */
function priced(input: Parameters<typeof quote>[0]): Quote {
  try {
    return quote(input);
  } catch (error) {
    throw error instanceof AmountTooLargeError ? BadUserInputError.at('input.projectedUsage', error.message) : error;
  }
}

async function chooseVersion(
  app: Pick<App, 'reads'>,
  viewer: Viewer,
  { planCode, planVersionId }: QuoteInput,
): Promise<PlanVersionRow> {
  if (planVersionId === null || planVersionId === undefined) {
    return requireActiveVersion(app.reads, planCode, 'input.planCode');
  }
  if (!viewer.isOperator) throw new ForbiddenError('input.planVersionId is for operators');
  const version = await findPlanVersion(app.reads, planVersionId);
  if (version?.planCode === planCode) return version;
  throw BadUserInputError.at('input.planVersionId', `plan "${planCode}" has no version ${planVersionId}`);
}
