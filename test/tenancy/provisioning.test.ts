import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { seedCatalog } from '../../src/services/catalog/seed-catalog.js';
import { type SagaApp, startSagaApp } from '../sagas/saga-app.js';
import { gql, present } from '../support/typed-document.js';

let app: SagaApp;
beforeAll(async () => {
  app = await startSagaApp({}, ['projects', 'droplets', 'domains', 'snapshots', 'backups']);
  await seedCatalog(app.app);
  await definePlan('narrow', { allowedSizes: ['s-1vcpu-1gb', 's-1vcpu-2gb'], maxDeployments: 3 });
});
afterAll(() => app.close());

const CREATE = gql(`mutation Create($input: CreateDeploymentInput!) {
  createDeployment(input: $input) { deployment { id state subscription { status planVersion { plan { code } } } } saga { id } }
}`);
const SUBSCRIBE = gql(`mutation S($id: ID!, $planCode: String!) {
  subscribeDeployment(id: $id, planCode: $planCode) { subscription { id } }
}`);
const CANCEL_SUBSCRIPTION = gql('mutation C($id: ID!) { cancelSubscription(id: $id) { subscription { id } } }');
const MOVE = gql(
  'mutation Move($id: ID!, $to: DeploymentState!) { transitionDeployment(id: $id, to: $to) { deployment { id } } }',
);
const PLACE = { sizeSlug: 's-1vcpu-1gb', image: 'ubuntu-24-04-x64', region: 'syd1' };
const PARISH = '6f2c9a10-7d35-4a58-9e0b-3c1d5e7f9a01';
const SKY_AI = '4e1bfbc3-dc3e-41f2-a18f-1b4d7ba71677';
/** Snapshots of the golden account: of a droplet of the parish, of git.sky-ai.com and of studio-demo. */
const OF_PARISH = '143000002';
const OF_GIT = '143000003';
const OF_STUDIO = '143000006';
/** Of git.sky-ai.com. */
const GIT_BACKUP = '181000003';

let serial = 0;
let tenant: string;
let token: string;
beforeEach(() => {
  tenant = `tenant-${++serial}`;
  token = app.tenant(tenant, []);
});

async function definePlan(code: string, allowance: { allowedSizes: string[]; maxDeployments: number }) {
  await app.data(gql('mutation($code: String!) { createPlan(input: { code: $code, name: $code }) { plan { id } } }'), {
    code,
  });
  const { createPlanVersion } = await app.data(
    gql(
      'mutation($input: CreatePlanVersionInput!) { createPlanVersion(input: $input) { planVersion { id allowedSizes maxDeployments } } }',
    ),
    { input: { planCode: code, basePriceCents: 1000, items: [], ...allowance } },
  );
  expect(createPlanVersion.planVersion).toMatchObject(allowance);
  await app.data(gql('mutation($id: ID!) { publishPlanVersion(id: $id) { planVersion { id } } }'), {
    id: createPlanVersion.planVersion.id,
  });
}

const inputOf = (slug: string, input: object, provision: object = {}) => ({
  slug,
  displayName: slug,
  ...input,
  provision: { ...PLACE, ...provision },
});
const provision = (slug: string, input: object = {}, place: object = {}, as = token) =>
  app.graphql(CREATE, { input: inputOf(slug, input, place) }, as);
const extensionsOf = async (answer: ReturnType<typeof provision>) => (await answer).body.errors?.[0]?.extensions;
const everything = () =>
  app.sql(`select (select count(*) from deployments) as deployments, (select count(*) from subscriptions) as subscriptions,
    (select count(*) from saga_runs) as sagas, (select count(*) from deployment_events) as events`);

async function giveProject(providerId: string, tenantId: string | null) {
  const { id } = await app.row<{ id: string }>('select id from cloud_projects where provider_id = $1', [providerId]);
  await app.data(gql('mutation($id: ID!, $t: String) { classifyProject(id: $id, tenantId: $t) { project { id } } }'), {
    id,
    t: tenantId,
  });
}

