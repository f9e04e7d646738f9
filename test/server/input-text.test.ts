import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MAX_INPUT_BYTES } from '../../src/services/audit/audited-inputs.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { subscribe } from '../support/graphql.js';
import { gql, present } from '../support/typed-document.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ worker: false });
});
afterAll(() => app.close());

const ZERO = 'holds a zero character';
const HALF = 'holds half of a surrogate pair';
const CREATE_PLAN = gql('mutation($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }');

describe('text that no column can keep is BAD_USER_INPUT where it stands', () => {
  it.each([
    ['a query', gql('query($code: String!) { plan(code: $code) { id } }'), { code: 'a\0' }, 'code', ZERO],
    ['an id', gql('query($id: ID!) { saga(id: $id) { id } }'), { id: '\udfff' }, 'id', HALF],
    [
      'a filter',
      gql('query($f: ResourceFilter) { resources(filter: $f) { totalCount } }'),
      { f: { tag: '\ud800x' } },
      'filter.tag',
      HALF,
    ],
    ['a mutation', CREATE_PLAN, { input: { code: 'a', name: 'A\0' } }, 'input.name', ZERO],
    [
      'an item of a list',
      gql('query($a: [String!]!) { quote(input: { planCode: "studio", addons: $a }) { prorationFraction } }'),
      { a: ['fine', '\ud83d'] },
      'input.addons.1',
      HALF,
    ],
  ])('in %s, interpreted or compiled', async (_, query, variables, path, message) => {
    for (let time = 1; time <= 4; time++) {
      const { body } = await app.raw(query, variables);
      expect(body.errors?.map((error) => error.extensions)).toEqual([
        { code: 'BAD_USER_INPUT', fields: [{ path, message }] },
      ]);
    }
  });

  it('in the arguments of a stream', async () => {
    const stream = subscribe(
      app.url,
      app.operator,
      gql('subscription($id: ID!) { sagaProgress(sagaId: $id) { cursor } }'),
      {
        id: '\ud800',
      },
    );
    await expect(stream.next()).rejects.toMatchObject({
      errors: [{ extensions: { code: 'BAD_USER_INPUT', fields: [{ path: 'sagaId', message: HALF }] } }],
    });
    await stream.close();
  });

  it('while whole pairs are good text', async () => {
    const { createPlan } = await app.data(CREATE_PLAN, { input: { code: 'pairs', name: 'Blue 😀' } });
    expect(createPlan.plan.id).toBeDefined();
  });
});

describe('text and lists that are too long', () => {
  it.each([
    [
      'a code',
      CREATE_PLAN,
      { input: { code: 'x'.repeat(64), name: 'A' } },
      'input.code',
      'takes at most 63 characters',
    ],
    [
      'an id',
      gql('query($id: ID!) { saga(id: $id) { id } }'),
      { id: 'x'.repeat(101) },
      'id',
      'takes at most 100 characters',
    ],
    [
      'a list',
      gql('query($f: ResourceFilter) { resources(filter: $f) { totalCount } }'),
      { f: { kinds: Array.from({ length: 1_001 }, () => 'DROPLET') } },
      'filter.kinds',
      'takes at most 1000 items',
    ],
  ])('are BAD_USER_INPUT: %s', async (_, query, variables, path, message) => {
    const { body } = await app.raw(query, variables);
    expect(body.errors?.map((error) => error.extensions)).toEqual([
      { code: 'BAD_USER_INPUT', fields: [{ path, message }] },
    ]);
  });

  it('the schema states how long each text may be', async () => {
    const __type = present(
      (await app.data(gql('{ __type(name: "CreatePlanInput") { inputFields { name description } } }'))).__type,
    );
    const code = present(present(__type.inputFields).find(({ name }) => name === 'code'));
    expect(code.description).toBe('At most 63 characters.');
  });
});

describe('the audit', () => {
  const entries = (mutation: string) =>
    app.sql('select inputs, outcome from audit_entries where mutation = $1 order by id', [mutation]);

  it('keeps what was rejected, with a sign in place of what no column can keep', async () => {
    await app.sql('truncate audit_entries');
    await app.graphql(CREATE_PLAN, { input: { code: 'a', name: 'A\0\ud800' } });
    expect(await entries('createPlan')).toEqual([
      { inputs: { input: { code: 'a', name: 'A\ufffd\ufffd' } }, outcome: 'BAD_USER_INPUT' },
    ]);
  });

  const RECORD = gql(
    'mutation($events: [LlmUsageInput!]!) { recordLlmUsage(events: $events) { results { outcome } } }',
  );
  const event = {
    deploymentId: '3e5e5d0c-0000-4000-8000-000000000000',
    gatewayRequestId: 'x'.repeat(2_000),
    model: 'y'.repeat(2_000),
    charge: '1',
    inputTokens: 1,
    outputTokens: 1,
    occurredAt: '2026-05-01T00:00:00Z',
  };

  it('keeps little of a rejected call, however much it brought, and counts those past the first', async () => {
    const events = Array.from({ length: 100 }, () => event);
    for (let call = 1; call <= 25; call++) {
      const { body } = await app.graphql(RECORD, { events }, app.tenant('acme'));
      expect(body.errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
    }
    const kept = await app.row(
      `select count(*)::int as rows, max(length(inputs::text)) as longest from audit_entries where mutation = 'recordLlmUsage'`,
    );
    expect(kept).toEqual({ rows: 20, longest: expect.any(Number) });
    expect(kept.longest).toBeLessThan(1_200);
    const counted = await app.sql(
      `select subject, tenant_id, mutation, outcome, sum(count)::int as count from audit_rejections
       where mutation = 'recordLlmUsage' group by 1, 2, 3, 4`,
    );
    expect(counted).toEqual([
      { subject: 'somebody@acme', tenant_id: 'acme', mutation: 'recordLlmUsage', outcome: 'FORBIDDEN', count: 25 },
    ]);
  });

  it('bounds what a call keeps that was accepted', async () => {
    await app.sql('truncate audit_entries');
    const events = Array.from({ length: 100 }, () => event);
    const { recordLlmUsage } = await app.data(RECORD, { events });
    expect(recordLlmUsage.results).toEqual(Array.from({ length: 100 }, () => ({ outcome: 'REJECTED' })));
    const { inputs, outcome } = present((await entries('recordLlmUsage'))[0]);
    expect(outcome).toBe('OK');
    expect(Buffer.byteLength(JSON.stringify(inputs))).toBeLessThanOrEqual(MAX_INPUT_BYTES);
    expect(inputs).toEqual({ events: '(100 items)' });
  });
});
