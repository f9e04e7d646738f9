import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MATCH_STATUSES } from '../../src/core/costs/match.js';
import { INVOICE_STATUSES } from '../../src/core/invoices/invoice.js';
import type { BillingKind } from '../../src/core/metering/billing-kind.js';
import { Decimal, roundToCents } from '../../src/core/money/money.js';
import { LINE_KINDS } from '../../src/core/pricing/priced-line.js';
import { type Pricing, type UsageStatus, usageStatus } from '../../src/core/reports/reconcile.js';
import { nextPeriod, type Period, parsePeriod } from '../../src/core/time/period.js';
import { gql, present } from '../support/typed-document.js';
import { type MarginApp, startMarginApp } from './margin-app.js';

const TENANTS = ['a', 'b', 'c'];
let app: MarginApp;
let deployments: { id: string; tenant_id: string }[];
/** Resources of deployments, of tenants, of the company's own project, and nobody's. */
let resourceIds: string[];
/** Every run has a month of its own, one after the other, so that each has the others for its history. */
let period: Period = parsePeriod('2001-01-01');

beforeAll(async () => {
  app = await startMarginApp('2026-05-01T03:00:00Z');
  resourceIds = [];
  for (const tenant of TENANTS) {
    for (const slug of ['one', 'two']) {
      const id = await app.createDeployment(slug, tenant);
      resourceIds.push(await app.addResource(id, { kind: 'droplet', name: `${tenant}-${slug}` }));
    }
    resourceIds.push(await app.addLooseResource({ name: `${tenant}-own`, tenantId: tenant, kind: 'volume' }));
  }
  resourceIds.push(await app.addLooseResource({ name: 'internal', projectName: 'skyai-internal' }));
  resourceIds.push(await app.addLooseResource({ name: 'nobodys', kind: 'snapshot' }));
  deployments = await app.sql('select id, tenant_id from deployments order by tenant_id, slug');
});
afterAll(() => app.close());

const sum = (amounts: readonly number[]) => amounts.reduce((total, one) => total + one, 0);
const centsOf = <One>(list: readonly One[], part: (one: One) => { readonly cents: number }) =>
  sum(list.map((one) => part(one).cents));

