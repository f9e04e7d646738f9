import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { explainLine } from '../../src/core/invoices/explain-line.js';
import type { PricedLine } from '../../src/core/pricing/priced-line.js';
import { parsePeriod } from '../../src/core/time/period.js';
import { createDataSource } from '../../src/database/data-source.js';
import { createReads, type Reads } from '../../src/database/reads.js';
import { migrations } from '../../src/migrations/all.js';
import { listUsageFindings } from '../../src/services/reports/reconciliation/reconcile-usage.js';

// An invoice as it was written before lines froze their prices and allowances were prorated: it granted the whole 720 hours and
// 100 GB, and priced the usage of all days, although its plan was in force from the 16th on.

const PERIOD = parsePeriod('2026-04-01');
const VERSION = '00000000-0000-4000-8000-0000000000aa';
const PRICE = '00000000-0000-4000-8000-0000000000bb';
const DEPLOYMENT = '00000000-0000-4000-8000-0000000000dd';
const INVOICE = '00000000-0000-4000-8000-0000000000ee';
const whole = (cents: number) => ({
  exactCents: { numerator: String(cents), denominator: 1 },
  residueCents: { numerator: '0', denominator: 1 },
});
const overage = {
  formula: '(used − allowance, at most cap) ÷ unit size × unit price',
  source: 'overage',
  planVersionId: VERSION,
  cap: null,
  unitSize: '1',
};
const money = (cents: number) => ({ cents, currency: 'AUD' });
const LINES = [
  {
    kind: 'plan_base',
    billingKind: null,
    description: 'Old plan, 2026-04-16 to 2026-04-30 (15 of 30 days)',
    quantity: '1',
    unit: 'month',
    unitPriceCents: '3000',
    amount: money(1500),
    meta: {
      formula: 'price × days billed ÷ days in month',
      source: 'plan_base',
      planVersionId: VERSION,
      planCode: 'old',
      version: 1,
      priceCents: 3000,
      prorationFraction: '15/30',
      daysBilled: 15,
      daysInMonth: 30,
      firstDay: '2026-04-16',
      lastDay: '2026-04-30',
      exactCents: { numerator: '45000', denominator: 30 },
      residueCents: { numerator: '0', denominator: 30 },
    },
  },
  {
    kind: 'overage',
    billingKind: 'droplet_hours',
    description: 'Droplet hours: 800 used, 720 included',
    quantity: '80',
    unit: 'hour',
    unitPriceCents: '1',
    amount: money(80),
    meta: {
      ...overage,
      priceSource: { source: 'plan_item', planVersionId: VERSION },
      used: '800',
      allowance: '720',
      allowanceParts: [{ source: 'plan', quantity: '720' }],
      allowanceApplied: '720',
      overage: '80',
      billable: '80',
      ...whole(80),
    },
  },
  {
    kind: 'overage',
    billingKind: 'dns_zones',
    description: 'DNS zones: 2 used, 0 included',
    quantity: '2',
    unit: 'zone',
    unitPriceCents: '100',
    amount: money(200),
    meta: {
      ...overage,
      priceSource: { source: 'resource_price', resourcePriceId: PRICE, effectiveFrom: '2026-01-01' },
      used: '2',
      allowance: '0',
      allowanceParts: [],
      allowanceApplied: '0',
      overage: '2',
      billable: '2',
      ...whole(200),
    },
  },
  {
    kind: 'tax',
    billingKind: null,
    description: 'GST 10 %',
    quantity: '1',
    unit: 'invoice',
    unitPriceCents: '178',
    amount: money(178),
    meta: { formula: 'subtotal × rate', source: 'tax', rate: '0.1', taxableCents: 1780, ...whole(178) },
  },
];
/** As the program of then explained these lines. */
const CALCULATIONS = [
  '3000 c × 15/30 = 1500 c, rounded to 15.00',
  '(800 − 720) = 80; 80 ÷ 1 × 1 c = 80 c, rounded to 0.80',
  '(2 − 0) = 2; 2 ÷ 1 × 100 c = 200 c, rounded to 2.00',
  '1780 c × 0.1 = 178 c, rounded to 1.78',
];

let admin: pg.Client;
let name: string;
let db: DataSource;
let reads: Reads;

