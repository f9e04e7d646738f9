import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { SagaFilter } from '../support/graphql.generated.js';
import { subscribe } from '../support/graphql.js';
import { gql, present } from '../support/typed-document.js';
import { type SagaApp, sagaIdOf, startSagaApp, type WatchedEvent } from './saga-app.js';

let app: SagaApp;
let acme: string;
let globex: string;
beforeAll(async () => {
  app = await startSagaApp();
  acme = app.tenant('acme');
  globex = app.tenant('globex');
});
afterAll(() => app.close());
afterEach(() => app.sandbox('DELETE', 'faults'));

const CREATE = gql(`mutation Create($input: CreateDeploymentInput!) {
  createDeployment(input: $input) { deployment { id } saga { id } }
}`);
const PLACE = { sizeSlug: 's-1vcpu-1gb', image: 'ubuntu-24-04-x64', region: 'syd1' };
const UPSERT = gql(`mutation U($input: DnsRecordInput!) { upsertDnsRecord(input: $input) { saga { id } } }`);
const CANCEL = gql(`mutation Cancel($id: ID!) { cancelSaga(id: $id) { saga { status cancelRequested } } }`);
const RETRY = gql(`mutation Retry($id: ID!) { retrySaga(id: $id) { saga { status } } }`);
const EVENTS = gql(
  `subscription Events($after: Cursor) { sagaEvents(after: $after) { cursor sagaId sequence type saga { id kind } } }`,
);

const provision = (tenantId: string, slug: string) =>
  app.data(CREATE, { input: { tenantId, slug, displayName: slug, provision: PLACE } });
const aRecord = (name: string) =>
  sagaIdOf(app.data(UPSERT, { input: { domain: 'sky-ai.com', type: 'A', name, data: '203.0.113.7' } }));

describe('who sees a saga', () => {
  it('operators all, a tenant those of its own deployments; any other reads as none', async () => {
    const mine = present((await provision('acme', 'mine')).createDeployment.saga).id;
    const theirs = present((await provision('globex', 'theirs')).createDeployment.saga).id;
    const nobodys = await aRecord('nobody');
    for (const id of [mine, theirs, nobodys]) await app.watch(id);

    const list = async (token: string) =>
      (await app.data(gql('{ sagas { totalCount nodes { id tenantId } } }'), {}, token)).sagas;
    expect((await list(app.operator)).nodes.map(({ id }) => id)).toEqual([nobodys, theirs, mine]);
    expect(await list(acme)).toEqual({ totalCount: 1, nodes: [{ id: mine, tenantId: 'acme' }] });

    const find = async (id: string, token: string) =>
      (await app.data(gql('query S($id: ID!) { saga(id: $id) { id } }'), { id }, token)).saga;
    expect(await find(mine, acme)).toEqual({ id: mine });
    for (const id of [theirs, nobodys, 'nonsense']) expect(await find(id, acme)).toBeNull();
  });

  it('a stream of one that is not theirs is NOT_FOUND', async () => {
    const saga = present((await provision('acme', 'watched')).createDeployment.saga);
    for (const [id, token] of [
      [saga.id, globex],
      ['3e5e5d0c-0000-4000-8000-000000000000', app.operator],
    ] as const) {
      const stream = app.progress(id, undefined, token);
      await expect(stream.next()).rejects.toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] });
      await stream.close();
    }
    const own = app.progress(saga.id, undefined, acme);
    expect((await own.until(({ type }) => type === 'COMPLETED')).at(-1)?.status).toBe('COMPLETED');
    await own.close();
  });

  it('the stream of all shows each subscriber its own', async () => {
    const [all, ours] = [app.operator, acme].map((token) => subscribe(app.url, token, EVENTS));
    const firsts = [present(all).next(), present(ours).next()];
    // Live only: each must be following before anything happens; an event that both see tells that they are.
    const ids: string[] = [];
    let seen = 0;
    void Promise.all(firsts).then(() => {
      seen = 2;
    });
    while (seen < 2) {
      const saga = present((await provision('acme', `probe-${ids.length}`)).createDeployment.saga);
      ids.push(saga.id);
      await app.watch(saga.id);
    }
    const theirs = present((await provision('globex', 'hidden')).createDeployment.saga).id;
    await app.watch(theirs);
    const last = present((await provision('acme', 'last')).createDeployment.saga).id;
    const isEnd = (event: any) => event.sagaId === last && event.type === 'COMPLETED';
    const [allSeen, oursSeen] = [await present(all).until(isEnd), await present(ours).until(isEnd)];
    expect(allSeen.some(({ sagaId }) => sagaId === theirs)).toBe(true);
    expect(oursSeen.some(({ sagaId }) => sagaId === theirs)).toBe(false);
    expect(present(oursSeen.at(-1)).saga).toEqual({ id: last, kind: 'PROVISION_DEPLOYMENT' });
    await present(all).close();
    await present(ours).close();
  });

  it.each([
    [
      'provisionDroplet',
      gql(
        `mutation { provisionDroplet(input: { name: "a", sizeSlug: "a", image: "a", region: "a" }) { saga { id } } }`,
      ),
    ],
    ['destroyDroplet', gql(`mutation { destroyDroplet(resourceId: "x") { saga { id } } }`)],
    ['snapshotDroplet', gql(`mutation { snapshotDroplet(resourceId: "x") { saga { id } } }`)],
    [
      'upsertDnsRecord',
      gql(
        `mutation { upsertDnsRecord(input: { domain: "sky-ai.com", type: "A", name: "x", data: "192.0.2.1" }) { saga { id } } }`,
      ),
    ],
    [
      'deleteDnsRecord',
      gql(`mutation { deleteDnsRecord(domain: "sky-ai.com", type: "A", name: "x") { saga { id } } }`),
    ],
    ['decommissionDeployment', gql(`mutation { decommissionDeployment(id: "x") { saga { id } } }`)],
    ['cancelSaga', gql(`mutation { cancelSaga(id: "x") { saga { id } } }`)],
    ['retrySaga', gql(`mutation { retrySaga(id: "x") { saga { id } } }`)],
  ])('%s is for operators alone', async (_, mutation) => {
    const before = await app.row('select count(*) from saga_runs');
    const { body } = await app.raw(mutation, {}, acme);
    expect(body.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect(await app.sql('select count(*) from saga_runs')).toEqual([before]);
  });
});

