import type { App } from '../../context.js';
import { PROVIDER_CURRENCY, parseProviderAmount } from '../../core/costs/provider-money.js';
import { MoneyShape } from '../../core/money/money-shape.js';
import { query } from '../../database/queries.js';
import { type RowOf, rowOf, rowWith } from '../../database/row-shape.js';
import { rawSql, sql } from '../../database/sql.js';
import { CloudBalanceSnapshot } from '../../entities/cloud-balance-snapshot.js';
import type { Balance } from '../../integrations/digitalocean/balance.js';

const money = (column: string) => rawSql(`json_build_object('cents', ${column}, 'currency', currency)`);
const OwnColumns = rowOf(CloudBalanceSnapshot, ['id', 'takenAt']);
const BalanceRow = rowWith(OwnColumns, {
  monthToDateUsage: MoneyShape,
  monthToDateBalance: MoneyShape,
  accountBalance: MoneyShape,
});
export type BalanceRow = RowOf<typeof BalanceRow>;
const COLUMNS = sql`${OwnColumns.columns('cloud_balance_snapshots')},
  ${money('month_to_date_usage_cents')} as "monthToDateUsage", ${money('month_to_date_balance_cents')} as "monthToDateBalance",
  ${money('account_balance_cents')} as "accountBalance"`;

/** Reads the account's balance from the provider and stores it. Operators only: the resolver checks that. */
export async function snapshotBalance(
  app: Pick<App, 'db' | 'clock' | 'digitalOcean'>,
  signal?: AbortSignal,
): Promise<BalanceRow> {
  const balance = await app.digitalOcean.billing.balance.get(signal ? { signal } : {});
  return query(app.db).one(
    BalanceRow,
    sql`/* save-balance */ insert into cloud_balance_snapshots (taken_at, month_to_date_usage_cents, month_to_date_balance_cents,
       account_balance_cents, currency) values (${app.clock()}, ${cents(balance, 'month_to_date_usage')}, ${cents(balance, 'month_to_date_balance')}, ${cents(balance, 'account_balance')}, ${PROVIDER_CURRENCY}) returning ${COLUMNS}`,
  );
}

function cents(balance: Balance, field: Exclude<keyof Balance, 'generated_at'>): number {
  const parsed = parseProviderAmount(balance[field]);
  if ('error' in parsed) throw new RangeError(`the balance's ${field}: ${parsed.error}`);
  return parsed.cents;
}

/** The newest snapshot; null before the first. */
export async function latestBalance(app: Pick<App, 'reads'>): Promise<BalanceRow | null> {
  return app.reads.maybeOne(
    BalanceRow,
    sql`/* latest-balance */ select ${COLUMNS} from cloud_balance_snapshots order by taken_at desc, id limit 1`,
  );
}
