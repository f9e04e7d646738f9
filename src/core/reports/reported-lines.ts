import { type DeploymentMonth, priceDeployment, type TenantMonth } from '../invoices/invoice.js';
import { convertAtMonth, type Reporting } from '../money/fx.js';
import { llmUsageLine } from '../pricing/llm-usage-line.js';
import type { LineKind } from '../pricing/priced-line.js';

/** One line of a deployment's month in the reporting currency. */
export interface ReportedLine {
  readonly kind: LineKind;
  readonly cents: number;
}

/**
 * The lines that an invoice would have, before GST, each converted by itself. Charges in another currency than the plan's,
 * which no one invoice can bill, are lines too.
 */
export function reportedLines(
  month: Pick<TenantMonth, 'period' | 'resourcePrices'>,
  deployment: DeploymentMonth,
  reporting: Reporting,
): ReportedLine[] {
  const { lines } = priceDeployment(month, { ...deployment, llmCharges: [] });
  const currencies = new Set(deployment.llmCharges.map((charge) => charge.currency));
  const llm = [...currencies].map((currency) => {
    return llmUsageLine(
      month.period,
      deployment.llmCharges.filter((charge) => charge.currency === currency),
    );
  });
  return [...lines, ...llm.filter((line) => line !== null)].map(({ kind, amount }) => {
    return { kind, cents: convertAtMonth(reporting, amount, month.period).cents };
  });
}