describe('over random books', () => {
  const cents = fc.integer({ min: -5_000, max: 100_000 });
  const currency = fc.constantFrom('AUD' as const, 'USD' as const);
  const costLine = fc.record({
    cents,
    kind: fc.constantFrom('droplet', 'volume', 'snapshot', null),
    status: fc.constantFrom(...MATCH_STATUSES),
    resource: fc.nat(),
    hours: fc.constantFrom('720', '10', null),
  });
  const cloudInvoice = fc.record({
    currency,
    lines: fc.array(costLine, { maxLength: 30 }),
    missing: fc.constantFrom(0, 0, 37),
  });
  const line = fc.record({
    cents,
    kind: fc.constantFrom(...LINE_KINDS),
    billingKind: fc.constantFrom('droplet_hours', 'dns_zones', null),
    deployment: fc.nat(),
  });
  const invoice = fc.record({
    status: fc.constantFrom(...INVOICE_STATUSES),
    currency,
    lines: fc.array(line, { maxLength: 12 }),
  });
  const books = fc.record({
    rate: fc.integer({ min: 1, max: 30_000 }).map((n) => new Decimal(n).div(10_000).toFixed()),
    cloudInvoices: fc.array(cloudInvoice, { maxLength: 3 }),
    invoices: fc.tuple(invoice, invoice, invoice),
    cogsTax: fc.constantFrom('INCLUDED', 'EXCLUDED'),
  });
  type RandomBooks = typeof books extends fc.Arbitrary<infer T> ? T : never;

  const QUERY = gql(`query($period: Date!, $cogsTax: CogsTax) {
    margin(period: $period, cogsTax: $cogsTax) { overall { revenue { cents } cogs { cents } cogsTax { cents } margin { cents amount currency } marginPercent } byTenant { tenantId margin { revenue { cents } cogs { cents } cogsTax { cents } margin { cents amount currency } marginPercent } }
      byDeployment { deployment { tenantId } margin { revenue { cents } cogs { cents } cogsTax { cents } margin { cents amount currency } marginPercent } } revenueByKind { revenue { cents } } cogsByKind { cogs { cents } }
      fxEffect { overall { margin { cents } marginAtPreviousRate { cents } fxEffect { cents } }
        byTenant { margin { cents } marginAtPreviousRate { cents } fxEffect { cents } } } }
    reconciliation(period: $period) {
      costs { currency buckets { lineCount amount { cents } } linesTotal { cents } lineCount invoiced { cents } difference { cents }
        invoices { invoiced { cents } linesTotal { cents } lineCount difference { cents } } }
      undeployedTotals { resourceCount cost { cents currency } } undeployed(first: 200) { totalCount nodes { cost { cents currency } } } }
    costAnomalies(period: $period) { byResource(first: 200) { nodes { current { cents } usual { cents } change { cents } impact { margin { cents } } } }
      byKind { current { cents } usual { cents } change { cents } impacts { margin { cents } } } } }`);

  async function write({ rate, cloudInvoices, invoices }: RandomBooks): Promise<void> {
    await app.sql(`insert into fx_rates values ('USD', 'AUD', $1, $2) on conflict do nothing`, [period, rate]);
    for (const { currency: of, lines, missing } of cloudInvoices) {
      const rows = lines.map(({ resource, ...one }) => ({
        ...one,
        resourceId: resourceOf({ resource, status: one.status }),
      }));
      const total = sum(lines.map((one) => one.cents));
      await app.addCloudInvoice(period, rows, { currency: of, totalCents: total + missing });
    }
    for (const [i, { status, currency: of, lines }] of invoices.entries()) {
      const tenant = TENANTS[i] as string;
      const settled = status === 'issued' || status === 'paid';
      const { id } = await app.row<{ id: string }>(
        `insert into invoices (tenant_id, period, status, currency, subtotal_cents, tax_cents, total_cents, drafted_at)
         values ($1, $2, 'draft', $3, 0, 0, 0, now()) returning id`,
        [tenant, period, of],
      );
      for (const [position, one] of lines.entries()) {
        const own = deployments.filter((deployment) => deployment.tenant_id === tenant);
        await app.sql(
          `insert into invoice_lines (invoice_id, position, deployment_id, kind, billing_kind, description, quantity, unit, unit_price_cents,
             amount_cents, currency, meta) values ($1, $2, $3, $4, $5, 'A line', 1, 'month', 1, $6, $7, '{}')`,
          [
            id,
            position + 1,
            one.kind === 'tax' ? null : own[one.deployment % 2]?.id,
            one.kind,
            one.billingKind,
            one.cents,
            of,
          ],
        );
      }
      await app.sql(
        `update invoices set status = $2, number = $3, issued_at = case when $4 then now() end, paid_at = case when $2 = 'paid' then now() end,
           voided_at = case when $2 = 'void' then now() end where id = $1`,
        [id, status, settled ? `${period}-${tenant}` : null, settled],
      );
    }
  }

  function resourceOf({ resource, status }: { resource: number; status: string }): string | null {
    const isAttached = status === 'matched' || status === 'historic';
    return isAttached ? (resourceIds[resource % resourceIds.length] as string) : null;
  }

  /** What the books come to, line by line, each converted and rounded by itself. */
  function expected({ rate, cloudInvoices, invoices, cogsTax }: RandomBooks) {
    const inAud = (of: string, amount: number) =>
      of === 'AUD' ? amount : roundToCents(new Decimal(rate).times(amount));
    const revenue = invoices
      .filter(({ status }) => status !== 'void')
      .flatMap(({ currency: of, lines }) =>
        lines.filter(({ kind }) => kind !== 'tax').map((one) => inAud(of, one.cents)),
      );
    const costs = cloudInvoices.flatMap(({ currency: of, lines }) =>
      lines.map(({ status, cents: amount }) => ({ isTax: status === 'tax', cents: inAud(of, amount) })),
    );
    const tax = sum(costs.filter((one) => one.isTax).map((one) => one.cents));
    const cogs = sum(costs.map((one) => one.cents)) - (cogsTax === 'EXCLUDED' ? tax : 0);
    return { revenue: sum(revenue), cogs, cogsTax: tax, margin: sum(revenue) - cogs };
  }

  it('every report is the sum of its parts, and of its lines', async () => {
    await app.sql(`insert into fx_rates values ('USD', 'AUD', '2000-12-01', 1.37)`);
    await fc.assert(
      fc.asyncProperty(books, async (random) => {
        await write(random);
        const { margin, reconciliation, costAnomalies } = await app.data(QUERY, { period, cogsTax: random.cogsTax });
        const wanted = expected(random);
        for (const part of ['revenue', 'cogs', 'cogsTax', 'margin'] as const) {
          expect(margin.overall[part].cents).toBe(wanted[part]);
          expect(centsOf(margin.byTenant, (one) => one.margin[part])).toBe(wanted[part]);
          for (const tenant of TENANTS) {
            const whole = margin.byTenant.filter((one) => one.tenantId === tenant);
            const deployed = margin.byDeployment.filter((one) => one.deployment.tenantId === tenant);
            if (part === 'revenue')
              expect(centsOf(deployed, (one) => one.margin[part])).toBe(centsOf(whole, (one) => one.margin[part]));
          }
        }
        expect(centsOf(margin.revenueByKind, (one) => one.revenue)).toBe(wanted.revenue);
        expect(centsOf(margin.cogsByKind, (one) => one.cogs)).toBe(wanted.cogs);
        const fxEffect = present(margin.fxEffect);
        for (const part of ['margin', 'marginAtPreviousRate', 'fxEffect'] as const) {
          expect(centsOf(fxEffect.byTenant, (one) => one[part])).toBe(fxEffect.overall[part].cents);
        }
        expect(fxEffect.overall.margin.cents).toBe(wanted.margin);
        for (const costs of reconciliation.costs) {
          const own = random.cloudInvoices.filter((one) => one.currency === costs.currency);
          expect(centsOf(costs.buckets, (one) => one.amount)).toBe(costs.linesTotal.cents);
          expect(sum(costs.buckets.map((one) => one.lineCount))).toBe(costs.lineCount);
          expect(costs.lineCount).toBe(sum(own.map((one) => one.lines.length)));
          expect(costs.linesTotal.cents + costs.difference.cents).toBe(costs.invoiced.cents);
          expect(costs.difference.cents).toBe(sum(own.map((one) => one.missing)));
          for (const part of ['invoiced', 'linesTotal', 'difference'] as const) {
            expect(centsOf(costs.invoices, (one) => one[part])).toBe(costs[part].cents);
          }
        }
        for (const { cost, resourceCount } of reconciliation.undeployedTotals) {
          const own = reconciliation.undeployed.nodes.filter((one) => one.cost.currency === cost.currency);
          expect([own.length, centsOf(own, (one) => one.cost)]).toEqual([resourceCount, cost.cents]);
        }
        for (const one of costAnomalies.byResource.nodes) {
          expect(one.current.cents - one.usual.cents).toBe(one.change.cents);
          expect(one.impact.margin.cents + one.change.cents).toBe(0);
        }
        for (const one of costAnomalies.byKind) {
          expect(one.current.cents - one.usual.cents).toBe(one.change.cents);
          expect(centsOf(one.impacts, (impact) => impact.margin) + one.change.cents).toBe(0);
        }
        period = nextPeriod(period);
      }),
      // A failing month stays in the database, so it is shown as it was and not shrunk.
      { numRuns: 40, endOnFailure: true },
    );
  });
});

