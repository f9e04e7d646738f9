import type { DeploymentMonth, TenantMonth } from '../invoices/invoice.js';
import type { Reporting } from '../money/fx.js';
import { type Money, sumMoney } from '../money/money.js';
import type { LineKind } from '../pricing/priced-line.js';
import { reportedLines } from './reported-lines.js';

/** What one deployment is running up this month, before GST, in the reporting currency. */
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
  reporting: Reporting,
): DeploymentAccrual | null {
  const { currency } = reporting;
  const lines = reportedLines(month, deployment, reporting);
  if (lines.length === 0) return null;
  const sumOf = (...kinds: LineKind[]): Money => {
    const ofKinds = lines.filter((line) => kinds.includes(line.kind));
    return sumMoney(
      currency,
      ofKinds.map(({ cents }) => ({ cents, currency })),
    );
  };
  return {
    deploymentId: deployment.deploymentId,
    recurring: sumOf('plan_base', 'addon'),
    overage: sumOf('overage'),
    llmUsage: sumOf('llm_usage'),
    total: sumOf('plan_base', 'addon', 'overage', 'llm_usage'),
  };
}
