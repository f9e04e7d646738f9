import type { App } from '../../../context.js';
import type { AmountProblem } from '../../../core/money/amount-limit.js';
import { type Money, sumMoney } from '../../../core/money/money.js';
import { accrueDeployment, type DeploymentAccrual } from '../../../core/reports/accrual.js';
import { isTenantProblem } from '../../../core/reports/tenant-problem.js';
import { dayOf, type Period, periodOf } from '../../../core/time/period.js';
import { listResourcePrices } from '../../catalog/list-catalog.js';
import { listTenantIds, readTenantMonths } from '../read-tenant-months.js';
import { readReporting } from '../reporting.js';

export interface AccrualReport {
  readonly period: Period;
  readonly asOf: Date;
  readonly total: Money;
  /** By tenant, then deployment. Sums to `total`. */
  readonly byDeployment: readonly DeploymentAccrual[];
  /** Deployments that are left out. */
  readonly problems: readonly AmountProblem[];
}

/** What the present month's invoices would say before GST, were they drafted from the usage so far. */
export async function reportAccrual(app: Pick<App, 'reads' | 'clock' | 'config'>): Promise<AccrualReport> {
  const asOf = app.clock();
  const period = periodOf(dayOf(asOf));
  const [reporting, resourcePrices, tenantIds] = await Promise.all([
    readReporting(app),
    listResourcePrices(app.reads.reports, null),
    listTenantIds(app.reads.reports),
  ]);
  const byDeployment: DeploymentAccrual[] = [];
  const problems: AmountProblem[] = [];
  let total: Money = { cents: 0, currency: reporting.currency };
  for await (const { tenantId, deployments } of readTenantMonths(
    app.reads.reports,
    period,
    tenantIds,
    resourcePrices,
  )) {
    for (const deployment of deployments.toSorted((a, b) => (a.deploymentId < b.deploymentId ? -1 : 1))) {
      try {
        const accrued = accrueDeployment({ period, resourcePrices }, deployment, reporting);
        if (!accrued) continue;
        total = sumMoney(reporting.currency, [total, accrued.total]);
        byDeployment.push(accrued);
      } catch (error) {
        if (!isTenantProblem(error)) throw error;
        problems.push({ tenantId, deploymentId: deployment.deploymentId, message: error.message });
      }
    }
  }
  return { period, asOf, total, byDeployment, problems };
}
