import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allExamples } from '../../graphiql/example-groups.js';
import type { Example } from '../../graphiql/examples.js';
import { rootFieldsOf } from '../../graphiql/offered-examples.js';
import { SYNC_SCOPES } from '../../src/core/inventory/sync-scope.js';
import { SAGAS_TOPIC } from '../../src/services/sagas/write-saga.js';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import type { CreatePlanVersionInput } from '../support/graphql.generated.js';
import { gql, present, type TypedDocument } from '../support/typed-document.js';

/** What an example answers if it is more than data: it reached the account, which has nothing in that state. */
const REJECTED: Readonly<Record<string, string>> = {
  'Cancel a saga': 'CONFLICT',
  'Retry a saga': 'CONFLICT',
};

let app: BillingApp;
let count = 0;
/** The data's one root field. */
const one = async <Data extends object, Variables extends object>(
  document: TypedDocument<Data, Variables>,
  variables?: NoInfer<Variables>,
): Promise<Data[keyof Data]> => Object.values(await app.data(document, variables))[0];
const first = <Node>(list: readonly Node[]): Node => present(list[0]);
const named = async (kind: string, name: string): Promise<string> => {
  const row = await app.row<{ id: string }>('select id from cloud_resources where kind = $1 and name = $2', [
    kind,
    name,
  ]);
  return row.id;
};
const deployment = (plan?: string, tenant = `tenant-${++count}`): Promise<string> =>
  app.createDeployment(`site-${++count}`, tenant).then(async (id) => {
    if (plan) await app.subscribe(id, plan, { startsOn: '2026-04-01' });
    return id;
  });
const subscription = async (): Promise<string> =>
  app.subscribe(await deployment(), 'studio', { startsOn: '2026-05-01', addons: ['storage_50gb'] });
async function draft(): Promise<string> {
  const tenant = `tenant-${++count}`;
  await deployment('studio', tenant);
  await one(
    gql(
      'mutation($t: String) { rollUpInvoices(period: "2026-04-01", tenantId: $t, allowUnmetered: true) { created } }',
    ),
    {
      t: tenant,
    },
  );
  const { nodes } = await one(gql('query($t: String) { invoices(filter: { tenantId: $t }) { nodes { id } } }'), {
    t: tenant,
  });
  return first(nodes).id;
}
async function issued(): Promise<string> {
  const id = await draft();
  await one(gql('mutation($id: ID!) { issueInvoice(id: $id) { invoice { id } } }'), { id });
  return id;
}
async function draftVersion(): Promise<string> {
  const input: CreatePlanVersionInput = { planCode: 'starter', basePriceCents: 2100, items: [] };
  const made = await one(
    gql('mutation($input: CreatePlanVersionInput!) { createPlanVersion(input: $input) { planVersion { id } } }'),
    {
      input,
    },
  );
  return made.planVersion.id;
}
async function droplet(): Promise<string> {
  const name = `spare-${++count}`;
  const input = { name, sizeSlug: 's-1vcpu-1gb', image: 'ubuntu-24-04-x64', region: 'syd1' };
  await one(gql('mutation($input: ProvisionDropletInput!) { provisionDroplet(input: $input) { saga { id } } }'), {
    input,
  });
  await ended();
  return named('droplet', name);
}
/** Resolves once no saga is under way. */
async function ended(): Promise<void> {
  let stop = () => {};
  await new Promise<void>((resolve, reject) => {
    const look = () => {
      app.sql('select from saga_runs where finished_at is null limit 1').then((open) => {
        if (open.length === 0) resolve();
      }, reject);
    };
    stop = app.app.live.onWake(SAGAS_TOPIC, look);
    look();
  }).finally(() => stop());
}
async function drift(): Promise<string> {
  const resourceId = await droplet();
  await one(
    gql(
      'mutation($id: ID!, $spec: JSONObject) { recordProvisioned(resourceId: $id, spec: $spec) { provisioned { id } } }',
    ),
    {
      id: resourceId,
      spec: { name: `bulletin-${++count}` },
    },
  );
  await one(gql('mutation { detectDrift { opened } }'));
  return first((await one(gql('{ drifts { nodes { id } } }'))).nodes).id;
}
const saga = async () => {
  await droplet();
  return first((await one(gql('{ sagas(first: 1) { nodes { id } } }'))).nodes).id;
};