describe('a tenant provisions on a plan', () => {
  it('that it names, and is subscribed to it at once', async () => {
    const { createDeployment } = await app.data(CREATE, { input: inputOf('first', { planCode: 'narrow' }) }, token);
    expect(createDeployment.deployment).toMatchObject({
      state: 'PROVISIONING',
      subscription: { status: 'ACTIVE', planVersion: { plan: { code: 'narrow' } } },
    });
    expect(await app.ended(present(createDeployment.saga).id)).toMatchObject({ status: 'COMPLETED', error: null });
  });

  it('else on the one that its subscriptions are on', async () => {
    const { createDeployment } = await app.data(
      CREATE,
      { input: { slug: 'bare', displayName: 'bare', planCode: 'narrow' } },
      token,
    );
    expect(createDeployment).toMatchObject({ deployment: { state: 'ACTIVE' }, saga: null });
    const { body } = await provision('second');
    expect(present(body.data?.createDeployment.deployment.subscription).planVersion.plan.code).toBe('narrow');
    await app.ended(present(body.data?.createDeployment.saga).id);
  });

  it('is billed for no day of a deployment that never became active', async () => {
    await app.sandbox('POST', 'faults', { method: 'POST', path: '/v2/droplets', status: 422 });
    const { createDeployment } = await app.data(CREATE, { input: inputOf('unlucky', { planCode: 'narrow' }) }, token);
    expect(await app.ended(present(createDeployment.saga).id)).toMatchObject({ status: 'ROLLED_BACK' });
    const segments = await app.sql(
      `select subscription.status, segment.until_day - segment.from_day as days from subscriptions subscription
       join subscription_segments segment on segment.subscription_id = subscription.id where deployment_id = $1`,
      [createDeployment.deployment.id],
    );
    expect(segments).toEqual([{ status: 'cancelled', days: 0 }]);
  });
});

describe('rejected, and nothing changes:', () => {
  it.each([
    ['no plan', {}, {}, 'BAD_USER_INPUT', 'input.planCode'],
    ['an unknown plan', { planCode: 'nope' }, {}, 'BAD_USER_INPUT', 'input.planCode'],
    [
      'a size that the plan lacks',
      { planCode: 'narrow' },
      { sizeSlug: 's-4vcpu-8gb' },
      'BAD_USER_INPUT',
      'input.provision.sizeSlug',
    ],
    ['a snapshot of somebody', { planCode: 'narrow' }, { image: OF_PARISH }, 'BAD_USER_INPUT', 'input.provision.image'],
    ['a backup of somebody', { planCode: 'narrow' }, { image: GIT_BACKUP }, 'BAD_USER_INPUT', 'input.provision.image'],
    [
      'an image that there is none of',
      { planCode: 'narrow' },
      { image: '999' },
      'BAD_USER_INPUT',
      'input.provision.image',
    ],
    [
      'an id with a leading zero',
      { planCode: 'narrow' },
      { image: `0${OF_PARISH}` },
      'BAD_USER_INPUT',
      'input.provision.image',
    ],
    [
      'an id as a fraction',
      { planCode: 'narrow' },
      { image: `${OF_PARISH}.0` },
      'BAD_USER_INPUT',
      'input.provision.image',
    ],
    [
      'a UUID',
      { planCode: 'narrow' },
      { image: 'fbe805e8-866b-11e6-96bf-000f53315a41' },
      'BAD_USER_INPUT',
      'input.provision.image',
    ],
    [
      'a foreign domain',
      { planCode: 'narrow' },
      { dns: { domain: 'sky-ai.com', name: 'x' } },
      'BAD_USER_INPUT',
      'input.provision.dns.domain',
    ],
    ['another tenant', { planCode: 'narrow', tenantId: 'acme' }, {}, 'FORBIDDEN', undefined],
  ])('%s', async (_, input, place, code, path) => {
    await giveProject(PARISH, 'the-parish');
    const before = await everything();
    const extensions = await extensionsOf(provision('refused', input, place));
    expect(extensions).toMatchObject({ code, ...(path ? { fields: [{ path }] } : {}) });
    expect(await everything()).toEqual(before);
  });
});

