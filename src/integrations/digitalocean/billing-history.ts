import { z } from 'zod';
import type { Page, Pages } from './paging.js';
import { Amount, Id, optional } from './schema-parts.js';
import type { CallOptions } from './transport.js';

/** Only type `Invoice` has ids; payments are negative; types are an open set. */
export const BillingEntry = z.object({
  type: z.string(),
  date: z.string(),
  description: z.string(),
  amount: Amount,
  invoice_id: optional(Id),
  invoice_uuid: optional(z.string()),
});
export type BillingEntry = z.infer<typeof BillingEntry>;

export function createBillingHistory(pages: Pages) {
  return {
    pages(options?: CallOptions): AsyncIterable<Page<BillingEntry>> {
      // No page size is documented here, though the answer has pages.
      const query = { per_page: undefined };
      return pages('/v2/customers/my/billing_history', 'billing_history', BillingEntry, query, options);
    },
  };
}
