import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jobHandlers } from '../../src/jobs/handlers.js';
import { SCHEDULE } from '../../src/jobs/schedule.js';
import { startTestApp } from '../support/app.js';
import { gql, present } from '../support/typed-document.js';
import { DETECT, type DriftApp, type ProvisionedDroplet, startDriftApp } from './drift-app.js';

let app: DriftApp;
beforeAll(async () => {
  app = await startDriftApp();
});
afterAll(() => app.close());

const EVENTS = gql(`query Events($id: ID!) { resource(id: $id) { events { nodes { type changes actor } } } }`);
const driftEvents = async ({ resourceId }: ProvisionedDroplet) =>
  present((await app.data(EVENTS, { id: resourceId })).resource).events.nodes.filter(
    ({ type }) => type === 'DRIFT_DETECTED',
  );

describe('what we provisioned', () => {
  it('is compared and, untouched, drifts in nothing; what we only found is not compared', async () => {
    const droplet = await app.provision('untouched');
    expect(await app.spec(droplet)).toEqual({
      spec: {
        size_slug: 's-1vcpu-1gb',
        region: 'syd1',
        image: 'ubuntu-24-04-x64',
        name: 'untouched',
        tags: [expect.stringMatching(/^arcadia-saga-/), 'managed-by-arcadia-cloud'],
      },
      specVersion: 1,
    });
    expect(await app.detect()).toEqual({ checked: 1, opened: 0, closedAsStale: 0 });
    expect(await app.drifts(droplet)).toEqual([]);
  });

  it('from an image named by its id does not drift though the provider names that by its slug', async () => {
    const droplet = await app.provision('by-id', { image: '119000003' });
    expect((await app.spec(droplet)).spec['image']).toBe('debian-12-x64');
    expect(await app.detect()).toMatchObject({ opened: 0 });
  });

  it('that is resized behind our back drifts in its size alone, with an event that tells it, once', async () => {
    const droplet = await app.provision('resized');
    await app.resizeElsewhere(droplet, 's-2vcpu-2gb');
    expect(await app.detect()).toEqual({ checked: 3, opened: 1, closedAsStale: 0 });
    expect(await app.drifts(droplet)).toEqual([
      {
        id: expect.any(String),
        field: 'size_slug',
        expected: '"s-1vcpu-1gb"',
        actual: '"s-2vcpu-2gb"',
        status: 'OPEN',
        detectedAt: expect.any(String),
        resolvedAt: null,
        resolvedBy: null,
        resource: { id: droplet.resourceId },
      },
    ]);
    expect(await driftEvents(droplet)).toEqual([
      {
        type: 'DRIFT_DETECTED',
        changes: { size_slug: { from: 's-1vcpu-1gb', to: 's-2vcpu-2gb' } },
        actor: 'somebody@platform-admin',
      },
    ]);
    const before = await app.everything();
    expect(await app.detect()).toEqual({ checked: 3, opened: 0, closedAsStale: 0 });
    expect(await app.everything()).toEqual(before);
    expect(await driftEvents(droplet)).toHaveLength(1);
  });

  it('that moves on keeps its drift, which says what is there now', async () => {
    const droplet = await app.provision('moves-on');
    await app.resizeElsewhere(droplet, 's-2vcpu-2gb');
    await app.detect();
    const [first] = await app.drifts(droplet);
    await app.resizeElsewhere(droplet, 's-2vcpu-4gb');
    expect(await app.detect()).toMatchObject({ opened: 0, closedAsStale: 0 });
    expect(await app.drifts(droplet)).toEqual([{ ...first, actual: '"s-2vcpu-4gb"' }]);
    expect(await driftEvents(droplet)).toHaveLength(1);
  });

  it('that is put right elsewhere closes its drift STALE, and drifts anew another time', async () => {
    const droplet = await app.provision('put-right');
    await app.resizeElsewhere(droplet, 's-2vcpu-2gb');
    await app.detect();
    const [open] = await app.drifts(droplet);
    await app.resizeElsewhere(droplet, 's-1vcpu-1gb');
    expect(await app.detect()).toMatchObject({ opened: 0, closedAsStale: 1 });
    const [closed] = await app.drifts(droplet);
    expect(closed).toEqual({ ...open, status: 'STALE', resolvedAt: expect.any(String) });

    await app.resizeElsewhere(droplet, 's-2vcpu-2gb');
    expect(await app.detect()).toMatchObject({ opened: 1, closedAsStale: 0 });
    expect((await app.drifts(droplet)).map(({ status }) => status)).toEqual(['OPEN', 'STALE']);
    expect(await app.drifts(droplet, 'STALE')).toEqual([closed]);
    expect(await driftEvents(droplet)).toHaveLength(2);
  });

  it('with its list in another order, or its numbers as texts, does not drift', async () => {
    const droplet = await app.provision('reordered');
    await app.patchElsewhere(droplet, { tags: ['b', 'a', 'c'] });
    await app.alsoWant(droplet, { tags: ['c', 'a', 'b', 'a'], vcpus: '1', name: 'reordered', backup_ids: null });
    expect(await app.detect()).toMatchObject({ opened: 0, closedAsStale: 0 });
    await app.patchElsewhere(droplet, { tags: ['a', 'c'] });
    expect(await app.detect()).toMatchObject({ opened: 1, closedAsStale: 0 });
    expect(await app.drifts(droplet)).toEqual([
      expect.objectContaining({ field: 'tags', expected: '["c","a","b","a"]', actual: '["a","c"]', status: 'OPEN' }),
    ]);
  });

  it('drifts in each field by itself', async () => {
    const droplet = await app.provision('manifold');
    await app.alsoWant(droplet, { vpc_uuid: null, project: 'x' });
    await app.patchElsewhere(droplet, { region: { slug: 'sfo3' }, size_slug: 's-4vcpu-8gb' });
    expect(await app.detect()).toMatchObject({ opened: 4, closedAsStale: 0 });
    const drifts = await app.drifts(droplet);
    expect(Object.fromEntries(drifts.map((drift) => [drift.field, [drift.expected, drift.actual]]))).toEqual({
      project: ['"x"', null],
      region: ['"syd1"', '"sfo3"'],
      size_slug: ['"s-1vcpu-1gb"', '"s-4vcpu-8gb"'],
      vpc_uuid: [null, expect.any(String)],
    });
    await app.patchElsewhere(droplet, { region: { slug: 'syd1' } });
    expect(await app.detect()).toMatchObject({ opened: 0, closedAsStale: 1 });
    expect((await app.drifts(droplet, 'OPEN')).map(({ field }) => field).sort()).toEqual([
      'project',
      'size_slug',
      'vpc_uuid',
    ]);
  });

  it('that is gone drifts no more, and again once it is back', async () => {
    const droplet = await app.provision('gone');
    await app.resizeElsewhere(droplet, 's-2vcpu-2gb');
    await app.detect();
    const kept = await app.sandbox('GET', `state/droplets/${droplet.dropletId}`);
    await app.sandbox('DELETE', `state/droplets/${droplet.dropletId}`);
    await app.sync(['droplets', 'droplets']);
    expect(await app.detect()).toMatchObject({ opened: 0, closedAsStale: 0 });
    const { checked } = await app.detect();
    await app.sync(['droplets']);
    expect(await app.detect()).toEqual({ checked: checked - 1, opened: 0, closedAsStale: 1 });
    expect((await app.drifts(droplet)).map(({ status }) => status)).toEqual(['STALE']);
    await app.sandbox('PUT', `state/droplets/${droplet.dropletId}`, kept);
    await app.sync(['droplets']);
    expect(await app.detect()).toEqual({ checked, opened: 1, closedAsStale: 0 });
  });
});

