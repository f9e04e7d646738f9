// The queries margin and reconciliation of one month, to the answer's bytes, over 1,000,000 cost lines and 100,000 invoice lines, beside the bare aggregate SQL.

import { pathToFileURL } from 'node:url';
import { parse } from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import type { DataSource } from 'typeorm';
import { readConfig } from '../src/config.js';
import type { App, Viewer } from '../src/context.js';
import { OPERATOR } from '../src/core/access/roles.js';
import { BILLING_KINDS } from '../src/core/metering/billing-kind.js';
import { parsePeriod } from '../src/core/time/period.js';
import { createDataSource } from '../src/database/data-source.js';
import { createReads, type Reads } from '../src/database/reads.js';
import { createContext } from '../src/resolvers/request-context.js';
import { createSchema } from '../src/resolvers/schema.js';
import { median, report, say, startBenchDatabase, time } from './support.js';

const TENANTS = 2_000;
const DEPLOYMENTS = 12_500;
const RESOURCES = 100_000;
const COST_LINES = 1_000_000;
const INVOICE_LINES = 100_000;
const ROUNDS = 9;
const OPERATOR_VIEWER: Viewer = {
  subject: 'bench',
  tenantId: OPERATOR,
  roles: [OPERATOR],
  isOperator: true,
  expiresAt: Number.MAX_SAFE_INTEGER,
};
const METERED = BILLING_KINDS.filter((kind) => kind !== 'llm_tokens');
const PERIOD = parsePeriod('2026-04-01');

/** A month in which a tenth of the resources belong to no deployment, each deployment has eight lines, and 2 % of usage is out of order. */
async function fill(db: DataSource): Promise<void> {
  await db.query(`insert into fx_rates values ('USD', 'AUD', '2026-01-01', 1.5237)`);
  await db.query(
    `insert into deployments (tenant_id, slug, display_name, state, created_at)
     select 'tenant-' || n % $2::int, 'app-' || n, 'App', 'active', '2026-01-01' from generate_series(1, $1::int) n`,
    [DEPLOYMENTS, TENANTS],
  );
  await db.query(
    `insert into cloud_resources (provider, kind, provider_kind, provider_id, name, status, deployment_id, tenant_id, first_seen_at, last_seen_at)
     select 'digitalocean', 'droplet', 'droplet', n::text, 'web-' || n, 'active', deployment.id, deployment.tenant_id, '2026-01-01', '2026-01-01'
     from generate_series(1, $1::int) n left join
       (select id, tenant_id, row_number() over (order by id) as place from deployments) deployment
       on n % 10 <> 0 and deployment.place = 1 + n % $2::int`,
    [RESOURCES, DEPLOYMENTS],
  );
  await fillCosts(db);
  await fillInvoices(db);
  await db.query('vacuum analyze');
}

async function fillCosts(db: DataSource): Promise<void> {
  const [{ invoice }] = await db.query(
    `insert into cloud_invoices (provider, provider_id, period, currency, total_cents, issued_at, discovered_at, ingest_status, ingest_queued_at)
     values ('digitalocean', 'bench', $1, 'USD', 0, '2026-05-01', '2026-05-01', 'ingested', '2026-05-01') returning id as invoice`,
    [PERIOD],
  );
  const [{ ingest }] = await db.query(
    `insert into cloud_invoice_ingests (invoice_id, state, started_at) values ($1, 'live', '2026-05-01') returning id as ingest`,
    [invoice],
  );
  await db.query(
    `insert into cloud_cost_lines (ingest_id, line_number, amount_cents, starts_at, ends_at, resource_id, product, description, kind, hours,
       project_name, match_status, match_reason)
     select $1, n, n % 5000, '2026-04-01', '2026-05-01', case when n % 20 > 0 then resource.id end, 'Droplets',
       'web-' || n || ' (s-1vcpu-1gb)', case n % 20 when 0 then null else 'droplet' end, 720, 'project',
       case when n % 20 > 0 then 'matched' when n % 40 = 0 then 'tax' else 'unmatched' end, 'The droplet bears the billed name.'
     from generate_series(1, $2::int) n
     join (select id, row_number() over (order by id) as place from cloud_resources) resource on resource.place = 1 + n % $3::int`,
    [ingest, COST_LINES, RESOURCES],
  );
  await db.query(
    `update cloud_invoices set live_ingest_id = $2, line_count = $3, lines_total_cents = lines.total, total_cents = lines.total
     from (select sum(amount_cents) as total from cloud_cost_lines) lines where id = $1`,
    [invoice, ingest, COST_LINES],
  );
}

