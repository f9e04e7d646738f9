import type { App } from '../../context.js';
import { PROVIDER_CURRENCY, parseProviderAmount } from '../../core/costs/provider-money.js';
import type { Money } from '../../core/money/money.js';
import type { Balance } from '../../integrations/digitalocean/balance.js';

export interface BalanceRow {
  readonly id: string;
  readonly takenAt: Date;
  readonly monthToDateUsage: Money;
  readonly monthToDateBalance: Money;
  readonly accountBalance: Money;
}

const money = (column: string) => `json_build_object('cents', ${column}, 'currency', currency)`;
const COLUMNS = `id, taken_at as "takenAt", ${money('month_to_date_usage_cents')} as "monthToDateUsage",
  ${money('month_to_date_balance_cents')} as "monthToDateBalance", ${money('account_balance_cents')} as "accountBalance"`;

/** Asks the provider for the account's balance and keeps the answer. Operators only: the resolver sees to that. */
export async function snapshotBalance(
  app: Pick<App, 'db' | 'clock' | 'digitalOcean'>,
  signal?: AbortSignal,
): Promise<BalanceRow> {
  const balance = await app.digitalOcean.billing.balance.get(signal ? { signal } : {});
  const [row]: [BalanceRow] = await app.db.query(
    `insert into cloud_balance_snapshots (taken_at, month_to_date_usage_cents, month_to_date_balance_cents,
       account_balance_cents, currency) values ($1, $2, $3, $4, $5) returning ${COLUMNS}`,
    [
      app.clock(),
      cents(balance, 'month_to_date_usage'),
      cents(balance, 'month_to_date_balance'),
      cents(balance, 'account_balance'),
      PROVIDER_CURRENCY,
    ],
  );
  return row;
}

function cents(balance: Balance, field: Exclude<keyof Balance, 'generated_at'>): number {
  const parsed = parseProviderAmount(balance[field]);
  if ('error' in parsed) throw new RangeError(`the balance's ${field}: ${parsed.error}`);
  return parsed.cents;
}

/** The newest snapshot; null before the first. */
export async function latestBalance(app: Pick<App, 'reads'>): Promise<BalanceRow | null> {
  const [row] = await app.reads.query<BalanceRow>(
    `select ${COLUMNS} from cloud_balance_snapshots order by taken_at desc, id limit 1`,
    [],
  );
  return row ?? null;
}
