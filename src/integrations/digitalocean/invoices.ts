import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { Page, Pages } from './paging.js';
import { route } from './route.js';
import { Amount, Id, list, optional } from './schema-parts.js';
import type { CallOptions, Transport } from './transport.js';

/** A period can have several: the uuid is the key. The list's `invoice_preview` is no invoice and is not read. */
export const InvoiceHeader = z.object({
  invoice_uuid: z.string().min(1),
  invoice_id: optional(Id),
  amount: Amount,
  invoice_period: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/),
});
export type InvoiceHeader = z.infer<typeof InvoiceHeader>;

const Charge = z.object({ name: optional(z.string()), amount: Amount });

/** The cheapest check that the lines add up: products, tax and credits stand beside each other. */
export const InvoiceSummary = z.object({
  invoice_uuid: z.string().min(1),
  invoice_id: optional(Id),
  billing_period: z.string(),
  amount: Amount,
  product_charges: optional(
    z.object({
      name: optional(z.string()),
      amount: Amount,
      items: list(z.object({ name: z.string(), amount: Amount, count: optional(Id) })),
    }),
  ),
  overages: optional(Charge),
  taxes: optional(Charge),
  credits_and_adjustments: optional(Charge),
});
export type InvoiceSummary = z.infer<typeof InvoiceSummary>;

export function createInvoices(transport: Transport, pages: Pages) {
  return {
    pages(options?: CallOptions): AsyncIterable<Page<InvoiceHeader>> {
      return pages('/v2/customers/my/invoices', 'invoices', InvoiceHeader, {}, options);
    },

    /** The CSV's bytes as they arrive; the stream ends with a ProviderError where they break off. */
    csv(uuid: string, { signal }: CallOptions = {}): Promise<Readable> {
      return transport.stream({ method: 'GET', route: route`/v2/customers/my/invoices/${uuid}/csv`, signal });
    },

    summary(uuid: string, { signal }: CallOptions = {}): Promise<InvoiceSummary> {
      const where = route`/v2/customers/my/invoices/${uuid}/summary`;
      return transport.json({ method: 'GET', route: where, signal }, InvoiceSummary);
    },
  };
}
