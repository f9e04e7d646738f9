import type { SandboxInvoice, SandboxInvoiceLine, WireObject } from '../account.js';
import { notFound, ok } from '../answers.js';
import { dollars } from '../golden/dollars.js';
import { csvFileName, invoiceCsv } from '../invoice-csv.js';
import { previewHeader, previewInvoice } from '../invoice-preview.js';
import { listed } from '../paging.js';
import type { Call, Routes } from '../router.js';

const USER = {
  user_name: 'Sky AI',
  user_billing_address: {
    address_line1: '1 Example Street',
    city: 'Brisbane',
    region: 'QLD',
    postal_code: '4000',
    country_iso2_code: 'AU',
    created_at: '2014-12-01T00:00:00Z',
    updated_at: '2014-12-01T00:00:00Z',
  },
  user_company: 'Sky AI',
  user_email: 'ops@sky-ai.com',
};

export const billing: Routes = {
  'GET /v2/customers/my/balance': ({ account }) => ok(account.billing.balance),
  'GET /v2/customers/my/billing_history': (call) => listed(call, 'billing_history', call.account.billing.history),
  'GET /v2/customers/my/invoices': (call) => {
    const { billing: kept } = call.account;
    return listed(call, 'invoices', kept.invoices.map(header), { invoice_preview: previewHeader(kept) });
  },
  'GET /v2/customers/my/invoices/:uuid': (call) => listed(call, 'invoice_items', invoiceOf(call).lines.map(item)),
  'GET /v2/customers/my/invoices/:uuid/csv': (call) => {
    const invoice = invoiceOf(call);
    const disposition = `attachment; filename="${csvFileName(invoice)}"`;
    return {
      status: 200,
      text: invoiceCsv(invoice),
      headers: { 'content-type': 'text/csv', 'content-disposition': disposition },
    };
  },
  'GET /v2/customers/my/invoices/:uuid/summary': (call) => ok(summary(invoiceOf(call))),
};

function invoiceOf({ account, params }: Call): SandboxInvoice {
  const { uuid } = params;
  const preview = previewInvoice(account.billing);
  if (uuid === 'preview' || uuid === preview.uuid) return preview;
  const invoice = account.billing.invoices.find((each) => each.uuid === uuid);
  if (!invoice) throw notFound();
  return invoice;
}

function header({ uuid, invoiceId, totalCents, period, updatedAt }: SandboxInvoice): WireObject {
  return {
    invoice_uuid: uuid,
    invoice_id: invoiceId,
    amount: dollars(totalCents),
    invoice_period: period,
    updated_at: updatedAt,
  };
}

function item(line: SandboxInvoiceLine): WireObject {
  return {
    product: line.product,
    resource_id: line.resourceId ?? '',
    resource_uuid: line.resourceUuid ?? '',
    group_description: line.groupDescription,
    description: line.description,
    amount: dollars(line.cents),
    duration: line.hours,
    duration_unit: 'Hours',
    start_time: line.start.replace('.000Z', 'Z'),
    end_time: line.end.replace('.000Z', 'Z'),
    project_name: line.projectName,
    category: line.category,
  };
}

function summary({ uuid, invoiceId, period, lines, totalCents }: SandboxInvoice): WireObject {
  const sum = (some: readonly SandboxInvoiceLine[]) => some.reduce((total, { cents }) => total + cents, 0);
  const taxes = lines.filter((line) => line.product === 'Taxes');
  const credits = lines.filter((line) => line.product === 'Credits');
  const products = lines.filter((line) => !taxes.includes(line) && !credits.includes(line));
  const names = [...new Set(products.map((line) => line.product))];
  return {
    invoice_uuid: uuid,
    invoice_id: invoiceId,
    billing_period: period,
    amount: dollars(totalCents),
    ...USER,
    product_charges: {
      name: 'Product usage charges',
      amount: dollars(sum(products)),
      items: names.map((name) => {
        const own = products.filter((line) => line.product === name);
        return { amount: dollars(sum(own)), name, count: String(own.length) };
      }),
    },
    overages: { name: 'Overages', amount: '0.00' },
    taxes: { name: 'Taxes', amount: dollars(sum(taxes)) },
    credits_and_adjustments: { name: 'Credits & adjustments', amount: dollars(sum(credits)) },
  };
}
