import type { App } from '../../context.js';
import { BILLING_KINDS, type BillingKind } from '../../core/metering/billing-kind.js';
import { DEFAULT_METERING_RULE, type MeteringRule } from '../../core/metering/metering.js';
import { type Queries, query } from '../../database/queries.js';
import { rowOf } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { MeteringConfig } from '../../entities/metering-config.js';
import { BadUserInputError } from '../../errors.js';

const MAX_RETENTION_DAYS = 36_500;

const ConfigRow = rowOf(MeteringConfig);

/** The rules that operators have set; every other kind follows the default. */
export async function findMeteringRules(queries: Queries): Promise<Map<BillingKind, MeteringRule>> {
  const rows = await queries.many(
    ConfigRow,
    sql`/* find-metering-rules */ select ${ConfigRow.columns('config')} from metering_config config`,
  );
  return new Map(rows.map((row) => [row.kind, row]));
}

/** The rule of every billing kind, set or default, in the order of the kinds. */
export async function listMeteringConfig(queries: Queries): Promise<MeteringConfig[]> {
  const rules = await findMeteringRules(queries);
  return BILLING_KINDS.map((kind) => ({ ...(rules.get(kind) ?? DEFAULT_METERING_RULE), kind }));
}

/** Sets a kind's rule from the next metering on. Throws BAD_USER_INPUT. Operators only: the resolver sees to that. */
export async function setMeteringConfig(
  app: Pick<App, 'db'>,
  { kind, granularity, retentionDays }: MeteringConfig,
): Promise<MeteringConfig> {
  if (retentionDays < 1 || retentionDays > MAX_RETENTION_DAYS) {
    throw BadUserInputError.at('input.retentionDays', `must be from 1 to ${MAX_RETENTION_DAYS}`);
  }
  await query(app.db).execute(
    sql`/* set-metering-config */ insert into metering_config (kind, granularity, retention_days)
      values (${kind}, ${granularity}, ${retentionDays})
      on conflict (kind) do update set granularity = excluded.granularity, retention_days = excluded.retention_days`,
  );
  return { kind, granularity, retentionDays };
}
