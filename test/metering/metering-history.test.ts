import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ResourceKind } from '../../src/core/inventory/resource-kind.js';
import { addDays, parseDay } from '../../src/core/time/period.js';
import { type ObservedResource, observe } from '../../src/services/inventory/observe.js';
import { markDestroyed } from '../../src/services/inventory/remove-resource.js';
import { meterDueDays, meterUsage } from '../../src/services/metering/meter-usage.js';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import { gql, present } from '../support/typed-document.js';

let app: BillingApp;
let deployments: string[];
beforeAll(async () => {
  app = await startBillingApp('2026-05-20');
  deployments = [await app.createDeployment('one'), await app.createDeployment('two')];
});
afterAll(() => app.close());
beforeEach(async () => {
  app.setTime('2026-05-20');
  await app.sql(
    'delete from usage_records; delete from metered_days; delete from cloud_resource_events; delete from cloud_resources; delete from metering_config',
  );
});

const ASSIGN = gql('mutation($id: ID!, $to: ID) { assignResource(id: $id, deploymentId: $to) { resource { id } } }');
const METER = gql('mutation($day: Date!) { meterUsage(day: $day) { recordCount } }');
const DROPLET: ObservedResource = {
  kind: 'droplet',
  providerKind: 'droplet',
  providerId: '1',
  name: 'web',
  status: 'active',
  region: 'syd1',
  tags: [],
  attrs: { created_at: '2026-05-01T00:00:00Z' },
};
const volume = (size_gigabytes: number): ObservedResource => ({
  ...{ ...DROPLET, kind: 'volume', providerKind: 'volume', status: null },
  attrs: { created_at: '2026-05-01T00:00:00Z', size_gigabytes },
});
/** What a sync sees at that instant. */
async function see(at: string, ...resources: ObservedResource[]): Promise<void> {
  app.setTime(at);
  await app.app.db.transaction((db) => observe(db, { actor: 'test', at: new Date(at), run: null }, resources));
}
const idOf = async (providerId = '1') =>
  (await app.row<{ id: string }>('select id from cloud_resources where provider_id = $1', [providerId])).id;
async function assign(at: string, to: string | undefined, providerId = '1'): Promise<void> {
  app.setTime(at);
  await app.data(ASSIGN, { id: await idOf(providerId), to: to ?? null });
}
async function bury(at: string, providerId = '1'): Promise<void> {
  app.setTime(at);
  const resourceId = await idOf(providerId);
  await app.app.db.transaction((db) => markDestroyed(db, { resourceId, actor: 'test', at: new Date(at) }));
}
const recordsOf = (day: string): Promise<{ deployment: string; quantity: string }[]> =>
  app.sql(
    `select deployment_id as deployment, trim_scale(quantity)::text as quantity from usage_records
     where period_start >= $1::date::timestamp at time zone 'UTC' and period_start < ($1::date + 1)::timestamp at time zone 'UTC'
     order by kind, resource_id, deployment_id, period_start`,
    [day],
  );
/** Metered long after, as if for the first time. */
async function meteredLater(day: string): Promise<{ deployment: string; quantity: string }[]> {
  app.setTime('2026-05-20');
  await app.data(METER, { day });
  return recordsOf(day);
}
const [one, two] = [() => deployments[0] as string, () => deployments[1] as string];

