import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type SagaApp, startSagaApp } from './saga-app.js';

let app: SagaApp;
beforeAll(async () => {
  app = await startSagaApp();
});
afterAll(() => app.close());

const PROVISION = `mutation Provision($input: ProvisionDropletInput!) {
  provisionDroplet(input: $input) { saga { id kind status steps { name status } } }
}`;
const INPUT = { name: 'web-9', sizeSlug: 's-1vcpu-1gb', image: 'ubuntu-24-04-x64', region: 'syd1', tags: ['blue'] };

describe('provisionDroplet', () => {
  it('makes one droplet, waits for its address and registers it', async () => {
    const { provisionDroplet } = await app.data(PROVISION, { input: INPUT });
    const { saga } = provisionDroplet;
    expect(saga.kind).toBe('PROVISION_DROPLET');
    const names = saga.steps.map((step: { name: string }) => step.name);
    expect(names).toEqual(['CreateDroplet', 'WaitDropletActive', 'RegisterDroplet']);
    const events = await app.watch(saga.id);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
    expect(events[0]?.type).toBe('STARTED');
    expect(events.at(-1)).toMatchObject({ type: 'COMPLETED', status: 'COMPLETED' });
    const ended = await app.ended(saga.id);
    expect(ended).toMatchObject({ status: 'COMPLETED', error: null });
    const resource = await app.data(`query R($id: ID!) { resource(id: $id) { kind name status region tags attrs } }`, {
      id: ended.context.resourceId,
    });
    expect(resource.resource).toMatchObject({
      kind: 'DROPLET',
      name: 'web-9',
      status: 'active',
      region: 'syd1',
      tags: [`arcadia-saga-${saga.id.slice(0, 8)}`, 'blue', 'managed-by-arcadia-cloud'],
      attrs: { size_slug: 's-1vcpu-1gb', public_ipv4: ended.context.ipv4 },
    });
  });
});
