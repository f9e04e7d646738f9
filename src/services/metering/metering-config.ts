import type { App } from '../../context.js';
import { BILLING_KINDS, type BillingKind } from '../../core/metering/billing-kind.js';
import { DEFAULT_METERING_RULE, type MeteringRule } from '../../core/metering/metering.js';
import type { Reads } from '../../database/reads.js';
import type { MeteringConfig } from '../../entities/metering-config.js';
import { BadUserInputError } from '../../errors.js';

const MAX_RETENTION_DAYS = 36_500;

/** What operators have said; a kind that is left out follows the default. */
export async function findMeteringRules(sql: Pick<Reads, 'query'>): Promise<Map<BillingKind, MeteringRule>> {
  const rows = await sql.query<MeteringConfig>(
    'select kind, granularity, retention_days as "retentionDays" from metering_config',
    [],
  );
  return new Map(rows.map((row) => [row.kind, row]));
}

/** Every billing kind, with the default where nobody has said otherwise. */
export async function listMeteringConfig(sql: Pick<Reads, 'query'>): Promise<MeteringConfig[]> {
  const rules = await findMeteringRules(sql);
  return BILLING_KINDS.map((kind) => ({ ...(rules.get(kind) ?? DEFAULT_METERING_RULE), kind }));
}

/** From the next metering on. Operators only: the resolver sees to that. */
export async function setMeteringConfig(
  app: Pick<App, 'db'>,
  { kind, granularity, retentionDays }: MeteringConfig,
): Promise<MeteringConfig> {
  if (retentionDays < 1 || retentionDays > MAX_RETENTION_DAYS) {
    throw BadUserInputError.at('input.retentionDays', `must be from 1 to ${MAX_RETENTION_DAYS}`);
  }
  await app.db.query(
    `insert into metering_config (kind, granularity, retention_days) values ($1, $2, $3)
     on conflict (kind) do update set granularity = excluded.granularity, retention_days = excluded.retention_days`,
    [kind, granularity, retentionDays],
  );
  return { kind, granularity, retentionDays };
}
