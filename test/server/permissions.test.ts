import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  buildSchema,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { OPERATOR } from '../../src/core/access/roles.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { subscribeRaw } from '../support/graphql.js';
import { gql, present } from '../support/typed-document.js';

const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
const ABSENT = '3e5e5d0c-0000-4000-8000-000000000000';

/** Fields with `@operator` in schema.graphql: a new one is in this test without a change here. */
const isOperatorOnly = ({ astNode }: Pick<GraphQLField<unknown, unknown>, 'astNode'>) =>
  astNode?.directives?.some(({ name }) => name.value === 'operator') ?? false;

const fieldsOf = (type: GraphQLObjectType | null | undefined) => Object.values(type?.getFields() ?? {});

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ worker: false });
});
afterAll(() => app.close());

/** A literal of that type: plausible, and of nothing that exists. */
function literal(type: GraphQLInputType): string {
  if (isNonNullType(type)) return literal(type.ofType);
  if (isListType(type)) return `[${literal(type.ofType)}]`;
  if (isEnumType(type)) return type.getValues()[0]?.name as string;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(
      (field) => isNonNullType(field.type) && !('defaultValue' in field && field.defaultValue !== undefined),
    );
    return `{ ${fields.map((field) => `${field.name}: ${literal(field.type)}`).join(', ')} }`;
  }
  const values: Record<string, string> = {
    ID: `"${ABSENT}"`,
    String: '"x"',
    Int: '1',
    SafeInt: '1',
    Decimal: '"1"',
    Date: '"2026-04-01"',
    DateTime: '"2026-04-01T00:00:00Z"',
    Boolean: 'true',
    Cursor: '"x"',
  };
  return values[type.name] ?? '{}';
}

/** The field with the arguments that it must have, and the least that can be asked of it. */
function operation(kind: string, field: GraphQLField<unknown, unknown>): string {
  const needed = field.args.filter((arg) => isNonNullType(arg.type) && arg.defaultValue === undefined);
  const args = needed.map((arg) => `${arg.name}: ${literal(arg.type)}`).join(', ');
  const selection = isLeafType(getNamedType(field.type)) ? '' : ' { __typename }';
  return `${kind} { ${field.name}${args ? `(${args})` : ''}${selection} }`;
}

const requests = [
  ...fieldsOf(schema.getQueryType()).map((field) => ({ name: field.name, field, text: operation('query', field) })),
  ...fieldsOf(schema.getMutationType()).map((field) => ({
    name: field.name,
    field,
    text: operation('mutation', field),
  })),
];

/** Rows of every table but those that record a rejected request too. */
async function rowCounts(): Promise<Record<string, string>> {
  const tables = await app.sql<{ name: string }>(
    `select table_name as name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE' and table_name not in ('audit_entries', 'audit_rejections', 'rate_limits') order by 1`,
  );
  const counts = tables.map(({ name }) => `(select count(*) from "${name}") as "${name}"`);
  return app.row<Record<string, string>>(`select ${counts.join(', ')}`);
}

const codeOf = async (text: string, token: string) =>
  (await app.raw(text, {}, token)).body.errors?.[0]?.extensions['code'] ?? 'OK';

/** Every field by its name in the API, with the roles that type-graphql lets through. */
function rolesByField(): Record<string, readonly string[]> {
  type Field = { schemaName: string; roles?: readonly string[]; getObjectType?: () => new () => object };
  type Class = { name: string; fields: Field[]; target: unknown };
  const storage = (
    globalThis as unknown as {
      TypeGraphQLMetadataStorage: Record<'queries' | 'mutations' | 'subscriptions', Field[]> & {
        objectTypes: Class[];
      };
    }
  ).TypeGraphQLMetadataStorage;
  const named = (type: string, fields: Field[]) =>
    fields.flatMap(({ schemaName, roles }) => (roles ? [[`${type}.${schemaName}`, roles] as const] : []));
  return Object.fromEntries([
    ...named('Query', storage.queries),
    ...named('Mutation', storage.mutations),
    ...named('Subscription', storage.subscriptions),
    ...storage.objectTypes.flatMap(({ name, fields }) => named(name, fields)),
  ]);
}

describe('@operator', () => {
  const types = Object.values(schema.getTypeMap()).filter(isObjectType);
  const marked = types.flatMap((type) =>
    fieldsOf(type)
      .filter(isOperatorOnly)
      .map((field) => `${type.name}.${field.name}`),
  );

  it('stands on every field that only operators are let through to, and on no other', () => {
    const roles = rolesByField();
    const enforced = Object.keys(roles).filter((field) => roles[field]?.join() === OPERATOR);
    expect(marked.sort()).toEqual(enforced.sort());
    expect(Object.keys(roles).filter((field) => !enforced.includes(field))).toEqual(['Mutation.recordLlmUsage']);
  });

  it('is in the description too, which introspection shows', async () => {
    const { body } = await app.graphql(
      gql('{ __schema { directives { name } types { name fields { name description } } } }'),
      {},
      app.tenant('acme'),
    );
    const { directives, types: shown } = present(body.data).__schema;
    expect(directives.map(({ name }) => name)).toContain('operator');
    const described = shown.flatMap(({ name, fields }) =>
      (fields ?? [])
        .filter(({ description }) => description?.startsWith('Operators only.'))
        .map((field) => `${name}.${field.name}`),
    );
    expect(described.sort()).toEqual(marked.sort());
  });
});