describe('a past day is metered as it was:', () => {
  it('a droplet that is switched off at noon counts the hours that it ran', async () => {
    await see('2026-05-02T00:00:00Z', DROPLET);
    await assign('2026-05-02T00:00:00Z', one());
    await see('2026-05-04T12:00:00Z', { ...DROPLET, status: 'off' });
    expect(await meteredLater('2026-05-03')).toEqual([{ deployment: one(), quantity: '24' }]);
    expect(await meteredLater('2026-05-04')).toEqual([{ deployment: one(), quantity: '12' }]);
    expect(await meteredLater('2026-05-05')).toEqual([{ deployment: one(), quantity: '0' }]);
  });

  it('a droplet that moves at 06:00 counts for each deployment the hours that it was theirs', async () => {
    await see('2026-05-02T00:00:00Z', DROPLET);
    await assign('2026-05-02T00:00:00Z', one());
    await assign('2026-05-04T06:00:00Z', two());
    expect(await meteredLater('2026-05-03')).toEqual([{ deployment: one(), quantity: '24' }]);
    expect(await meteredLater('2026-05-04')).toEqual(
      [
        { deployment: one(), quantity: '6' },
        { deployment: two(), quantity: '18' },
      ].toSorted((a, b) => (a.deployment < b.deployment ? -1 : 1)),
    );
    expect(await meteredLater('2026-05-05')).toEqual([{ deployment: two(), quantity: '24' }]);
  });

  it('a droplet that is made at 18:00 and destroyed at 03:00 counts six hours, three, and then none', async () => {
    await see('2026-05-01T00:00:00Z', { ...DROPLET, providerId: 'other' });
    await see('2026-05-04T18:01:00Z', { ...DROPLET, attrs: { created_at: '2026-05-04T18:00:00Z' } });
    await assign('2026-05-04T18:01:00Z', one());
    await bury('2026-05-06T03:00:00Z');
    expect(await meteredLater('2026-05-03')).toEqual([]);
    // Assigned a minute after it was made.
    expect(await meteredLater('2026-05-04')).toEqual([{ deployment: one(), quantity: '5.983333333333333333' }]);
    expect(await meteredLater('2026-05-05')).toEqual([{ deployment: one(), quantity: '24' }]);
    expect(await meteredLater('2026-05-06')).toEqual([{ deployment: one(), quantity: '3' }]);
    expect(await meteredLater('2026-05-07')).toEqual([]);
  });

  it('a volume counts the size and the deployment that it had when the day ended', async () => {
    await see('2026-05-02T00:00:00Z', volume(31));
    await assign('2026-05-02T00:00:00Z', one());
    await see('2026-05-04T12:00:00Z', volume(62));
    await assign('2026-05-06T12:00:00Z', two());
    await bury('2026-05-08T12:00:00Z');
    expect(await meteredLater('2026-05-03')).toEqual([{ deployment: one(), quantity: '1' }]);
    expect(await meteredLater('2026-05-04')).toEqual([{ deployment: one(), quantity: '2' }]);
    expect(await meteredLater('2026-05-05')).toEqual([{ deployment: one(), quantity: '2' }]);
    expect(await meteredLater('2026-05-06')).toEqual([{ deployment: two(), quantity: '2' }]);
    expect(await meteredLater('2026-05-07')).toEqual([{ deployment: two(), quantity: '2' }]);
    expect(await meteredLater('2026-05-08')).toEqual([]);
  });

  it('what was in no deployment on that day counts nothing', async () => {
    await see('2026-05-02T00:00:00Z', DROPLET);
    await assign('2026-05-06T00:00:00Z', one());
    await assign('2026-05-08T00:00:00Z', undefined);
    expect(await meteredLater('2026-05-05')).toEqual([]);
    expect(await meteredLater('2026-05-07')).toEqual([{ deployment: one(), quantity: '24' }]);
    expect(await meteredLater('2026-05-08')).toEqual([]);
  });

  it('days before the inventory began count for the first deployment, from the day on which the resource was made', async () => {
    await see('2026-05-06T10:00:00Z', DROPLET);
    await assign('2026-05-06T11:00:00Z', one());
    await assign('2026-05-07T00:00:00Z', two());
    expect(await meteredLater('2026-04-30')).toEqual([]);
    expect(await meteredLater('2026-05-01')).toEqual([{ deployment: one(), quantity: '24' }]);
  });

  it('a zone that is found once the inventory is filled counts from that day on', async () => {
    const zone = (providerId: string): ObservedResource => ({
      ...{ ...DROPLET, kind: 'dns_zone', providerKind: 'domain', status: null },
      ...{ providerId, name: providerId, attrs: {} },
    });
    await see('2026-05-02T10:00:00Z', zone('old'));
    await see('2026-05-04T10:00:00Z', zone('new'));
    await assign('2026-05-04T10:00:00Z', one(), 'old');
    await assign('2026-05-04T10:00:00Z', two(), 'new');
    expect(await meteredLater('2026-05-01')).toEqual([{ deployment: one(), quantity: '0.032258064516129032' }]);
    expect(await meteredLater('2026-05-03')).toEqual([]);
    expect(await meteredLater('2026-05-04')).toHaveLength(2);
  });

  it('by the hour, each hour for itself', async () => {
    await app.data(
      gql(
        `mutation { setMeteringConfig(input: { kind: DROPLET_HOURS, granularity: HOURLY, retentionDays: 100 }) { config { kind } } }`,
      ),
    );
    await see('2026-05-02T00:00:00Z', DROPLET);
    await assign('2026-05-02T00:00:00Z', one());
    await see('2026-05-04T12:30:00Z', { ...DROPLET, status: 'off' });
    const quantities = (await meteredLater('2026-05-04')).map((row) => row.quantity);
    expect(quantities).toEqual([...Array(12).fill('1'), '0.5', ...Array(11).fill('0')]);
  });
});