describe('over random usage', () => {
  const kinds: BillingKind[] = [
    'droplet_hours',
    'spaces_gb_month',
    'volume_gb_month',
    'droplet_backup_gb_month',
    'bandwidth_gb',
  ];
  const PRICED: Record<string, Pricing> = {
    droplet_hours: 'always',
    spaces_gb_month: 'never',
    bandwidth_gb: 'free',
    volume_gb_month: 'partly',
    droplet_backup_gb_month: 'always',
  };
  const ALLOWED: Record<string, string> = { droplet_hours: '10', spaces_gb_month: '20', bandwidth_gb: '0' };
  const quantity = fc.constantFrom('0', '10', '15', '20', '20.5', '30');
  const usage = fc.record({
    kind: fc.constantFrom(...kinds),
    metered: fc.option(quantity),
    billed: fc.option(quantity),
    granted: fc.option(fc.constantFrom('5', '10.5')),
  });
  const deployment = fc.record({
    isInvoiced: fc.boolean(),
    hasPlan: fc.boolean(),
    usage: fc.uniqueArray(usage, { selector: (one) => one.kind }),
  });
  const QUERY = gql(`query($period: Date!) { reconciliation(period: $period) { usageCounts { status count }
    usage(first: 200) { totalCount nodes { deployment { id } kind status metered invoiced } } } }`);
  let versionId: string;

  beforeAll(async () => {
    await app.sql('delete from resource_prices');
    const { createPlanVersion } = await app.data(
      gql('mutation($input: CreatePlanVersionInput!) { createPlanVersion(input: $input) { planVersion { id } } }'),
      {
        input: {
          planCode: 'studio',
          basePriceCents: 1,
          items: [
            { kind: 'DROPLET_HOURS', includedQuantity: '10', overageUnit: 'hour', overagePriceCents: '1' },
            { kind: 'SPACES_GB_MONTH', includedQuantity: '20', overageUnit: 'gb' },
            {
              kind: 'BANDWIDTH_GB',
              includedQuantity: '0',
              overageUnit: 'gb',
              overagePriceCents: '1',
              hardCapQuantity: '0',
            },
          ],
        },
      },
    );
    versionId = createPlanVersion.planVersion.id;
  });

  it('each kind of each deployment has the status that the rule gives it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(deployment, { minLength: 6, maxLength: 6 }), async (random) => {
        period = nextPeriod(period);
        await app.sql('delete from resource_prices');
        await app.sql(
          `insert into resource_prices (kind, unit, unit_price_cents, currency, effective_from)
           values ('volume_gb_month', 'gb', 1, 'AUD', $1::date + 9), ('droplet_backup_gb_month', 'gb', 1, 'AUD', $1::date),
             ('volume_gb_month', 'gb', 1, 'USD', '1999-01-01')`,
          [period],
        );
        const wanted: string[] = [];
        for (const tenant of TENANTS) {
          await app.sql(
            `insert into invoices (tenant_id, period, status, currency, subtotal_cents, tax_cents, total_cents, drafted_at)
             values ($1, $2, 'draft', 'AUD', 0, 0, 0, now())`,
            [tenant, period],
          );
        }
        for (const [i, { isInvoiced, hasPlan, usage: used }] of random.entries()) {
          const { id, tenant_id } = deployments[i] as (typeof deployments)[number];
          const invoice = await app.row('select id from invoices where tenant_id = $1 and period = $2', [
            tenant_id,
            period,
          ]);
          const add = (kind: string, billingKind: string | null, meta: object) =>
            app.sql(
              `insert into invoice_lines (invoice_id, position, deployment_id, kind, billing_kind, description, quantity, unit, unit_price_cents,
                 amount_cents, currency, meta)
               select $1, coalesce(max(position), 0) + 1, $2, $3, $4, 'A line', 1, 'month', 1, 1, 'AUD', $5 from invoice_lines where invoice_id = $1`,
              [invoice.id, id, kind, billingKind, JSON.stringify(meta)],
            );
          if (isInvoiced && hasPlan) {
            await add('plan_base', null, {
              lastDay: `${period.slice(0, 8)}09`,
              planVersionId: '6f7e2f6e-6f5e-4d6f-8f6e-6f7e2f6e6f5e',
            });
            await add('plan_base', null, { lastDay: `${period.slice(0, 8)}28`, planVersionId: versionId });
          } else if (isInvoiced) await add('llm_usage', 'llm_tokens', {});
          for (const { kind, metered, billed, granted } of used) {
            const lines = isInvoiced && hasPlan ? { billed, granted } : { billed: null, granted: null };
            if (lines.billed !== null) await add('overage', kind, { used: lines.billed });
            if (lines.granted !== null) await add('addon', kind, { addonQuantity: lines.granted });
            if (metered !== null) {
              await app.sql(
                `insert into usage_records (deployment_id, resource_id, kind, granularity, period_start, quantity)
                 values ($1, gen_random_uuid(), $2, 'daily', $3::date::timestamp at time zone 'UTC', $4)`,
                [id, kind, period, metered],
              );
            }
            if (metered === null && lines.billed === null) continue;
            const status: UsageStatus = usageStatus({
              metered,
              billed: lines.billed,
              isInvoiced,
              allowance: new Decimal(isInvoiced && hasPlan ? (ALLOWED[kind] ?? 0) : 0)
                .plus(lines.granted ?? 0)
                .toFixed(),
              pricing: isInvoiced && hasPlan ? (PRICED[kind] as Pricing) : 'never',
            });
            wanted.push(`${id} ${kind} ${status} ${metered ?? '0'} ${lines.billed ?? '0'}`);
          }
        }
        const { usage: found, usageCounts } = (await app.data(QUERY, { period })).reconciliation;
        const rows = found.nodes.map((one) =>
          [one.deployment.id, one.kind.toLowerCase(), one.status.toLowerCase(), one.metered, one.invoiced].join(' '),
        );
        expect(rows.sort()).toEqual(wanted.sort());
        expect(sum(usageCounts.map((one) => one.count))).toBe(wanted.length);
        expect(found.totalCount).toBe(wanted.length);
      }),
      { numRuns: 25, endOnFailure: true },
    );
  });
});
