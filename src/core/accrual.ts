import { convertAtMonth, type Reporting } from './fx.js';
import { type DeploymentMonth, priceDeployment, type TenantMonth } from './invoice.js';
import { llmUsageLine } from './llm-usage-line.js';
import { type Money, sumMoney } from './money.js';
import type { LineKind, PricedLine } from './priced-line.js';

/** What one deployment is running up this month, before GST, in the reporting currency. */
export interface DeploymentAccrual {
  readonly deploymentId: string;
  /** Base and addons as the month's invoice will bill them: the days of the whole month, not of it so far. */
  readonly recurring: Money;
  readonly overage: Money;
  readonly llmUsage: Money;
  readonly total: Money;
}

/**
 * The invoice's own lines over the usage so far, each converted by itself; null where there is nothing to bill. At month's
 * end the two are equal. Charges in another currency than the plan's, which no one invoice can bill, are shown too.
 */
export function accrueDeployment(
  month: Pick<TenantMonth, 'period' | 'resourcePrices'>,
  deployment: DeploymentMonth,
  reporting: Reporting,
): DeploymentAccrual | null {
  const lines = linesOf(month, deployment);
  if (lines.length === 0) return null;
  const sumOf = (...kinds: LineKind[]): Money => {
    const amounts = lines.filter((line) => kinds.includes(line.kind)).map((line) => line.amount);
    const converted = amounts.map((amount) => convertAtMonth(reporting, amount, month.period));
    return sumMoney(reporting.currency, converted);
  };
  return {
    deploymentId: deployment.deploymentId,
    recurring: sumOf('plan_base', 'addon'),
    overage: sumOf('overage'),
    llmUsage: sumOf('llm_usage'),
    total: sumOf('plan_base', 'addon', 'overage', 'llm_usage'),
  };
}

function linesOf(month: Pick<TenantMonth, 'period' | 'resourcePrices'>, deployment: DeploymentMonth): PricedLine[] {
  const { lines } = priceDeployment(month, { ...deployment, llmCharges: [] });
  const currencies = new Set(deployment.llmCharges.map((charge) => charge.currency));
  const llm = [...currencies].map((currency) => {
    return llmUsageLine(
      month.period,
      deployment.llmCharges.filter((charge) => charge.currency === currency),
    );
  });
  return [...lines, ...llm.filter((line) => line !== null)];
}