async function fillInvoices(db: DataSource): Promise<void> {
  await db.query(
    `insert into invoices (tenant_id, period, status, currency, subtotal_cents, tax_cents, total_cents, drafted_at)
     select distinct tenant_id, $1::date, 'draft', 'AUD', 0, 0, 0, now() from deployments`,
    [PERIOD],
  );
  await db.query(
    `insert into invoice_lines (invoice_id, position, deployment_id, kind, billing_kind, description, quantity, unit, unit_price_cents,
       amount_cents, currency, meta)
     select invoice.id, row_number() over (partition by invoice.id), deployment.id, case n when 0 then 'plan_base' else 'overage' end,
       ($2::text[])[n], 'A line', 1, 'hour', 1, 100 + n, 'AUD',
       jsonb_build_object('formula', '(used − allowance, at most cap) ÷ unit size × unit price', 'source', 'overage', 'used', '720',
         'lastDay', '2026-04-30', 'planVersionId', '6f7e2f6e-6f5e-4d6f-8f6e-6f7e2f6e6f5e', 'exactCents',
         jsonb_build_object('numerator', '100', 'denominator', 1))
     from deployments deployment join invoices invoice on invoice.tenant_id = deployment.tenant_id
     cross join generate_series(0, $1::int - 1) n`,
    [INVOICE_LINES / DEPLOYMENTS, METERED],
  );
  await db.query(
    `insert into usage_records (deployment_id, resource_id, kind, granularity, period_start, quantity)
     select id, gen_random_uuid(), kind, 'daily', '2026-04-10T00:00:00Z', case when random() < 0.02 then 721 else 720 end
     from deployments cross join unnest($1::text[]) kind`,
    [METERED],
  );
}

const BARE_COSTS = `select resource.deployment_id, resource.tenant_id, line.kind, line.match_status = 'tax',
    sum(round(line.amount_cents * 1.5237)) as cents
  from cloud_cost_lines line join cloud_invoices invoice on invoice.live_ingest_id = line.ingest_id
  left join cloud_resources resource on resource.id = line.resource_id
  where invoice.period = $1::date group by 1, 2, 3, 4`;
const BARE_REVENUE = `select invoice.tenant_id, line.deployment_id, line.kind, line.billing_kind, sum(line.amount_cents) as cents
  from invoices invoice join invoice_lines line on line.invoice_id = invoice.id
  where invoice.period = $1::date and invoice.status <> 'void' group by 1, 2, 3, 4`;
const BARE_BUCKETS = `select invoice.id, line.match_status, resource.tenant_id is null, project.name = 'skyai-internal', count(*), sum(line.amount_cents)
  from cloud_cost_lines line join cloud_invoices invoice on invoice.live_ingest_id = line.ingest_id
  left join cloud_resources resource on resource.id = line.resource_id left join cloud_projects project on project.id = resource.cloud_project_id
  where invoice.period = $1::date group by 1, 2, 3, 4`;
const BARE_LOOSE = `select line.resource_id, sum(line.amount_cents) as cents
  from cloud_cost_lines line join cloud_invoices invoice on invoice.live_ingest_id = line.ingest_id
  join cloud_resources resource on resource.id = line.resource_id
  where invoice.period = $1::date and resource.deployment_id is null group by 1`;
