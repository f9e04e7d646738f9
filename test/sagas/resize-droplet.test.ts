import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestApp, type TestApp } from '../support/app.js';
import type { WireDroplet } from '../support/provider-shapes.js';
import { driveSaga } from './drive.js';
import { type Provisioned, SCENARIOS } from './scenarios.js';

interface SagaRow {
  readonly status: string;
  readonly error: string | null;
}

const resize = SCENARIOS.find(({ title }) => title === 'puts back size_slug') as (typeof SCENARIOS)[number];

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ worker: false });
});
afterAll(() => app.close());
afterEach(() => app.sandbox('DELETE', 'faults'));

async function runOn(mark: string, fault: object): Promise<{ saga: SagaRow; droplet: WireDroplet; posts: string[] }> {
  const given = (await resize.given?.(app, mark)) as Provisioned;
  await app.sandbox('POST', 'faults', { method: 'POST', path: `/v2/droplets/${given.dropletId}/actions`, ...fault });
  const id = await resize.start(app, mark, given as never);
  await driveSaga(app, id);
  const saga = await app.row<SagaRow>('select status, error from saga_runs where id = $1', [id]);
  const actions = Object.values(await app.sandbox('GET', 'state/actions'));
  const own = actions.filter(({ resource_id, type }) => String(resource_id) === given.dropletId && type !== 'create');
  return {
    saga,
    droplet: await app.sandbox('GET', `state/droplets/${given.dropletId}`),
    posts: own.map(({ type }) => type),
  };
}

describe('a resize', () => {
  it('powers off, resizes and powers on, each once', async () => {
    const { saga, droplet, posts } = await runOn('even', { delayMs: 1 });
    expect(saga.status).toBe('completed');
    expect(droplet).toMatchObject({ size_slug: 's-2vcpu-2gb', status: 'active' });
    expect(posts).toEqual(['power_off', 'resize', 'power_on']);
  });

  it('is tried again where its action errored once', async () => {
    const { saga, droplet, posts } = await runOn('once', { skip: 1, times: 1, outcome: 'errored' });
    expect(saga.status).toBe('completed');
    expect(droplet).toMatchObject({ size_slug: 's-2vcpu-2gb', status: 'active' });
    expect(posts).toEqual(['power_off', 'resize', 'resize', 'power_on']);
  });

  it('that the provider refuses leaves the droplet on and of its old size', async () => {
    const { saga, droplet, posts } = await runOn('full', {
      skip: 1,
      times: 1,
      status: 422,
      body: { id: 'unprocessable_entity', message: "Size is too large to fit on your droplet's server" },
    });
    expect(saga).toMatchObject({ status: 'rolled_back', error: expect.stringContaining('too large to fit') });
    expect(droplet).toMatchObject({ size_slug: 's-1vcpu-1gb', status: 'active' });
    expect(posts).toEqual(['power_off', 'power_on']);
  });
});
