import { soleCurrency } from './currency-mismatch.js';
import { type DeploymentMonth, priceDeployment, type TenantMonth } from './invoice.js';
import { type Money, sumMoney } from './money.js';
import type { LineKind, PricedLine } from './priced-line.js';

/** What one deployment is running up this month, before GST. */
export interface DeploymentAccrual {
  readonly deploymentId: string;
  /** Base and addons as the month's invoice will bill them: the days of the whole month, not of it so far. */
  readonly recurring: Money;
  readonly overage: Money;
  readonly llmUsage: Money;
  readonly total: Money;
}

/** The invoice's own lines over the usage so far; null where there is nothing to bill. At month's end the two are equal. */
export function accrueDeployment(
  month: Pick<TenantMonth, 'period' | 'resourcePrices'>,
  deployment: DeploymentMonth,
): DeploymentAccrual | null {
  const { lines } = priceDeployment(month, deployment);
  const currency = soleCurrency(
    `deployment ${deployment.deploymentId}`,
    lines.map((line) => line.amount.currency),
  );
  if (!currency) return null;
  const sumOf = (...kinds: LineKind[]) => sumMoney(currency, amountsOf(lines, kinds));
  return {
    deploymentId: deployment.deploymentId,
    recurring: sumOf('plan_base', 'addon'),
    overage: sumOf('overage'),
    llmUsage: sumOf('llm_usage'),
    total: sumOf('plan_base', 'addon', 'overage', 'llm_usage'),
  };
}

function amountsOf(lines: readonly PricedLine[], kinds: readonly LineKind[]): Money[] {
  return lines.filter((line) => kinds.includes(line.kind)).map((line) => line.amount);
}
