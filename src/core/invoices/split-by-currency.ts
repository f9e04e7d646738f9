import type { Currency } from '../money/money.js';
import type { DeploymentMonth } from './invoice.js';

/**
 * A tenant's deployments by the currency in which they are billed: one invoice each. A deployment's usage is billed in the
 * currency of its plan; LLM charges of one without a plan each in their own.
 */
export function splitByCurrency(deployments: readonly DeploymentMonth[]): Map<Currency, DeploymentMonth[]> {
  const byCurrency = new Map<Currency, DeploymentMonth[]>();
  for (const deployment of deployments) {
    const planCurrency = deployment.subscriptions.flatMap(({ segments }) => segments)[0]?.plan.basePrice.currency;
    const currencies = new Set(deployment.llmCharges.map((charge) => charge.currency));
    if (planCurrency) currencies.add(planCurrency);
    for (const currency of currencies) {
      const llmCharges = deployment.llmCharges.filter((charge) => charge.currency === currency);
      const part =
        currency === planCurrency ? { ...deployment, llmCharges } : { ...withoutPlan(deployment), llmCharges };
      byCurrency.set(currency, [...(byCurrency.get(currency) ?? []), part]);
    }
  }
  return byCurrency;
}

function withoutPlan(deployment: DeploymentMonth): DeploymentMonth {
  return { ...deployment, subscriptions: [], usage: [] };
}
