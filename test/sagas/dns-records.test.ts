import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DnsRecordInput } from '../support/graphql.generated.js';
import { gql } from '../support/typed-document.js';
import { type SagaApp, sagaIdOf, startSagaApp } from './saga-app.js';

let app: SagaApp;
beforeAll(async () => {
  app = await startSagaApp();
});
afterAll(() => app.close());
afterEach(() => app.sandbox('DELETE', 'faults'));

const UPSERT = gql(
  `mutation Upsert($input: DnsRecordInput!) { upsertDnsRecord(input: $input) { saga { id inputs } } }`,
);
const DELETE = gql(`mutation Delete($domain: String!, $type: String!, $name: String!) {
  deleteDnsRecord(domain: $domain, type: $type, name: $name) { saga { id } }
}`);
const ZONE = 'sky-ai.com';

async function upsert(input: Omit<DnsRecordInput, 'domain'>) {
  const saga = await app.ended(await sagaIdOf(app.data(UPSERT, { input: { domain: ZONE, ...input } })));
  expect(saga.status).toBe('COMPLETED');
  return saga;
}

async function recordsNamed(name: string) {
  const { records } = await app.sandbox('GET', `state/domains/${ZONE}`);
  return records.filter((record) => record.name === name);
}

/** How often the provider was asked to change something. */
async function changes(): Promise<number> {
  const { requests } = await app.sandbox('GET', 'requests');
  return requests.filter(({ method }) => method !== 'GET').length;
}

describe('upsertDnsRecord', () => {
  it('creates what is absent, and deems the same data with and without its final dot the same', async () => {
    const made = await upsert({ type: 'CNAME', name: 'docs', data: 'pages.example.com' });
    expect(made.context).toMatchObject({ recordChange: 'created' });
    expect(await recordsNamed('docs')).toMatchObject([{ type: 'CNAME', data: 'pages.example.com', ttl: 1800 }]);

    const before = await changes();
    for (const data of ['pages.example.com.', 'pages.example.com']) {
      const again = await upsert({ type: 'CNAME', name: 'docs', data });
      expect(again.context).toMatchObject({ recordChange: 'none', recordId: made.context.recordId });
    }
    expect(await changes()).toBe(before);
  });

  it('changes other data in place', async () => {
    await upsert({ type: 'A', name: 'app', data: '203.0.113.7', ttl: 60 });
    const [before] = await recordsNamed('app');
    const changed = await upsert({ type: 'a', name: 'App.sky-ai.com.', data: '203.0.113.8', ttl: 120 });
    expect(changed.context).toMatchObject({ recordChange: 'updated' });
    expect(await recordsNamed('app')).toEqual([{ ...before, data: '203.0.113.8', ttl: 120 }]);
  });

  it('deems an MX of another priority another record', async () => {
    await upsert({ type: 'MX', name: 'post', data: 'mx.example.com', priority: 10 });
    const changed = await upsert({ type: 'MX', name: 'post', data: 'mx.example.com.', priority: 20 });
    expect(changed.context).toMatchObject({ recordChange: 'updated' });
    expect(await recordsNamed('post')).toMatchObject([{ type: 'MX', data: 'mx.example.com', priority: 20 }]);
  });

  it('fails where several records bear that name, and leaves them alone', async () => {
    const { domain, records } = await app.sandbox('GET', `state/domains/${ZONE}`);
    const one = { ...records[0], id: 9_001, type: 'TXT', name: 'many', data: 'one' };
    await app.sandbox('PUT', `state/domains/${ZONE}`, {
      domain,
      records: [...records, one, { ...one, id: 9_002, data: 'two' }],
    });
    const id = await sagaIdOf(app.data(UPSERT, { input: { domain: ZONE, type: 'TXT', name: 'many', data: 'three' } }));
    const saga = await app.ended(id);
    expect(saga).toMatchObject({ status: 'ROLLED_BACK', error: expect.stringContaining('many has 2 TXT records') });
    expect((await recordsNamed('many')).map(({ data }) => data)).toEqual(['one', 'two']);
  });

  it('rolls back with what the provider says where the zone is not there', async () => {
    const input = { domain: 'nowhere.example', type: 'A', name: 'www', data: '203.0.113.7' };
    const saga = await app.ended(await sagaIdOf(app.data(UPSERT, { input })));
    expect(saga).toMatchObject({ status: 'ROLLED_BACK', error: expect.stringContaining('404') });
  });

  it.each([
    ['an unknown type', { type: 'SOA' }, 'input.type'],
    ['an address that is none', { type: 'A', data: '203.0.113.700' }, 'input.data'],
    ['an IPv4 address in an AAAA', { type: 'AAAA', data: '203.0.113.7' }, 'input.data'],
    ['a host name with a space', { type: 'CNAME', data: 'not a host' }, 'input.data'],
    ['a CNAME at the apex', { type: 'CNAME', name: '@', data: 'a.example.com' }, 'input.name'],
    ['a name that is none', { type: 'A', name: 'a..b', data: '203.0.113.7' }, 'input.name'],
    ['a domain that is none', { domain: 'sky ai', type: 'A', data: '203.0.113.7' }, 'input.domain'],
    ['a ttl below the least', { type: 'A', data: '203.0.113.7', ttl: 5 }, 'input.ttl'],
    ['an MX without its priority', { type: 'MX', data: 'mx.example.com' }, 'input.priority'],
    ['an SRV without its port', { type: 'SRV', data: 'sip.example.com', priority: 1, weight: 1 }, 'input.port'],
    ['an empty key', { type: 'A', data: '203.0.113.7', idempotencyKey: ' ' }, 'input.idempotencyKey'],
  ])('refuses %s and starts nothing', async (_, wrong, path) => {
    const before = await app.row('select count(*) from saga_runs');
    const { body } = await app.graphql(UPSERT, { input: { domain: ZONE, name: 'x', data: 'x', ...wrong } });
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path }] });
    expect(await app.sql('select count(*) from saga_runs')).toEqual([before]);
  });
});

describe('deleteDnsRecord', () => {
  it('deletes the record, and finds one that is gone deleted', async () => {
    await upsert({ type: 'TXT', name: 'note', data: 'hello' });
    const target = { domain: ZONE, type: 'TXT', name: 'note' };
    for (let times = 0; times < 2; times++) {
      expect(await app.ended(await sagaIdOf(app.data(DELETE, target)))).toMatchObject({ status: 'COMPLETED' });
      expect(await recordsNamed('note')).toEqual([]);
    }
  });
});

describe('two sagas for one record', () => {
  it('are refused while the first is at work', async () => {
    await app.sandbox('POST', 'faults', { method: 'GET', path: `/v2/domains/${ZONE}/records`, delayMs: 300, times: 1 });
    const input = { domain: ZONE, type: 'A', name: 'busy', data: '203.0.113.7' };
    const first = await sagaIdOf(app.data(UPSERT, { input }));
    const { body } = await app.graphql(UPSERT, { input: { ...input, data: '203.0.113.8' } });
    expect(body.errors?.[0]).toMatchObject({
      extensions: { code: 'CONFLICT' },
      message: expect.stringContaining(first),
    });
    expect(await app.ended(first)).toMatchObject({ status: 'COMPLETED' });
    expect(await recordsNamed('busy')).toMatchObject([{ data: '203.0.113.7' }]);
  });
});
