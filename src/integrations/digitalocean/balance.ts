import { z } from 'zod';
import { route } from './route.js';
import { Amount } from './schema-parts.js';
import type { CallOptions, Transport } from './transport.js';

/** US dollars; negative is credit. `month_to_date_balance` is the sum of the other two. */
export const Balance = z.object({
  month_to_date_balance: Amount,
  account_balance: Amount,
  month_to_date_usage: Amount,
  generated_at: z.string(),
});
export type Balance = z.infer<typeof Balance>;

export function createBalance(transport: Transport) {
  return {
    get({ signal }: CallOptions = {}): Promise<Balance> {
      return transport.json({ method: 'GET', route: route`/v2/customers/my/balance`, signal }, Balance);
    },
  };
}
