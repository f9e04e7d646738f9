import type { App } from '../../../context.js';
import type { FxRate } from '../../../core/money/fx.js';
import type { OwnedCost } from '../../../core/reports/margin.js';
import { type PriceReplay, replayPlanVersion, type TenantBooks } from '../../../core/reports/replay.js';
import { type Period, parsePeriod } from '../../../core/time/period.js';
import type { Reads } from '../../../database/reads.js';
import { BadUserInputError, NotFoundError } from '../../../errors.js';
import { listResourcePrices } from '../../catalog/list-catalog.js';
import { findPlanVersion, type PlanVersionRow } from '../../catalog/plan-versions.js';
import { hasStarted } from '../has-started.js';
import { readCosts } from '../margin/read-books.js';
import { readTenantMonths } from '../read-tenant-months.js';
import { ratesOfMonth, readReporting } from '../reporting.js';

type Sql = Pick<Reads, 'query'>;

export interface PlanVersionSimulation extends PriceReplay {
  readonly planVersion: PlanVersionRow;
  readonly period: Period;
  readonly fxRates: readonly FxRate[];
}

/**
 * A version, mostly a draft, over a month's real usage of all present subscribers of its plan, by the engine that writes the
 * invoices; in the currency of the version. Reads alone.
 */
export async function simulatePlanVersion(
  app: Pick<App, 'reads' | 'clock' | 'config'>,
  planVersionId: string,
  text: string,
): Promise<PlanVersionSimulation> {
  const period = parsePeriod(text);
  const planVersion = await findPlanVersion(app.reads.reports, planVersionId);
  if (!planVersion) throw new NotFoundError('plan version', planVersionId);
  if (!hasStarted(app, period)) throw BadUserInputError.at('period', `${period} has not begun yet`);
  const { currency } = planVersion.basePrice;
  const [{ rates }, subscribers] = await Promise.all([
    readReporting(app),
    findSubscribers(app.reads.reports, planVersion.planId),
  ]);
  const { owned: costs, fxRates } = await readCosts(
    app.reads.reports,
    period,
    ratesOfMonth({ currency, rates }, period),
  );
  const books = await readTenantBooks(app, period, subscribers, costs);
  return { planVersion, period, fxRates, ...replayPlanVersion(planVersion, books) };
}

interface Subscriber {
  readonly tenantId: string;
  readonly deploymentId: string;
}

/** Deployments with a live subscription to any version of the plan. */
async function findSubscribers(sql: Sql, planId: string): Promise<Subscriber[]> {
  return sql.query<Subscriber>(
    `select deployment.tenant_id as "tenantId", deployment.id as "deploymentId"
     from subscriptions subscription join plan_versions version on version.id = subscription.plan_version_id
     join deployments deployment on deployment.id = subscription.deployment_id
     where version.plan_id = $1 and subscription.status <> 'cancelled'`,
    [planId],
  );
}

async function readTenantBooks(
  app: Pick<App, 'reads' | 'config'>,
  period: Period,
  subscribers: readonly Subscriber[],
  costs: readonly OwnedCost[],
): Promise<TenantBooks[]> {
  const subscriberIds = new Set(subscribers.map((subscriber) => subscriber.deploymentId));
  const tenantIds = [...new Set(subscribers.map((subscriber) => subscriber.tenantId))];
  const cogs = new Map<string, number>();
  const tax = new Map<string, number>();
  for (const { tenantId, isTax, cents } of costs) {
    if (tenantId === null) continue;
    cogs.set(tenantId, cents + (cogs.get(tenantId) ?? 0));
    if (isTax) tax.set(tenantId, cents + (tax.get(tenantId) ?? 0));
  }
  const resourcePrices = await listResourcePrices(app.reads.reports, null);
  const deploymentsOf = new Map<string, TenantBooks['month']['deployments']>();
  for await (const { tenantId, deployments } of readTenantMonths(
    app.reads.reports,
    period,
    tenantIds,
    resourcePrices,
  )) {
    deploymentsOf.set(tenantId, deployments);
  }
  return tenantIds.map((tenantId) => ({
    month: {
      tenantId,
      period,
      deployments: deploymentsOf.get(tenantId) ?? [],
      resourcePrices,
      gstRate: app.config.gstRate,
    },
    subscriberIds,
    cogsCents: cogs.get(tenantId) ?? 0,
    cogsTaxCents: tax.get(tenantId) ?? 0,
  }));
}