describe('a saga that owns a resource', () => {
  const insertSaga = async (columns: {
    kind: string;
    resourceId?: string;
    deploymentId?: string;
    context?: object;
  }) => {
    const { id } = await app.row<{ id: string }>(
      `insert into saga_runs (id, kind, status, steps, inputs, context, resource_id, deployment_id, started_by,
         starter_tenant_id, created_at)
       values (gen_random_uuid(), $1, 'running', '[{"name": "Later", "version": 1}]', '{}', $2, $3, $4, 'x', 'x', now())
       returning id`,
      [columns.kind, JSON.stringify(columns.context ?? {}), columns.resourceId ?? null, columns.deploymentId ?? null],
    );
    return id as string;
  };

  it('keeps its fields from being drift, whichever way it owns it; once it has ended they are', async () => {
    const { createDeployment } = await app.data(
      gql(
        'mutation { createDeployment(input: { slug: "owned", displayName: "Owned", tenantId: "acme" }) { deployment { id } } }',
      ),
    );
    const deploymentId = createDeployment.deployment.id;
    const droplet = await app.provision('owned', { deploymentId });
    await app.patchElsewhere(droplet, { size_slug: 's-2vcpu-2gb' });
    const { id: itsSaga } = await app.row<{ id: string }>(
      'select saga_id as id from cloud_provisioned where resource_id = $1',
      [droplet.resourceId],
    );
    const { checked } = await app.detect();
    await app.sql(`delete from cloud_drift where resource_id = $1`, [droplet.resourceId]);

    const { resourceId } = droplet;
    const owners = [
      { kind: 'snapshot_droplet', resourceId },
      { kind: 'provision_droplet', context: { resourceId } },
      { kind: 'decommission_deployment', deploymentId },
    ];
    for (const owner of owners) {
      const saga = await insertSaga(owner);
      expect(await app.detect()).toEqual({ checked: checked - 1, opened: 0, closedAsStale: 0 });
      await app.sql('delete from saga_runs where id = $1', [saga]);
    }
    await app.sql(`update saga_runs set status = 'running', finished_at = null, context = '{}' where id = $1`, [
      itsSaga,
    ]);
    expect(await app.detect()).toEqual({ checked: checked - 1, opened: 0, closedAsStale: 0 });
    await app.sql(`update saga_runs set status = 'completed', finished_at = now() where id = $1`, [itsSaga]);
    expect(await app.drifts(droplet)).toEqual([]);
    expect(await app.detect()).toEqual({ checked, opened: 1, closedAsStale: 0 });
  });

  it('leaves an open drift as it is until it has ended', async () => {
    const droplet = await app.provision('owned-later');
    await app.patchElsewhere(droplet, { size_slug: 's-2vcpu-2gb' });
    await app.detect();
    const open = await app.drifts(droplet);
    const saga = await insertSaga({ kind: 'resize_droplet', resourceId: droplet.resourceId });
    await app.patchElsewhere(droplet, { size_slug: 's-1vcpu-1gb' });
    expect(await app.detect()).toMatchObject({ opened: 0, closedAsStale: 0 });
    expect(await app.drifts(droplet)).toEqual(open);
    await app.sql('delete from saga_runs where id = $1', [saga]);
    expect(await app.detect()).toMatchObject({ opened: 0, closedAsStale: 1 });
  });

  it('of another resource owns nothing here', async () => {
    const [first, second] = [await app.provision('neighbour'), await app.provision('neighbour-2')];
    await app.patchElsewhere(first, { size_slug: 's-2vcpu-2gb' });
    const saga = await insertSaga({ kind: 'snapshot_droplet', resourceId: second.resourceId });
    expect(await app.detect()).toMatchObject({ opened: 1 });
    await app.sql('delete from saga_runs where id = $1', [saga]);
  });
});

