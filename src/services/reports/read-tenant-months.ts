import type { DeploymentMonth } from '../../core/invoices/invoice.js';
import { groupBy } from '../../core/lists/group-by.js';
import type { ResourcePrice } from '../../core/pricing/plan.js';
import type { Period } from '../../core/time/period.js';
import type { Queries } from '../../database/queries.js';
import type { Reads } from '../../database/reads.js';
import { readLlmCharges } from '../invoices/read-llm-charges.js';
import { readMonths, withCharges } from '../invoices/read-months.js';

type Sql = Queries & Pick<Reads, 'query'>;

/** Tenants whose months are read together. */
const CHUNK = 500;

export interface TenantDeployments {
  readonly tenantId: string;
  readonly deployments: readonly DeploymentMonth[];
}

/** What each tenant's invoice of the month is, or would be, drafted from; a chunk at a time, in the order of ids. Writes nothing. */
export async function* readTenantMonths(
  sql: Sql,
  period: Period,
  tenantIds: readonly string[],
  resourcePrices: readonly ResourcePrice[],
): AsyncGenerator<TenantDeployments> {
  const inOrder = [...tenantIds].sort();
  for (let start = 0; start < inOrder.length; start += CHUNK) {
    const chunk = inOrder.slice(start, start + CHUNK);
    const [months, charges] = await Promise.all([
      readMonths(sql, period, chunk, resourcePrices),
      readLlmCharges(sql, period, chunk),
    ]);
    const monthsOf = groupBy(months, (month) => month.tenantId);
    const chargesOf = groupBy(charges, (charge) => charge.tenantId);
    for (const tenantId of chunk) {
      const deployments = withCharges(monthsOf.get(tenantId) ?? [], chargesOf.get(tenantId) ?? []);
      if (deployments.length > 0) yield { tenantId, deployments };
    }
  }
}

/** Every tenant that has, or had, a deployment. */
export async function listTenantIds(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ tenantId: string }>('select distinct tenant_id as "tenantId" from deployments', []);
  return rows.map((row) => row.tenantId);
}