describe('images of snapshots and backups', () => {
  it('boot for the tenant whose droplet they were taken of', async () => {
    await giveProject(PARISH, tenant);
    await giveProject(SKY_AI, tenant);
    for (const [slug, image] of [
      ['from-snapshot', OF_PARISH],
      ['from-backup', GIT_BACKUP],
    ] as const) {
      const { body } = await provision(slug, { planCode: 'narrow' }, { image });
      expect(body.errors).toBeUndefined();
      await app.ended(present(body.data?.createDeployment.saga).id);
    }
    expect(await extensionsOf(provision('still', { planCode: 'narrow' }, { image: OF_STUDIO }))).toMatchObject({
      fields: [{ path: 'input.provision.image' }],
    });
    await giveProject(SKY_AI, null);
  });

  it('do not follow a droplet that was moved to another tenant after they were taken', async () => {
    const { createDeployment } = await app.data(CREATE, {
      input: { slug: 'holder', displayName: 'holder', tenantId: 'former' },
    });
    const mine = await app.data(CREATE, { input: { slug: 'mine', displayName: 'mine', tenantId: tenant } });
    const { id } = await app.row<{ id: string }>(
      `select id from cloud_resources where kind = 'droplet' and provider_id = '198765202'`,
    );
    const assign = gql('mutation($id: ID!, $d: ID) { assignResource(id: $id, deploymentId: $d) { resource { id } } }');
    await app.data(assign, { id, d: createDeployment.deployment.id });
    await app.data(assign, { id, d: mine.createDeployment.deployment.id });
    const before = await everything();
    expect(await extensionsOf(provision('moved', { planCode: 'narrow' }, { image: OF_GIT }))).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'input.provision.image' }],
    });
    expect(await everything()).toEqual(before);
    await app.data(assign, { id, d: null });
  });

  it('are an operator’s to use for their owner, not for another tenant', async () => {
    await giveProject(PARISH, 'the-parish');
    const other = provision('for-other', { tenantId: 'acme' }, { image: OF_PARISH }, app.operator);
    expect(await extensionsOf(other)).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'input.provision.image' }],
    });
    const { body } = await provision('for-owner', { tenantId: 'the-parish' }, { image: OF_PARISH }, app.operator);
    expect(body.errors).toBeUndefined();
    const domain = provision(
      'their-name',
      { tenantId: 'acme' },
      { dns: { domain: 'holyspiritbraypark.com', name: 'x' } },
      app.operator,
    );
    expect(await extensionsOf(domain)).toMatchObject({ fields: [{ path: 'input.provision.dns.domain' }] });
    const deployment = (await app.data(CREATE, { input: { slug: 'acme-one', displayName: 'one', tenantId: 'acme' } }))
      .createDeployment.deployment.id;
    const droplet = await app.graphql(
      gql('mutation($input: ProvisionDropletInput!) { provisionDroplet(input: $input) { saga { id } } }'),
      { input: { name: 'web', ...PLACE, image: OF_PARISH, deploymentId: deployment } },
    );
    expect(droplet.body.errors?.[0]?.extensions).toMatchObject({ fields: [{ path: 'input.image' }] });
    await app.ended(present(body.data?.createDeployment.saga).id);
  });
});

