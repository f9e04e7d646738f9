import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { NAMED_KINDS } from '../../src/core/costs/line-kind.js';
import { RESOURCE_KINDS } from '../../src/core/inventory/resource-kind.js';
import { SYNC_SCOPES } from '../../src/core/inventory/sync-scope.js';
import { SCHEDULE } from '../../src/jobs/schedule.js';
import { scopeDefinition, scopesListing, scopesOfQueue } from '../../src/services/inventory/scopes/all.js';
import { createTestDatabase } from '../support/database.js';

describe('the scopes', () => {
  it('list every kind once, so that one run alone decides what is gone', () => {
    const listed = SYNC_SCOPES.flatMap((scope) => scopeDefinition(scope).ages);
    expect([...listed].sort()).toEqual([...RESOURCE_KINDS].sort());
  });

  it('of the full sync are all that are listed every 15 minutes', () => {
    expect(scopesOfQueue('cloud_sync_full')).toEqual([
      'projects',
      'droplets',
      'domains',
      'volumes',
      'floating_ips',
      'firewalls',
      'load_balancers',
      'vpcs',
    ]);
  });

  it('of the other queues have a schedule each', () => {
    const jobs = SCHEDULE.map(({ queue, job }) => `${queue} ${job}`);
    expect(jobs).toContain('cloud_sync_fast request-sync-fast');
    for (const scope of scopesOfQueue('cloud_sync_slow'))
      expect(jobs).toContain(`cloud_sync_slow request-sync-${scope}`);
  });

  it('that an ingest waits for are those that list what invoices name', () => {
    expect(scopesListing(NAMED_KINDS)).toEqual([
      'projects',
      'droplets',
      'volumes',
      'snapshots',
      'floating_ips',
      'load_balancers',
    ]);
  });
});

describe('the database', () => {
  it('takes every kind, and no other', async () => {
    const database = await createTestDatabase();
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query(
      `select pg_get_constraintdef(oid) as check from pg_constraint where conname = 'cloud_resources_kind_check'`,
    );
    await client.end();
    await database.drop();
    const kinds = [...rows[0].check.matchAll(/'(\w+)'::text/g)].map(([, kind]) => kind);
    expect(kinds.sort()).toEqual([...RESOURCE_KINDS].sort());
  });
});