describe('is rejected and changes nothing:', () => {
  const rejected = async (day: string, code: string) => {
    const before = await app.rows();
    const error = (await app.graphql(METER, { day })).body.errors?.[0];
    expect(error?.extensions).toMatchObject({ code, fields: [{ path: 'day', message: expect.any(String) }] });
    expect(await app.rows()).toEqual(before);
  };
  it('a day before 2014', () => rejected('2013-12-31', 'BAD_USER_INPUT'));
  it('today', () => rejected('2026-05-20', 'BAD_USER_INPUT'));
  it('a day of the future', () => rejected('2026-05-21', 'BAD_USER_INPUT'));

  it('a day of a month in which an invoice is issued; the schedule passes over it', async () => {
    const id = await app.createDeployment('billed', 'billed');
    await app.subscribe(id, 'starter', { startsOn: '2026-04-01' });
    await app.addResource(id, { kind: 'droplet', name: 'web' });
    await meterUsage(app.app, '2026-04-29');
    await app.data(
      gql('mutation { rollUpInvoices(period: "2026-04-01", tenantId: "billed", allowUnmetered: true) { created } }'),
    );
    const { invoices } = await app.data(gql('{ invoices(filter: { tenantId: "billed" }) { nodes { id } } }'));
    await app.data(gql('mutation($id: ID!) { issueInvoice(id: $id) { invoice { id } } }'), {
      id: present(invoices.nodes[0]).id,
    });
    await rejected('2026-04-29', 'CONFLICT');
    await rejected('2026-04-30', 'CONFLICT');
    app.setTime('2026-05-03T01:10:00Z');
    await meterDueDays(app.app);
    expect(await app.sql('select day::text from metered_days order by metered_days.day')).toEqual(
      ['2026-04-29', '2026-05-01', '2026-05-02'].map((day) => ({ day })),
    );
  });
});

interface Step {
  readonly day: number;
  readonly minute: number;
  readonly resource: number;
  readonly act: 'on' | 'off' | 'grow' | 'shrink' | 'one' | 'two' | 'none' | 'bury' | 'see';
}

