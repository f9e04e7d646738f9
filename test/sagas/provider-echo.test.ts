import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { captureLog } from '../support/capture-log.js';
import { type DataOf, gql, present } from '../support/typed-document.js';
import { type SagaApp, startSagaApp } from './saga-app.js';

const PLACE = { sizeSlug: 's-1vcpu-1gb', image: 'ubuntu-24-04-x64', region: 'syd1' };
/** What the sandbox was sent, as a gateway that echoes its request would answer it. */
const ECHO = {
  id: 'unprocessable_entity',
  message: 'internal words of the provider; request had Authorization: Bearer test-provisioning',
};
const SAGA = gql('query($id: ID!) { saga(id: $id) { status error context steps { name error output } } }');

const { log, lines } = captureLog();
let app: SagaApp;
let token: string;
let sagaId: string;
beforeAll(async () => {
  app = await startSagaApp({ log });
  token = app.tenant('acme', []);
  await app.data(gql('mutation { createPlan(input: { code: "open", name: "open" }) { plan { id } } }'));
  const { createPlanVersion } = await app.data(
    gql('mutation($input: CreatePlanVersionInput!) { createPlanVersion(input: $input) { planVersion { id } } }'),
    { input: { planCode: 'open', basePriceCents: 1000, items: [], allowedSizes: [PLACE.sizeSlug], maxDeployments: 3 } },
  );
  await app.data(gql('mutation($id: ID!) { publishPlanVersion(id: $id) { planVersion { id } } }'), {
    id: createPlanVersion.planVersion.id,
  });
  await app.sandbox('POST', 'faults', {
    method: 'POST',
    path: '/v2/droplets',
    status: 422,
    body: JSON.stringify(ECHO),
  });
  const { createDeployment } = await app.data(
    gql('mutation($input: CreateDeploymentInput!) { createDeployment(input: $input) { saga { id } } }'),
    { input: { slug: 'echo', displayName: 'echo', planCode: 'open', provision: PLACE } },
    token,
  );
  sagaId = present(createDeployment.saga).id;
  await app.watch(sagaId);
});
afterAll(() => app.close());

type Saga = NonNullable<DataOf<typeof SAGA>['saga']>;

/** All that the API shows of the saga: its row, its steps and its events. */
async function shownTo(as: string): Promise<{ saga: Saga; text: string }> {
  const saga = present((await app.data(SAGA, { id: sagaId }, as)).saga);
  const progress = app.progress(sagaId, undefined, as);
  const events: unknown[] = [];
  for await (const event of progress) events.push(event);
  await progress.close();
  return { saga, text: JSON.stringify([saga, events]) };
}

describe('a provider that echoes the Authorization header of a saga’s request', () => {
  it('shows the tenant neither the token nor its own words', async () => {
    const { saga, text } = await shownTo(token);
    expect(saga.status).toBe('ROLLED_BACK');
    expect(saga.error).toContain('the provider rejected the request (status 422)');
    expect(text).not.toMatch(/test-provisioning|Bearer|internal words|unprocessable_entity/);
  });

  it('shows the operator its words, with the token taken out', async () => {
    const { saga, text } = await shownTo(app.operator);
    expect(saga.error).toContain('internal words of the provider; request had Authorization: Bearer [secret]');
    expect(text).not.toContain('test-provisioning');
  });

  it('leaves the token in no row and in no log entry', async () => {
    const { text } = await app.row<{ text: string }>(
      `select (select json_agg(s) from saga_runs s)::text || (select json_agg(s) from saga_step_results s)::text
         || (select json_agg(s) from saga_events s)::text || (select json_agg(a) from audit_entries a)::text as text`,
    );
    expect(text).toContain('internal words of the provider');
    expect(text).not.toContain('test-provisioning');
    expect(lines.filter((line) => line.includes('test-provisioning'))).toEqual([]);
  });
});