describe('sagas', () => {
  it('are listed newest first, page by page, by kind and status', async () => {
    const ids: string[] = [];
    for (const name of ['p1', 'p2', 'p3']) ids.unshift(await aRecord(name));
    for (const id of ids) await app.watch(id);
    const LIST = gql(`query L($after: Cursor, $filter: SagaFilter) {
      sagas(first: 2, after: $after, filter: $filter) { totalCount nodes { id } pageInfo { hasNextPage endCursor } }
    }`);
    const filter: SagaFilter = { kinds: ['UPSERT_DNS_RECORD'], statuses: ['COMPLETED'] };
    const first = (await app.data(LIST, { filter })).sagas;
    expect(first.nodes.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const second = (await app.data(LIST, { filter, after: first.pageInfo.endCursor })).sagas;
    expect(present(second.nodes[0]).id).toBe(ids[2]);
    const none = (await app.data(LIST, { filter: { statuses: ['FAILED'] } })).sagas;
    expect(none).toMatchObject({ totalCount: 0, nodes: [] });
    const { body } = await app.graphql(LIST, { filter: { deploymentId: 'nonsense' } });
    expect(body.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });
});

describe('sagaProgress', () => {
  it('gives the whole history, or what came since a cursor, and ends by itself', async () => {
    const saga = present((await provision('acme', 'history')).createDeployment.saga);
    const whole = await app.watch(saga.id);
    expect(whole.map(({ sequence }) => sequence)).toEqual(whole.map((_, index) => index + 1));
    for (const [index, { cursor }] of whole.entries()) {
      expect(await app.watch(saga.id, cursor)).toEqual(whole.slice(index + 1));
    }
  });

  it('refuses a cursor that is none', async () => {
    const id = await aRecord('cursor');
    const stream = app.progress(id, 'bm9uc2Vuc2U');
    await expect(stream.next()).rejects.toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    await stream.close();
    await app.watch(id);
  });
});

describe('cancelSaga', () => {
  it('turns the saga round at the next boundary, once', async () => {
    await app.sandbox('POST', 'faults', { method: 'POST', path: '/v2/droplets', delayMs: 300 });
    const { deployment, saga } = (await provision('acme', 'cancelled')).createDeployment;
    const progress = app.progress(present(saga).id);
    await progress.until(({ stepName }) => stepName === 'CreateDroplet');
    for (let times = 0; times < 2; times++) {
      expect((await app.data(CANCEL, { id: present(saga).id })).cancelSaga.saga.cancelRequested).toBe(true);
    }
    const rest = await progress.until(({ type }) => type === 'ROLLED_BACK');
    await progress.close();
    expect(rest.filter(({ type }: WatchedEvent) => type === 'CANCEL_REQUESTED')).toHaveLength(1);
    expect(await app.ended(present(saga).id)).toMatchObject({
      status: 'ROLLED_BACK',
      deployment: { id: deployment.id, state: 'CANCELLED' },
    });
    expect(await app.sql(`select from cloud_resources where name = 'cancelled'`)).toEqual([]);
  });

  it('is a CONFLICT for a saga that has ended, as is a retry of one that has not failed', async () => {
    const id = await aRecord('ended');
    const before = await app.watch(id);
    for (const mutation of [CANCEL, RETRY]) {
      expect((await app.raw(mutation, { id })).body.errors?.[0]?.extensions.code).toBe('CONFLICT');
      const none = await app.raw(mutation, { id: '3e5e5d0c-0000-4000-8000-000000000000' });
      expect(none.body.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    }
    expect(await app.watch(id)).toEqual(before);
  });
});

describe('a compensation that the provider refuses', () => {
  it('leaves the saga FAILED with what is left by name, and retrySaga finishes it', async () => {
    await app.sandbox('POST', 'faults', { method: 'POST', path: '/v2/domains/sky-ai.com/records', status: 422 });
    await app.sandbox('POST', 'faults', { method: 'DELETE', path: '/v2/droplets/*', status: 403, times: 100 });
    const provisioning = { ...PLACE, dns: { domain: 'sky-ai.com', name: 'left' } };
    const { createDeployment } = await app.data(CREATE, {
      input: { tenantId: 'acme', slug: 'left', displayName: 'left', provision: provisioning },
    });
    const { deployment, saga } = createDeployment;
    const failed = await app.ended(present(saga).id);
    expect(failed.status).toBe('FAILED');
    expect(failed.error).toMatch(new RegExp(`Left behind: CreateDroplet .*"dropletId":"${failed.context.dropletId}"`));
    expect(failed.deployment?.state).toBe('CANCELLED'); // the other compensations ran
    const isLeft = async () => failed.context.dropletId in (await app.sandbox('GET', 'state/droplets'));
    expect(await isLeft()).toBe(true);

    await app.sandbox('DELETE', 'faults');
    expect((await app.data(RETRY, { id: present(saga).id })).retrySaga.saga.status).not.toBe('FAILED');
    expect(await app.ended(present(saga).id)).toMatchObject({
      status: 'ROLLED_BACK',
      deployment: { id: deployment.id },
    });
    expect(await isLeft()).toBe(false);
  });
});