describe('several detections at once, in several processes', () => {
  it('open one drift, with one event', async () => {
    const droplet = await app.provision('raced');
    await app.resizeElsewhere(droplet, 's-2vcpu-2gb');
    const other = await startTestApp({ databaseUrl: app.databaseUrl, sandboxUrl: app.sandboxUrl, worker: false });
    try {
      const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => (n % 2 === 0 ? app : other).data(DETECT)));
      expect(answers.reduce((sum, { detectDrift }) => sum + detectDrift.opened, 0)).toBe(1);
      expect(await app.drifts(droplet)).toHaveLength(1);
      expect(await driftEvents(droplet)).toHaveLength(1);
      await app.resizeElsewhere(droplet, 's-1vcpu-1gb');
      const closings = await Promise.all(
        Array.from({ length: 12 }, (_, n) => (n % 2 === 0 ? app : other).data(DETECT)),
      );
      expect(closings.reduce((sum, { detectDrift }) => sum + detectDrift.closedAsStale, 0)).toBe(1);
    } finally {
      await other.close();
    }
  });

  it('could not open two: the table refuses a second open drift of one field', async () => {
    const droplet = await app.provision('twice');
    await app.resizeElsewhere(droplet, 's-2vcpu-2gb');
    await app.detect();
    await expect(
      app.sql(
        `insert into cloud_drift (resource_id, field, status, detected_at) values ($1, 'size_slug', 'open', now())`,
        [droplet.resourceId],
      ),
    ).rejects.toThrow('cloud_drift_open');
  });
});

describe('many resources', () => {
  it('are compared to the last, page by page', async () => {
    const { checked } = await app.detect();
    await app.sql(`
      with many as (
        insert into cloud_resources (provider, kind, provider_kind, provider_id, name, status, region, tags, attrs,
          first_seen_at, last_seen_at)
        select 'digitalocean', 'droplet', 'droplet', 'many-' || n, 'many-' || n, 'active', 'syd1', '{}',
          jsonb_build_object('size_slug', case when n % 10 = 0 then 's-9' else 's-1' end), now(), now()
        from generate_series(1, 1203) n returning id
      )
      insert into cloud_provisioned (resource_id, spec, created_at, updated_at)
      select id, '{"size_slug": "s-1", "region": "syd1"}', now(), now() from many`);
    expect(await app.detect()).toEqual({ checked: checked + 1203, opened: 120, closedAsStale: 0 });
    await app.sql(`update cloud_resources set attrs = '{"size_slug": "s-1"}' where name like 'many-%'`);
    expect(await app.detect()).toEqual({ checked: checked + 1203, opened: 0, closedAsStale: 120 });
  });
});

describe('the schedule', () => {
  it('detects drift hourly at :20, after the syncs', async () => {
    expect(SCHEDULE.find(({ job }) => job === 'detect-drift')).toEqual({
      id: 'drift',
      queue: 'cloud_sync_full',
      job: 'detect-drift',
      cron: '20 * * * *',
    });
    const droplet = await app.provision('scheduled');
    await app.resizeElsewhere(droplet, 's-2vcpu-2gb');
    await jobHandlers(app.app)['detect-drift']?.({}, new AbortController().signal);
    expect(await app.drifts(droplet)).toEqual([expect.objectContaining({ field: 'size_slug', status: 'OPEN' })]);
    expect(await driftEvents(droplet)).toEqual([expect.objectContaining({ actor: 'schedule' })]);
  });
});