beforeAll(async () => {
  const server = process.env['TEST_POSTGRES_URL'] as string;
  name = `test_${randomBytes(8).toString('hex')}`;
  admin = new pg.Client({ connectionString: server });
  await admin.connect();
  await admin.query(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  db = createDataSource({ url: url.href, poolSize: 2, checkRows: true });
  const frozen = migrations.findIndex((migration) => migration.name === 'FrozenLinePrices1763600001500');
  await db.setOptions({ migrations: migrations.slice(0, frozen) }).initialize();
  await db.runMigrations();
  await writeOldInvoice();
  reads = createReads(url.href, () => {}, { checkRows: true });
});
afterAll(async () => {
  await reads.end();
  await db.destroy();
  await admin.query(`drop database if exists ${name} with (force)`);
  await admin.end();
});

async function writeOldInvoice(): Promise<void> {
  await db.query(`
    insert into plans (code, name) values ('old', 'Old');
    insert into plan_versions (id, plan_id, version, status, base_price_cents, currency)
      select '${VERSION}', id, 1, 'draft', 3000, 'AUD' from plans;
    insert into plan_items (plan_version_id, kind, included_quantity, overage_unit, overage_price_cents) values
      ('${VERSION}', 'droplet_hours', 720, 'hour', 1), ('${VERSION}', 'volume_gb_month', 100, 'gb', 10);
    update plan_versions set status = 'active', published_at = '2026-01-01';
    insert into resource_prices (id, kind, unit, unit_price_cents, currency, effective_from)
      values ('${PRICE}', 'dns_zones', 'zone', 100, 'AUD', '2026-01-01'), (gen_random_uuid(), 'dns_zones', 'zone', 900, 'AUD', '2026-06-01');
    insert into deployments (id, tenant_id, slug, display_name, state, created_at)
      values ('${DEPLOYMENT}', 'acme', 'app', 'App', 'active', '2026-04-01');
    insert into subscriptions (deployment_id, plan_version_id, status, starts_on, created_at)
      values ('${DEPLOYMENT}', '${VERSION}', 'active', '2026-04-16', '2026-04-16');
    insert into subscription_segments (subscription_id, plan_version_id, from_day)
      select id, plan_version_id, starts_on from subscriptions;
    insert into usage_records (deployment_id, resource_id, kind, granularity, period_start, quantity) values
      ('${DEPLOYMENT}', gen_random_uuid(), 'droplet_hours', 'daily', '2026-04-10T00:00:00Z', 300),
      ('${DEPLOYMENT}', gen_random_uuid(), 'droplet_hours', 'daily', '2026-04-20T00:00:00Z', 500),
      ('${DEPLOYMENT}', gen_random_uuid(), 'volume_gb_month', 'daily', '2026-04-20T00:00:00Z', 60),
      ('${DEPLOYMENT}', gen_random_uuid(), 'dns_zones', 'daily', '2026-04-20T00:00:00Z', 2);
    insert into invoices (id, tenant_id, period, status, currency, subtotal_cents, tax_cents, total_cents, drafted_at)
      values ('${INVOICE}', 'acme', '2026-04-01', 'draft', 'AUD', 1780, 178, 1958, '2026-05-01T03:00:00Z')`);
  for (const [i, line] of LINES.entries()) {
    await db.query(
      `insert into invoice_lines (invoice_id, position, deployment_id, kind, billing_kind, description, quantity, unit, unit_price_cents,
         amount_cents, currency, meta) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'AUD', $11)`,
      [
        ...[INVOICE, i + 1, line.kind === 'tax' ? null : DEPLOYMENT, line.kind, line.billingKind, line.description],
        ...[line.quantity, line.unit, line.unitPriceCents, line.amount.cents, JSON.stringify(line.meta)],
      ],
    );
  }
  await db.query(
    `update invoices set status = 'issued', number = '2026-000001', issued_at = '2026-05-01T04:00:00Z' where id = $1`,
    [INVOICE],
  );
}

const INVOICE_SAYS = `select invoice.number, invoice.status, subtotal_cents, tax_cents, total_cents, issued_at,
  line.id, position, kind, billing_kind, description, quantity, unit, unit_price_cents, amount_cents
  from invoices invoice join invoice_lines line on line.invoice_id = invoice.id order by position`;

it('an issued invoice of an older program says and explains the same after the migrations, and reconciles', async () => {
  const explanations = () =>
    db
      .query('select position, meta from invoice_lines order by position')
      .then((rows: { position: number; meta: object }[]) =>
        rows.map(({ position, meta }) => explainLine({ ...LINES[position - 1], meta } as PricedLine)),
      );
  const [said, explained] = [await db.query(INVOICE_SAYS), await explanations()];
  expect(explained.map(({ calculation }) => calculation)).toEqual(CALCULATIONS);
  await db.destroy();
  await db.setOptions({ migrations }).initialize();
  await db.runMigrations();
  expect(await db.query(INVOICE_SAYS)).toEqual(said);
  expect(await explanations()).toEqual(explained);

  const frozen = await db.query(
    `select meta -> 'usageDays' as days, meta #> '{priceSource,effectiveTo}' as until from invoice_lines
     where kind = 'overage' order by position`,
  );
  const days = [{ from: '2026-04-01', to: '2026-04-30' }];
  expect(frozen).toEqual([
    { days, until: null },
    { days, until: '2026-06-01' },
  ]);

  const { rows } = await listUsageFindings({ reads }, PERIOD, null, { first: 10 });
  expect(
    rows.map(({ kind, status, metered, unbilled, invoiced }) => [kind, status, metered, unbilled, invoiced]),
  ).toEqual([
    ['dns_zones', 'billed', '2', '0', '2'],
    ['droplet_hours', 'billed', '800', '0', '800'],
    ['volume_gb_month', 'covered', '60', '0', '0'],
  ]);
});
