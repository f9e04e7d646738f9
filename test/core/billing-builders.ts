import type { DeploymentMonth, TenantMonth } from '../../src/core/invoices/invoice.js';
import { SEED_ADDONS, SEED_CURRENCY, SEED_PLANS } from '../../src/core/pricing/catalog-seed.js';
import type { AddonTerms, PlanVersionTerms } from '../../src/core/pricing/plan.js';
import { type Day, parseDay, parsePeriod } from '../../src/core/time/period.js';

export const day = (text: string): Day => parseDay(text);
export const month = (text: string) => parsePeriod(`${text}-01`);

/** A seeded plan as the engine sees it, fields overridden at will. */
export function aPlan(code: 'starter' | 'studio' | 'pro', over: Partial<PlanVersionTerms> = {}): PlanVersionTerms {
  const seed = SEED_PLANS.find((plan) => plan.code === code);
  if (!seed) throw new Error(`no plan ${code}`);
  return {
    id: `${code}-v1`,
    planCode: code,
    planName: seed.name,
    version: 1,
    basePrice: { cents: seed.basePriceCents, currency: SEED_CURRENCY },
    items: seed.items,
    ...over,
  };
}

export function anAddon(code: string): AddonTerms {
  const seed = SEED_ADDONS.find((addon) => addon.code === code);
  if (!seed) throw new Error(`no addon ${code}`);
  return seed;
}

export function aDeployment(over: Partial<DeploymentMonth> = {}): DeploymentMonth {
  return { deploymentId: 'd1', subscriptions: [], usage: [], llmCharges: [], ...over };
}

export function aTenantMonth(period: string, deployments: readonly DeploymentMonth[]): TenantMonth {
  return { tenantId: 'acme', period: month(period), deployments, resourcePrices: [], gstRate: '0.10' };
}
