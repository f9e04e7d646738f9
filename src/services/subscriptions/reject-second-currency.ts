import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { CURRENCIES, type Currency } from '../../core/money/money.js';
import { type Day, periodOf } from '../../core/time/period.js';
import { query } from '../../database/queries.js';
import { rowShape } from '../../database/row-shape.js';
import { shared, sql } from '../../database/sql.js';
import { ConflictError } from '../../errors.js';

const BilledCurrency = rowShape({ currency: z.enum(CURRENCIES) });

/**
 * Throws CONFLICT if the deployment has billed days in another currency in the month of `from`, before that day, whichever
 * of its subscriptions they belong to: a deployment's month is invoiced in one currency.
 */
export async function rejectSecondCurrency(
  db: EntityManager,
  deployment: { readonly deploymentId: string; readonly currency: Currency; readonly from: Day },
): Promise<void> {
  const [deploymentId, currency] = [shared(deployment.deploymentId), shared(deployment.currency)];
  const month = shared(periodOf(deployment.from));
  const billed = await query(db).maybeOne(
    BilledCurrency,
    sql`/* find-second-currency */ select currency from (
       select version.currency from subscriptions subscription
       join subscription_segments segment on segment.subscription_id = subscription.id
       join plan_versions version on version.id = segment.plan_version_id
       where subscription.deployment_id = ${deploymentId}::uuid and version.currency <> ${currency}::text
         and greatest(segment.from_day, ${month}::date) < least(segment.until_day, ${deployment.from}::date)
       union all
       select addon.currency from subscriptions subscription
       join subscription_addons addon on addon.subscription_id = subscription.id
       where subscription.deployment_id = ${deploymentId}::uuid and addon.currency <> ${currency}::text
         and addon.until_day > greatest(addon.starts_on, ${month}::date)
     ) billed limit 1`,
  );
  if (!billed) return;
  throw new ConflictError(
    `The deployment has billed days in ${billed.currency} in that month; a plan in ${deployment.currency} can follow on the 1st of the next month.`,
  );
}