describe('how many deployments a plan allows', () => {
  const tries = (prefix: string, count: number) =>
    Promise.all(Array.from({ length: count }, (_, i) => provision(`${prefix}-${i}`, { planCode: 'narrow' })));

  it('holds for ten at once', async () => {
    const answers = await tries('race', 10);
    const made = answers.filter(({ body }) => !body.errors);
    const codes = answers.flatMap(({ body }) => body.errors?.map(({ extensions }) => extensions) ?? []);
    expect(made).toHaveLength(3);
    expect(codes).toEqual(
      Array.from({ length: 7 }, () => ({
        code: 'CONFLICT',
        fields: [{ path: 'input.planCode', message: 'plan "narrow" allows 3 deployments, and 3 are in use' }],
      })),
    );
    expect(await app.sql('select count(*)::int from deployments where tenant_id = $1', [tenant])).toEqual([
      { count: 3 },
    ]);
    for (const { body } of made) await app.ended(present(body.data?.createDeployment.saga).id);
  });

  it('is not freed by a cancelled subscription or deployment while its droplet runs', async () => {
    const made = (await tries('kept', 3)).map(({ body }) => present(body.data).createDeployment);
    for (const { saga } of made) await app.ended(present(saga).id);
    const { id } = await app.row<{ id: string }>(`select id from subscriptions where deployment_id = $1`, [
      present(made[0]).deployment.id,
    ]);
    await app.data(CANCEL_SUBSCRIPTION, { id }, token);
    await app.data(MOVE, { id: present(made[1]).deployment.id, to: 'CANCELLED' }, token);
    expect(await extensionsOf(provision('fourth', { planCode: 'narrow' }))).toMatchObject({ code: 'CONFLICT' });
    const again = await app.graphql(SUBSCRIBE, { id: present(made[0]).deployment.id, planCode: 'narrow' }, token);
    expect(again.body.errors).toBeUndefined();
    const gone = gql('mutation($id: ID!) { decommissionDeployment(id: $id) { saga { id } } }');
    const { decommissionDeployment } = await app.data(gone, { id: present(made[1]).deployment.id });
    await app.ended(decommissionDeployment.saga.id);
    expect(await extensionsOf(provision('fourth', { planCode: 'narrow' }))).toBeUndefined();
  });

  it('holds for subscriptions of deployments that exist already, and so do the sizes', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 4; i++) {
      const input = { slug: `bare-${i}`, displayName: 'bare' };
      ids.push((await app.data(CREATE, { input }, token)).createDeployment.deployment.id);
    }
    const answers = await Promise.all(ids.map((id) => app.graphql(SUBSCRIBE, { id, planCode: 'narrow' }, token)));
    const rejected = answers.flatMap(({ body }) => body.errors ?? []);
    expect(rejected.map(({ extensions }) => extensions)).toMatchObject([
      { code: 'CONFLICT', fields: [{ path: 'planCode' }] },
    ]);
    const { body } = await provision('big', { planCode: 'pro' }, { sizeSlug: 's-4vcpu-8gb' });
    const { deployment, saga } = present(body.data).createDeployment;
    await app.ended(present(saga).id);
    const { id } = await app.row<{ id: string }>('select id from subscriptions where deployment_id = $1', [
      deployment.id,
    ]);
    await app.data(CANCEL_SUBSCRIPTION, { id }, token);
    const smaller = await app.graphql(SUBSCRIBE, { id: deployment.id, planCode: 'starter' }, token);
    expect(smaller.body.errors?.[0]?.extensions).toMatchObject({ code: 'CONFLICT', fields: [{ path: 'planCode' }] });
  });

  it('does not limit operators', async () => {
    const answers = [];
    for (let i = 0; i < 4; i++) {
      const input = { tenantId: tenant, planCode: 'narrow' };
      answers.push(await provision(`ops-${i}`, input, { sizeSlug: 's-2vcpu-4gb' }, app.operator));
    }
    expect(answers.flatMap(({ body }) => body.errors ?? [])).toEqual([]);
    for (const { body } of answers) await app.ended(present(body.data?.createDeployment.saga).id);
  });
});

describe('what a plan allows', () => {
  it('is shown, and a bad allowance is rejected at its path', async () => {
    const plan = present(
      (await app.data(gql('{ plan(code: "starter") { activeVersion { allowedSizes maxDeployments } } }'), {}, token))
        .plan,
    );
    expect(plan.activeVersion).toEqual({ allowedSizes: ['s-1vcpu-512mb-10gb', 's-1vcpu-1gb'], maxDeployments: 5 });
    const { body } = await app.graphql(
      gql('mutation($input: CreatePlanVersionInput!) { createPlanVersion(input: $input) { planVersion { id } } }'),
      {
        input: { planCode: 'narrow', basePriceCents: 1, items: [], allowedSizes: ['ok', 'not ok'], maxDeployments: 0 },
      },
    );
    expect(body.errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'input.allowedSizes.1' }, { path: 'input.maxDeployments' }],
    });
  });

  it('cannot change once published', async () => {
    const change = app.sql(`update plan_versions set allowed_sizes = '{}' where status = 'active'`);
    await expect(change).rejects.toThrow('is published and cannot change');
  });
});

describe('a plan without a published version', () => {
  it('is for operators alone', async () => {
    await app.data(gql('mutation { createPlan(input: { code: "secret", name: "Secret" }) { plan { id } } }'));
    const codes = async (as: string) => await app.data(gql('{ plans { code } plan(code: "secret") { code } }'), {}, as);
    expect((await codes(token)).plans.map(({ code }) => code)).not.toContain('secret');
    expect((await codes(token)).plan).toBeNull();
    expect((await codes(app.operator)).plan).toEqual({ code: 'secret' });
    const quote = gql('query($code: String!) { quote(input: { planCode: $code }) { prorationFraction } }');
    const message = async (code: string) =>
      (await app.graphql(quote, { code }, token)).body.errors?.[0]?.message.replace(code, '');
    expect(await message('secret')).toBe(await message('unknown'));
  });
});