describe('every query and mutation', () => {
  it.each(requests)('$name is UNAUTHENTICATED without a token', async ({ text }) => {
    expect(await codeOf(text, '')).toBe('UNAUTHENTICATED');
  });

  const operatorOnly = requests.filter(({ field }) => isOperatorOnly(field));
  it('is for operators alone where the schema says so, which it does of most', () => {
    expect(operatorOnly.length).toBeGreaterThan(35);
  });
  it.each(operatorOnly)('$name is FORBIDDEN for a tenant and changes nothing', async ({ text }) => {
    const before = await rowCounts();
    expect(await codeOf(text, app.tenant('acme'))).toBe('FORBIDDEN');
    expect(await codeOf(text, app.tenant('acme', ['admin', 'platform_admin', 'operator']))).toBe('FORBIDDEN');
    expect(await rowCounts()).toEqual(before);
  });
  it.each(operatorOnly)('$name is let through for an operator', async ({ text }) => {
    expect(['UNAUTHENTICATED', 'FORBIDDEN', 'INTERNAL_SERVER_ERROR']).not.toContain(await codeOf(text, app.operator));
  });

  const open = requests.filter(({ field }) => !isOperatorOnly(field) && field.name !== 'recordLlmUsage');
  it.each(open)('$name is let through for a tenant', async ({ text }) => {
    expect(['UNAUTHENTICATED', 'FORBIDDEN', 'INTERNAL_SERVER_ERROR']).not.toContain(
      await codeOf(text, app.tenant('acme')),
    );
  });
});

describe('the LLM gateway', () => {
  const mutations = requests.filter(({ text, name }) => text.startsWith('mutation') && name !== 'recordLlmUsage');
  it.each(mutations)('may not $name', async ({ text }) => {
    const before = await rowCounts();
    expect(await codeOf(text, app.tenant('gateway', ['llm-gateway']))).toBe('FORBIDDEN');
    expect(await rowCounts()).toEqual(before);
  });

  it('may record usage, and nobody else of a tenant may', async () => {
    const record = requests.find(({ name }) => name === 'recordLlmUsage')?.text as string;
    expect(await codeOf(record, app.tenant('gateway', ['llm-gateway']))).toBe('OK');
    expect(await codeOf(record, app.tenant('acme'))).toBe('FORBIDDEN');
  });
});

describe('a subscription', () => {
  it.each(fieldsOf(schema.getSubscriptionType()))('$name is refused where the schema says so', async (field) => {
    const text = operation('subscription', field);
    const stream = subscribeRaw(app.url, app.tenant('acme'), text);
    if (isOperatorOnly(field)) {
      await expect(stream.next()).rejects.toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
    } else if (field.name === 'sagaProgress') {
      await expect(stream.next()).rejects.toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] });
    }
    await stream.close();
    await expect(subscribeRaw(app.url, 'forged', text).next()).rejects.toMatchObject({ code: 4401 });
  });
});

describe('a field of an object', () => {
  /** A way to each field that is the operator's, by an object that a tenant may see. */
  const WAYS: Readonly<Record<string, string>> = {
    'Plan.versions': '{ plans { versions { id } } }',
    'PlanVersion.subscriberCount': '{ plans { activeVersion { subscriberCount } } }',
    'Resource.costLines': '{ resources { nodes { costLines { totalCount } } } }',
    'Invoice.receivable': '{ invoices { nodes { receivable { pushedStatus } } } }',
    'Resource.provisioned': '{ resources { nodes { provisioned { id } } } }',
  };
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const marked = Object.values(schema.getTypeMap()).flatMap((type) =>
    'getInterfaces' in type && !roots.includes(type as GraphQLObjectType)
      ? fieldsOf(type as GraphQLObjectType)
          .filter(isOperatorOnly)
          .map((field) => `${type.name}.${field.name}`)
      : [],
  );

  it('that is marked has a way here', () => {
    expect(marked.sort()).toEqual(Object.keys(WAYS).sort());
  });

  it.each(Object.entries(WAYS))('%s is FORBIDDEN for a tenant', async (_, query) => {
    await app.sql(
      `insert into cloud_resources (provider, kind, provider_kind, provider_id, name, tags, attrs, tenant_id,
      first_seen_at, last_seen_at) values ('digitalocean', 'droplet', 'droplet', $1, 'web', '{}', '{}', 'acme', now(), now())`,
      [String(Math.random())],
    );
    await app.sql(
      `insert into invoices (tenant_id, period, status, currency, subtotal_cents, tax_cents, total_cents, drafted_at)
       values ('acme', '2026-04-01', 'draft', 'AUD', 0, 0, 0, now()) on conflict do nothing`,
    );
    await app
      .data(gql('mutation { createPlan(input: { code: "seen", name: "Seen" }) { plan { id } } }'))
      .catch(() => undefined);
    const version = await app
      .data(
        gql(
          `mutation { createPlanVersion(input: { planCode: "seen", basePriceCents: 1, items: [] }) { planVersion { id } } }`,
        ),
      )
      .then((data) => data.createPlanVersion.planVersion.id);
    await app.data(gql('mutation P($id: ID!) { publishPlanVersion(id: $id) { planVersion { id } } }'), { id: version });
    expect(await codeOf(query, app.tenant('acme'))).toBe('FORBIDDEN');
    expect(await codeOf(query, app.operator)).toBe('OK');
  });
});
