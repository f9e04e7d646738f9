import { randomUUID } from 'node:crypto';
import { daysOf, parsePeriod, rangeOf } from '../../src/core/time/period.js';
import { meterUsage } from '../../src/services/metering/meter-usage.js';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import { gql } from '../support/typed-document.js';

export interface TestCostLine {
  readonly cents: number;
  readonly kind?: string | null;
  readonly status?: string;
  readonly resourceId?: string | null;
  readonly hours?: string | null;
  readonly description?: string;
}

export interface MarginApp extends BillingApp {
  setRate(effectiveFrom: string, rate: string): Promise<void>;
  /** Meters every day of the month that `period` lies in. */
  meterMonth(period: string): Promise<void>;
  rollUp(period: string): Promise<void>;
  /** An ingested invoice of the provider, as an ingest would have left it; answers its id. */
  addCloudInvoice(period: string, lines: readonly TestCostLine[], options?: TestInvoice): Promise<string>;
  /** A resource of no deployment. */
  addLooseResource(resource: LooseResource): Promise<string>;
}

export interface TestInvoice {
  /** What the header says; left out: what the lines come to. */
  readonly totalCents?: number;
  readonly currency?: string;
}

export interface LooseResource {
  readonly name: string;
  readonly kind?: string;
  readonly tenantId?: string | null;
  readonly projectName?: string | null;
  readonly deletedAt?: string | null;
  readonly firstSeenAt?: string;
}

export async function startMarginApp(startsAt: string): Promise<MarginApp> {
  const app = await startBillingApp(startsAt);
  return {
    ...app,
    async setRate(effectiveFrom, rate) {
      await app.data(gql('mutation($input: SetFxRateInput!) { setFxRate(input: $input) { fxRate { rate } } }'), {
        input: { base: 'USD', quote: 'AUD', effectiveFrom, rate },
      });
    },
    async meterMonth(period) {
      for (const day of daysOf(rangeOf(parsePeriod(period)))) await meterUsage(app.app, day);
    },
    async rollUp(period) {
      const { rollUpInvoices } = await app.data(
        gql('mutation($period: Date!) { rollUpInvoices(period: $period) { failed { reason } } }'),
        { period },
      );
      if (rollUpInvoices.failed.length > 0) throw new Error(JSON.stringify(rollUpInvoices.failed));
    },
    async addCloudInvoice(period, lines, { totalCents, currency = 'USD' } = {}) {
      const total = lines.reduce((sum, line) => sum + line.cents, 0);
      const { id } = await app.row<{ id: string }>(
        `insert into cloud_invoices (provider, provider_id, period, currency, total_cents, issued_at, discovered_at, ingest_status, ingest_queued_at)
         values ('digitalocean', $1, $2, $3, $4, $2::date + interval '1 month', $2, 'ingested', $2) returning id`,
        [randomUUID(), period, currency, totalCents ?? total],
      );
      const { ingest } = await app.row<{ ingest: unknown }>(
        `insert into cloud_invoice_ingests (invoice_id, state, started_at) values ($1, 'live', now()) returning id as ingest`,
        [id],
      );
      const rows = lines.map((line, i) => ({
        line_number: i + 1,
        amount_cents: line.cents,
        kind: line.kind ?? null,
        match_status: line.status ?? (line.resourceId ? 'matched' : 'unmatched'),
        resource_id: line.resourceId ?? null,
        hours: line.hours ?? null,
        description: line.description ?? 'a line',
      }));
      await app.sql(
        `insert into cloud_cost_lines (ingest_id, line_number, amount_cents, kind, match_status, resource_id, hours, description, product, match_reason)
         select $1, line_number, amount_cents, kind, match_status, resource_id, hours, description, 'Product', 'Because.'
         from jsonb_to_recordset($2::jsonb) as line(line_number int, amount_cents bigint, kind text, match_status text, resource_id uuid,
           hours numeric, description text)`,
        [ingest, JSON.stringify(rows)],
      );
      const tax = rows.filter((row) => row.match_status === 'tax').reduce((sum, row) => sum + row.amount_cents, 0);
      await app.sql(
        `update cloud_invoices set live_ingest_id = $2, lines_total_cents = $3, tax_cents = $4, line_count = $5, ingested_at = now(),
           matched_count = $6 where id = $1`,
        [id, ingest, total, tax, rows.length, rows.filter((row) => row.resource_id !== null).length],
      );
      return id;
    },
    async addLooseResource({
      name,
      kind = 'droplet',
      tenantId = null,
      projectName = null,
      deletedAt = null,
      firstSeenAt = '2025-01-01',
    }) {
      const { id } = await app.row<{ id: string }>(
        `with project as (
           insert into cloud_projects (provider, provider_id, name, first_seen_at, last_seen_at)
           select 'digitalocean', $4, $4, '2025-01-01', '2025-01-01' where $4::text is not null
           on conflict (provider, provider_id) do update set last_seen_at = excluded.last_seen_at returning id
         )
         insert into cloud_resources (provider, kind, provider_kind, provider_id, name, status, tenant_id, cloud_project_id, deleted_at,
           first_seen_at, last_seen_at)
         values ('digitalocean', $1, $1, gen_random_uuid()::text, $2, 'active', $3, (select id from project), $5, $6, $6) returning id`,
        [kind, name, tenantId, projectName, deletedAt, firstSeenAt],
      );
      return id;
    },
  };
}

type Cents = { readonly cents: number };

interface Figures {
  readonly revenue: Cents;
  readonly cogs: Cents;
  readonly cogsTax: Cents;
  readonly margin: Cents;
  readonly marginPercent: number | null;
}

/** Revenue, COGS, its tax, margin and percentage of a margin. */
export function figures({ revenue, cogs, cogsTax, margin, marginPercent }: Figures): (number | null)[] {
  return [revenue.cents, cogs.cents, cogsTax.cents, margin.cents, marginPercent];
}