/** What stands for each placeholder, made as it is needed so that no example depends on another. */
const FILL: Readonly<Record<string, () => Promise<string>>> = {
  '<project id>': async () => first((await one(gql('{ projects(first: 1) { nodes { id } } }'))).nodes).id,
  '<resource id>': () => named('droplet', 'studio-demo'),
  '<droplet resource id>': droplet,
  '<deployment id>': () => deployment('studio'),
  '<deployment id without a plan>': () => deployment(),
  '<day after today>': async () => new Date(app.app.clock().getTime() + 7 * 86_400_000).toISOString().slice(0, 10),
  '<subscription id>': subscription,
  '<subscription addon id>': async () => {
    const id = await subscription();
    const row = await app.row<{ id: string }>('select id from subscription_addons where subscription_id = $1', [id]);
    return row.id;
  },
  '<plan version id>': async () =>
    present(present(await one(gql('{ plan(code: "pro") { activeVersion { id } } }'))).activeVersion).id,
  '<draft version id>': draftVersion,
  '<draft invoice id>': draft,
  '<issued invoice id>': issued,
  '<invoice id>': issued,
  '<invoice line id>': async () =>
    first(
      present(await one(gql('query($id: ID!) { invoice(id: $id) { lines { id } } }'), { id: await issued() })).lines,
    ).id,
  '<cloud invoice id>': async () => first((await one(gql('{ cloudInvoices(first: 1) { nodes { id } } }'))).nodes).id,
  '<saga id>': saga,
  '<drift id>': drift,
};
/** Of the examples whose ids the page leaves empty. */
const EMPTY_ID: Readonly<Record<string, () => Promise<string>>> = {
  'Put drift back': drift,
  'Simulate a price': draftVersion,
};

async function filled(value: unknown, title: string): Promise<unknown> {
  if (value === '') return EMPTY_ID[title] ? EMPTY_ID[title]() : value;
  if (typeof value === 'string' && value.startsWith('<')) {
    const fill = FILL[value];
    if (!fill) throw new Error(`${title}: nothing is known to stand for ${value}; add it to FILL`);
    return fill();
  }
  if (Array.isArray(value)) return Promise.all(value.map((each) => filled(each, title)));
  if (typeof value !== 'object' || value === null) return value;
  const entries = await Promise.all(Object.entries(value).map(async ([key, each]) => [key, await filled(each, title)]));
  return Object.fromEntries(entries);
}

beforeAll(async () => {
  app = await startBillingApp('2026-03-31T10:00:00Z', { worker: true });
  await app.sync(SYNC_SCOPES);
  await one(gql('mutation { discoverCloudInvoices { discovered } }'));
  await one(
    gql(
      'mutation { setFxRate(input: { base: USD, quote: AUD, effectiveFrom: "2014-12-01", rate: "1.5" }) { fxRate { rate } } }',
    ),
  );
  await one(gql('mutation { refreshBalance { balance { id } } }'));
  app.setTime('2026-05-02T04:00:00Z');
}, 120_000);
afterAll(() => app.close());

const executable = allExamples.filter(
  ({ query }) => !rootFieldsOf(query).some((field) => field.startsWith('subscription.')),
);

describe('run on the sandbox’s account, each example answers', () => {
  it.each(executable.map((example): [string, Example] => [example.title, example]))(
    '%s',
    async (title, { query, variables = {} }) => {
      const { body } = await app.raw(query, (await filled(variables, title)) as object);
      const codes = (body.errors ?? []).map((error) => [error.extensions['code'], error.message]);
      const expected = REJECTED[title];
      if (expected) expect(codes).toEqual([[expected, expect.any(String)]]);
      else expect(codes).toEqual([]);
      await ended();
    },
    60_000,
  );
});
