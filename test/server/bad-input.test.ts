import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import type { QuoteInput } from '../support/graphql.generated.js';
import { type AnyDocument, gql } from '../support/typed-document.js';

let app: BillingApp;
beforeAll(async () => {
  app = await startBillingApp('2026-05-20');
});
afterAll(() => app.close());

const UUID = '3e5e5d0c-0000-4000-8000-000000000000';
const forged = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
const extensionsOf = async (query: string | AnyDocument, variables: object) =>
  (await app.raw(query, variables)).body.errors?.map(({ extensions }) => extensions);

describe('a forged cursor is BAD_USER_INPUT', () => {
  it.each([
    ['30 February', forged('2026-02-30', UUID)],
    ['the year 0', forged('0000-01-01', UUID)],
    ['no month', forged('2026-13-01', UUID)],
    ['a zero character', forged('2026-04-01\0', UUID)],
    ['half a surrogate pair', forged('2026-04-01', '\ud800')],
    ['too few parts', forged('2026-04-01')],
    ['what is no JSON', 'x'],
  ])('that holds %s', async (_, after) => {
    for (const list of ['invoices', 'cloudInvoices', 'costLines']) {
      expect(await extensionsOf(`query($after: Cursor) { ${list}(after: $after) { totalCount } }`, { after })).toEqual([
        { code: 'BAD_USER_INPUT', fields: [{ path: 'after', message: 'is not a cursor of this list' }] },
      ]);
    }
  });

  it('that holds a huge number', async () => {
    for (const list of ['deployments', 'resources', 'sagas', 'drifts', 'syncRuns']) {
      const query = `query($after: Cursor) { ${list}(after: $after) { totalCount } }`;
      expect(await extensionsOf(query, { after: forged('9'.repeat(30), UUID) })).toMatchObject([
        { code: 'BAD_USER_INPUT', fields: [{ path: 'after' }] },
      ]);
    }
  });
});

describe('an empty id in a filter', () => {
  it.each([
    ['resources', 'ResourceFilter', 'projectId'],
    ['resources', 'ResourceFilter', 'deploymentId'],
    ['sagas', 'SagaFilter', 'deploymentId'],
  ])('of %s (%s.%s) is BAD_USER_INPUT', async (list, type, field) => {
    const query = `query($f: ${type}) { ${list}(filter: $f) { totalCount } }`;
    expect(await extensionsOf(query, { f: { [field]: '' } })).toEqual([
      { code: 'BAD_USER_INPUT', fields: [{ path: `filter.${field}`, message: 'is not an id' }] },
    ]);
  });
});

describe('a page size of null', () => {
  it('is the default', async () => {
    const query = gql('query($first: Int) { deployments(first: $first) { nodes { id } } }');
    for (let time = 1; time <= 4; time++) {
      expect(await app.data(query, { first: null })).toEqual({ deployments: { nodes: [] } });
    }
  });
});

describe('null for an argument that has a default and takes none', () => {
  it('is BAD_USER_INPUT, interpreted or compiled', async () => {
    const query = gql(
      'query($a: [String!]) { quote(input: { planCode: "studio", addons: $a }) { prorationFraction } }',
    );
    for (let time = 1; time <= 4; time++) {
      const [extensions] = (await extensionsOf(query, { a: null })) ?? [];
      expect(extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
    }
  });
});

describe('a quote', () => {
  const QUOTE = gql(
    `query($input: QuoteInput!) { quote(input: $input) { allInMonthly { amount } overage { total { amount } } unpriced { quantity } } }`,
  );
  const usage = (...quantities: string[]): { input: QuoteInput } => ({
    input: {
      planCode: 'studio',
      projectedUsage: quantities.map((quantity) => ({ kind: 'SPACES_GB_MONTH', quantity })),
    },
  });

  it('of minus zero is one of zero', async () => {
    expect(await app.data(QUOTE, usage('-0'))).toEqual(await app.data(QUOTE, usage('0')));
    expect(await app.data(QUOTE, usage('-0.000'))).toEqual(await app.data(QUOTE, usage('0')));
  });

  it('whose total cannot be counted exactly is BAD_USER_INPUT', async () => {
    const most = '999999999999';
    const answer = await extensionsOf(QUOTE, usage(...Array.from({ length: 100 }, () => most)));
    expect(answer === undefined || answer[0]?.['code'] === 'BAD_USER_INPUT').toBe(true);
    await app.sql(`insert into resource_prices (kind, unit, unit_price_cents, currency, effective_from)
      values ('volume_gb_month', 'gb_month', 999999999999, 'AUD', '2026-05-01')`);
    const huge = { planCode: 'studio', projectedUsage: [{ kind: 'VOLUME_GB_MONTH', quantity: most }] };
    expect(await extensionsOf(QUOTE, { input: huge })).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
  });
});
