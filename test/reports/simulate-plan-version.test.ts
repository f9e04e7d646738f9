import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CreatePlanVersionInput } from '../support/graphql.generated.js';
import { gql, present } from '../support/typed-document.js';
import { figures, type MarginApp, startMarginApp } from './margin-app.js';

let app: MarginApp;
let draftId: string;

const SIMULATE = gql(`query($id: ID!, $period: Date!) { simulatePlanVersion(planVersionId: $id, period: $period) {
  period planVersion { version status } fxRates { rate }
  overall { before { revenue { cents } cogs { cents } cogsTax { cents } margin { cents amount currency } marginPercent } after { revenue { cents } cogs { cents } cogsTax { cents } margin { cents amount currency } marginPercent } difference { cents } }
  byTenant { tenantId change { before { revenue { cents } cogs { cents } cogsTax { cents } margin { cents amount currency } marginPercent } after { revenue { cents } cogs { cents } cogsTax { cents } margin { cents amount currency } marginPercent } difference { cents } } } } }`);
const simulate = async (id = draftId, period = '2026-04-15') =>
  (await app.data(SIMULATE, { id, period })).simulatePlanVersion;
const draft = (basePriceCents: number, overagePriceCents: string): CreatePlanVersionInput => ({
  planCode: 'studio',
  basePriceCents,
  items: [{ kind: 'DROPLET_HOURS', includedQuantity: '720', overageUnit: 'hour', overagePriceCents }],
});

beforeAll(async () => {
  app = await startMarginApp('2026-05-01T03:00:00Z');
  await app.setRate('2026-01-01', '1.5');
  const of = async (tenant: string, plan: string, droplets: number) => {
    const id = await app.createDeployment('app', tenant);
    const subscription = await app.subscribe(id, plan, { startsOn: '2026-04-01' });
    const ids: string[] = [];
    for (let n = 0; n < droplets; n++) ids.push(await app.addResource(id, { kind: 'droplet', name: `${tenant}-${n}` }));
    return { ids, subscription };
  };
  const [acme, beta] = [await of('acme', 'studio', 5), await of('beta', 'studio', 1)];
  await of('mono', 'pro', 1);
  const past = await of('past', 'studio', 1);
  await app.meterMonth('2026-04-01');
  await app.data(
    gql('mutation($events: [LlmUsageInput!]!) { recordLlmUsage(events: $events) { results { outcome } } }'),
    {
      events: [
        {
          gatewayRequestId: 'one',
          deploymentId: (await app.row<{ id: string }>(`select id from deployments where tenant_id = 'acme'`)).id,
          occurredAt: '2026-04-20T00:00:00Z',
          model: 'm',
          inputTokens: 1,
          outputTokens: 1,
          charge: '1.25',
        },
      ],
    },
  );
  await app.data(gql('mutation($id: ID!) { cancelSubscription(id: $id) { subscription { id } } }'), {
    id: past.subscription,
  });
  await app.addCloudInvoice('2026-04-01', [
    { kind: 'droplet', cents: 3000, resourceId: acme.ids[0] as string },
    { kind: 'droplet', cents: 600, resourceId: beta.ids[0] as string },
    { cents: 790, status: 'tax' },
  ]);
  const { createPlanVersion } = await app.data(
    gql('mutation($input: CreatePlanVersionInput!) { createPlanVersion(input: $input) { planVersion { id } } }'),
    { input: draft(5500, '1.5') },
  );
  draftId = createPlanVersion.planVersion.id;
});
afterAll(() => app.close());

/** Every table with its rows: what a simulation must leave alone. */
async function everything() {
  const tables = await app.sql<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`,
  );
  const counts: Record<string, unknown> = {};
  for (const { name } of tables) {
    counts[name] = (
      await app.row<{ rows: unknown }>(
        `select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as rows from "${name}" t`,
      )
    ).rows;
  }
  return counts;
}

describe('simulating a version', () => {
  it('prices the month’s real usage of present subscribers by it, and writes nothing', async () => {
    const before = await everything();
    const report = await simulate();
    expect(report).toMatchObject({
      period: '2026-04-01',
      planVersion: { version: 2, status: 'DRAFT' },
      fxRates: [{ rate: '1.5' }],
    });
    // acme: 3,600 hours; 50.00 + 21.12 + 1.25 before; 55.00 + 2,880 × 1.5 c + 1.25 after. beta stays within 720 hours.
    expect(
      report.byTenant.map(({ tenantId, change }) => [tenantId, figures(change.before), figures(change.after)]),
    ).toEqual([
      ['acme', [7237, 4500, 0, 2737, 37.8], [9945, 4500, 0, 5445, 54.8]],
      ['beta', [5000, 900, 0, 4100, 82], [5500, 900, 0, 4600, 83.6]],
    ]);
    expect(figures(report.overall.before)).toEqual([12_237, 5400, 0, 6837, 55.9]);
    expect(figures(report.overall.after)).toEqual([15_445, 5400, 0, 10_045, 65]);
    expect(report.overall.difference.cents).toBe(3208);
    expect(report.byTenant.map(({ change }) => change.difference.cents)).toEqual([2708, 500]);
    expect(await everything()).toEqual(before);
  });

  it('says of the month as it was what its invoices say', async () => {
    const report = await simulate();
    await app.rollUp('2026-04-01');
    const { margin } = await app.data(
      gql(
        `query { margin(period: "2026-04-01") { byTenant { tenantId margin { revenue { cents } cogs { cents } cogsTax { cents } margin { cents amount currency } marginPercent } } } }`,
      ),
    );
    for (const { tenantId, change } of report.byTenant) {
      const real = present(margin.byTenant.find((one) => one.tenantId === tenantId));
      expect(figures(change.before)).toEqual(figures(real.margin));
    }
    expect(await simulate()).toEqual(report);
  });

  it('of the version in force changes nothing', async () => {
    const plan = present((await app.data(gql('{ plan(code: "studio") { activeVersion { id } } }'))).plan);
    expect((await simulate(present(plan.activeVersion).id)).overall.difference.cents).toBe(0);
  });

  it('is refused where there is no such version, month or role', async () => {
    const unknown = '00000000-0000-4000-8000-000000000000';
    expect(await app.codeOf(SIMULATE, { id: unknown, period: '2026-04-01' })).toBe('NOT_FOUND');
    expect(await app.codeOf(SIMULATE, { id: 'nonsense', period: '2026-04-01' })).toBe('NOT_FOUND');
    expect(await app.codeOf(SIMULATE, { id: draftId, period: '2026-06-01' })).toBe('BAD_USER_INPUT');
    expect(await app.codeOf(SIMULATE, { id: draftId, period: '2026-04-01' }, app.tenant('acme'))).toBe('FORBIDDEN');
  });
});