const BARE_USAGE = `select count(*), count(*) filter (where metered = billed) from (
    select deployment_id, kind, sum(quantity) as metered from usage_records
    where period_start >= '2026-04-01T00:00:00Z' and period_start < '2026-05-01T00:00:00Z' group by 1, 2) metered
  full join (
    select line.deployment_id, line.billing_kind as kind, sum((line.meta ->> 'used')::numeric) as billed
    from invoices invoice join invoice_lines line on line.invoice_id = invoice.id
    where invoice.period = $1::date and invoice.status <> 'void' and line.kind = 'overage' group by 1, 2) billed using (deployment_id, kind)`;

/** Each pair one after the other, several times, so that both meet the same machine. */
async function compare(
  name: string,
  bare: () => Promise<unknown>,
  ours: () => Promise<unknown>,
  target?: { atMost: number },
): Promise<void> {
  const ratios: number[] = [];
  const ms: number[] = [];
  await Promise.all([bare(), ours()]);
  for (let round = 0; round < ROUNDS; round++) {
    const floor = await time(bare);
    const measured = await time(ours);
    ratios.push(measured / floor);
    ms.push(measured);
  }
  if (target) report(`${name} / bare aggregate SQL`, median(ratios), target);
  else say(`     ${name}: ${median(ratios).toFixed(2)}x`);
  say(`     ${Math.round(median(ms))} ms`);
}

function together(reads: Reads, ...texts: string[]): () => Promise<unknown> {
  return () => Promise.all(texts.map((text) => reads.query(text, [PERIOD])));
}

const MONEY = '{ cents amount currency }';
const FIGURES = `{ revenue ${MONEY} cogs ${MONEY} cogsTax ${MONEY} margin ${MONEY} marginPercent }`;
const MARGIN = `{ margin(period: "2026-04-01") { period currency fxRates { rate } overall ${FIGURES} byTenant { tenantId margin ${FIGURES} }
  revenueByKind { kind billingKind revenue ${MONEY} } cogsByKind { kind cogs ${MONEY} } } }`;
const BY_DEPLOYMENT = `{ margin(period: "2026-04-01") { byDeployment { deployment { id slug } margin ${FIGURES} } } }`;
const RECONCILIATION = `{ reconciliation(period: "2026-04-01") {
  costs { currency buckets { bucket lineCount amount ${MONEY} } linesTotal ${MONEY} invoiced ${MONEY} difference ${MONEY}
    invoices { cloudInvoice { id } difference ${MONEY} } }
  usageCounts { status count }
  undeployed(first: 50) { nodes { resource { name } cost ${MONEY} lineCount } } } }`;

/** An operator's query as the server runs it, once compiled: from the document to the bytes of the answer. */
async function compiled(app: object, query: string): Promise<() => Promise<void>> {
  const compiledQuery = compileQuery(await createSchema(), parse(query));
  if (!isCompiledQuery(compiledQuery)) throw new Error(`cannot compile ${query}`);
  return async () => {
    const context = createContext(app as App, OPERATOR_VIEWER);
    const result = await compiledQuery.query(undefined, context, {});
    if (result.errors) throw result.errors[0];
    JSON.stringify(result);
  };
}

export async function run(): Promise<void> {
  const database = await startBenchDatabase();
  const db = await createDataSource({ url: database.url }).initialize();
  const reads = createReads(database.url, (error) => say(String(error)));
  const app = { reads, config: readConfig({}) };
  try {
    await fill(db);
    const books = together(reads, BARE_COSTS, BARE_REVENUE);
    await compare('margin', books, await compiled(app, MARGIN), { atMost: 1.5 });
    await compare('margin, its 12,500 deployments', books, await compiled(app, BY_DEPLOYMENT));
    const both = together(reads, BARE_BUCKETS, BARE_LOOSE, BARE_USAGE);
    await compare('reconciliation', both, await compiled(app, RECONCILIATION), { atMost: 1.5 });
  } finally {
    await reads.end();
    await db.destroy();
    await database.stop();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await run();