describe('under any history', () => {
  const FIRST = parseDay('2026-05-02');
  const DAYS = 5;
  const KINDS: ResourceKind[] = ['droplet', 'droplet', 'volume', 'dns_zone'];
  const steps = fc.array(
    fc.record({
      day: fc.integer({ min: 0, max: DAYS - 1 }),
      minute: fc.integer({ min: 0, max: 1_439 }),
      resource: fc.integer({ min: 0, max: KINDS.length - 1 }),
      act: fc.constantFrom<Step['act']>('on', 'off', 'grow', 'shrink', 'one', 'two', 'none', 'bury', 'see'),
    }),
    { minLength: 5, maxLength: 25 },
  );

  async function clear(): Promise<void> {
    await app.sql(
      'delete from usage_records; delete from metered_days; delete from cloud_resource_events; delete from cloud_resources',
    );
  }

  /** Each resource's minute by minute state, kept beside the program: what a day's records must come to. */
  class Oracle {
    private readonly states: ({ owner: string | null; active: boolean; size: number; there: boolean } | null)[][] = [];
    constructor(private readonly count: number) {
      for (let n = 0; n < count; n++) this.states.push(Array(DAYS * 1_440).fill(null));
    }
    from(
      resource: number,
      minute: number,
      state: { owner: string | null; active: boolean; size: number; there: boolean },
    ) {
      this.states[resource]?.fill(state, minute);
    }
    day(day: number): string[] {
      const rows: string[] = [];
      for (let n = 0; n < this.count; n++) {
        const minutes = (this.states[n] ?? []).slice(day * 1_440, (day + 1) * 1_440);
        if (KINDS[n] === 'droplet') {
          const hours = new Map<string, number>();
          for (const state of minutes) {
            if (!state?.there || state.owner === null) continue;
            hours.set(state.owner, (hours.get(state.owner) ?? 0) + (state.active ? 1 : 0));
          }
          for (const [owner, ran] of hours) rows.push(`${n} ${owner} ${(ran / 60).toFixed(9)}`);
        } else {
          const end = minutes.at(-1);
          if (!end?.there || end.owner === null) continue;
          const quantity = KINDS[n] === 'volume' ? end.size : 1;
          rows.push(`${n} ${end.owner} ${(quantity / 31).toFixed(9)}`);
        }
      }
      return rows.sort();
    }
  }

  it('metering a day later is metering it when it ended, and both are what the resources did', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (random) => {
        await clear();
        const inOrder = random.toSorted((a, b) => a.day - b.day || a.minute - b.minute);
        const oracle = new Oracle(KINDS.length);
        const state = KINDS.map(() => ({
          owner: null as string | null,
          active: true,
          size: 10,
          there: true,
          seen: false,
        }));
        const shown = (n: number): ObservedResource => {
          const kind = KINDS[n] as ResourceKind;
          const attrs = kind === 'volume' ? { size_gigabytes: state[n]?.size } : {};
          const status = kind === 'droplet' ? (state[n]?.active ? 'active' : 'off') : null;
          return { ...DROPLET, kind, providerKind: kind, providerId: String(n), name: `r${n}`, status, attrs };
        };
        // A first one of each kind, so that those of the history begin when they are found.
        await see('2026-05-01T00:00:00Z', ...KINDS.map((_, n) => ({ ...shown(n), providerId: `first-${n}` })));
        const whenItEnded: unknown[][] = [];
        const meterEnded = async (day: number) => {
          app.setTime(`${addDays(FIRST, day + 1)}T01:10:00Z`);
          await meterUsage(app.app, addDays(FIRST, day));
          whenItEnded.push(await recordsOf(addDays(FIRST, day)));
        };
        for (const { day, minute, resource: n, act } of inOrder) {
          while (whenItEnded.length < day) await meterEnded(whenItEnded.length);
          const at = new Date(Date.UTC(2026, 4, 2 + day, 0, minute)).toISOString();
          const own = state[n] as (typeof state)[number];
          if (!own.seen || act === 'see') {
            own.seen = own.there = true;
            await see(at, shown(n));
          }
          if ((act === 'on' || act === 'off') && own.there) {
            own.active = act === 'on';
            await see(at, shown(n));
          }
          if ((act === 'grow' || act === 'shrink') && own.there) {
            own.size = Math.max(1, own.size + (act === 'grow' ? 7 : -5));
            await see(at, shown(n));
          }
          if (act === 'one' || act === 'two' || act === 'none') {
            own.owner = act === 'none' ? null : ((act === 'one' ? one() : two()) as string);
            await assign(at, own.owner ?? undefined, String(n));
          }
          if (act === 'bury') {
            own.there = false;
            await bury(at, String(n));
          }
          oracle.from(n, day * 1_440 + minute, {
            owner: own.owner,
            active: own.active,
            size: own.size,
            there: own.there,
          });
        }
        while (whenItEnded.length < DAYS) await meterEnded(whenItEnded.length);
        await app.sql('delete from usage_records');
        app.setTime('2026-05-20');
        for (let day = 0; day < DAYS; day++) {
          await meterUsage(app.app, addDays(FIRST, day));
          expect(await recordsOf(addDays(FIRST, day))).toEqual(whenItEnded[day]);
          const rows = await app.sql(
            `select resource.provider_id as n, usage.deployment_id as owner, round(usage.quantity, 9)::text as quantity
             from usage_records usage join cloud_resources resource on resource.id = usage.resource_id
             where (usage.period_start at time zone 'UTC')::date = $1`,
            [addDays(FIRST, day)],
          );
          expect(rows.map(({ n, owner, quantity }) => `${n} ${owner} ${quantity}`).sort()).toEqual(oracle.day(day));
        }
      }),
      { numRuns: 25 },
    );
  }, 120_000);
});
