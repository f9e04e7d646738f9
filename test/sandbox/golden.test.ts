import { describe, expect, it } from '@jest/globals';
import type { WireObject } from '../../src/sandbox/account.js';
import { goldenAccount } from '../../src/sandbox/golden/account.js';
import { hasOpenApi, readOpenApi } from '../support/openapi.js';

const account = goldenAccount();
const droplets = Object.values(account.droplets);
const snapshots = Object.values(account.snapshots);
const projects = Object.values(account.projects);
const members = projects.flatMap((project) => project.members);
const idsOf = (resources: readonly WireObject[]) => resources.map((resource) => Number(resource['id']));
const publicAddress = (droplet: WireObject): string => {
  const { v4 } = droplet['networks'] as { v4: { ip_address: string; type: string }[] };
  return v4.find((network) => network.type === 'public')?.ip_address ?? '';
};

describe('the inventory of the golden account', () => {
  it('is as large as the specification says', () => {
    expect({
      droplets: droplets.length,
      zones: Object.keys(account.domains).length,
      snapshots: snapshots.length,
      firewalls: Object.keys(account.firewalls).length,
      backups: Object.values(account.backups).flat().length,
      buckets: members.filter(({ urn }) => urn.startsWith('do:space:')).length,
      volumes: Object.keys(account.volumes).length,
      floatingIps: Object.keys(account.floatingIps).length,
      loadBalancers: Object.keys(account.loadBalancers).length,
      vpcs: Object.keys(account.vpcs).length,
    }).toEqual({
      droplets: 5,
      zones: 7,
      snapshots: 12,
      firewalls: 1,
      backups: 4,
      buckets: 6,
      volumes: 0,
      floatingIps: 0,
      loadBalancers: 0,
      vpcs: 1,
    });
  });

  it('has five droplets in syd1, active and older than 2026, each with its own address', () => {
    for (const droplet of droplets) {
      expect(droplet).toMatchObject({ status: 'active', region: { slug: 'syd1' } });
      expect(String(droplet['created_at']) < '2026').toBe(true);
    }
    expect(droplets.map((droplet) => droplet['name'])).toEqual([
      'holyspiritbraypark.com',
      'git.sky-ai.com',
      'mail.sky-ai.com',
      'parish-bulletin',
      'studio-demo',
    ]);
    expect(new Set(droplets.map(publicAddress)).size).toBe(5);
    const tags = new Set(droplets.flatMap((droplet) => droplet['tags'] as string[]));
    expect(Object.keys(account.tags)).toEqual([...tags].sort());
  });

  it('has each snapshot and each backup beneath its droplet, backups only where they are on', () => {
    expect(droplets.flatMap((droplet) => droplet['snapshot_ids'] as number[]).sort()).toEqual(idsOf(snapshots).sort());
    expect(new Set(snapshots.map(({ name }) => name)).size).toBe(12);
    for (const { id } of snapshots) expect(id).toMatch(/^\d+$/);
    for (const droplet of droplets) {
      const backups = account.backups[String(droplet['id'])] ?? [];
      expect(droplet['backup_ids']).toEqual(idsOf(backups));
      expect((droplet['features'] as string[]).includes('backups')).toBe(backups.length > 0);
      expect(droplet['next_backup_window'] !== null).toBe(backups.length > 0);
    }
  });

  it('has zones that begin with SOA and three NS, point at the droplets, and end no name in a dot', () => {
    expect(Object.keys(account.domains)).toEqual(expect.arrayContaining(['sky-ai.com', 'holyspiritbraypark.com']));
    const addresses = droplets.map(publicAddress);
    const records = Object.values(account.domains).flatMap((zone) => zone.records);
    for (const zone of Object.values(account.domains)) {
      expect(zone.records.slice(0, 4).map(({ type, data }) => `${type} ${data}`)).toEqual([
        'SOA 1800',
        'NS ns1.digitalocean.com',
        'NS ns2.digitalocean.com',
        'NS ns3.digitalocean.com',
      ]);
    }
    for (const { type, data } of records) {
      if (type === 'A') expect(addresses).toContain(data);
      expect(String(data).endsWith('.')).toBe(false);
    }
    expect(new Set(idsOf(records)).size).toBe(records.length);
    expect(new Set(records.map(({ type }) => type))).toEqual(new Set(['SOA', 'NS', 'A', 'CNAME', 'MX', 'TXT']));
  });

  it('has every droplet, zone and bucket in exactly one project, and no internal project yet', () => {
    const buckets = members.filter(({ urn }) => urn.startsWith('do:space:'));
    expect(members.map(({ urn }) => urn).sort()).toEqual(
      [
        ...droplets.map(({ id }) => `do:droplet:${id}`),
        ...Object.keys(account.domains).map((name) => `do:domain:${name}`),
        ...new Set(buckets.map(({ urn }) => urn)),
      ].sort(),
    );
    for (const { urn, links } of buckets) {
      expect(links.self).toBe(`https://${urn.slice('do:space:'.length)}.syd1.digitaloceanspaces.com`);
    }
    expect(projects.filter(({ project }) => project['is_default'])).toHaveLength(1);
    expect(projects.map(({ project }) => project['name'])).not.toContain('skyai-internal');
  });

  it('charges a 672nd of the month for an hour, to five decimals', () => {
    const prices = account.sizes.map((size) => [size['slug'], size['price_monthly'], size['price_hourly']]);
    expect(prices).toEqual(
      expect.arrayContaining([
        ['s-1vcpu-512mb-10gb', 4, 0.00595],
        ['s-1vcpu-1gb', 6, 0.00893],
        ['s-1vcpu-1gb-35gb-intel', 8, 0.0119],
        ['s-2vcpu-2gb-amd', 21, 0.03125],
        ['gd-2vcpu-8gb', 68, 0.10119],
        ['s-8vcpu-16gb', 96, 0.14286],
      ]),
    );
    expect(new Set(prices.map(([slug]) => slug)).size).toBe(17);
  });

  it('is made anew each time: who changes one changes no other', () => {
    const mine = goldenAccount();
    mine.sizes.length = 0;
    for (const droplet of Object.values(mine.droplets)) droplet['name'] = 'changed';
    expect(goldenAccount()).toEqual(account);
  });
});

const documented = hasOpenApi ? describe : describe.skip;
documented('every object of the golden account is as the official document says, where that is at hand', () => {
  const openApi = hasOpenApi ? readOpenApi() : (null as never);
  const meta = (list: readonly unknown[]) => ({ meta: { total: list.length }, links: {} });

  it.each<[path: string, key: string, list: readonly unknown[]]>([
    ['/v2/droplets', 'droplets', droplets],
    ['/v2/snapshots', 'snapshots', snapshots],
    ['/v2/domains', 'domains', Object.values(account.domains).map(({ domain }) => domain)],
    ['/v2/firewalls', 'firewalls', Object.values(account.firewalls)],
    ['/v2/projects', 'projects', projects.map(({ project }) => project)],
    ['/v2/sizes', 'sizes', account.sizes],
    ['/v2/regions', 'regions', account.regions],
    ['/v2/images', 'images', account.images],
    ['/v2/customers/my/billing_history', 'billing_history', account.billing.history],
    ...Object.entries(account.domains).map(
      ([name, { records }]) =>
        [`/v2/domains/${name}/records`, 'domain_records', records] as [string, string, readonly unknown[]],
    ),
    ...Object.entries(account.backups).map(
      ([id, backups]) => [`/v2/droplets/${id}/backups`, 'backups', backups] as [string, string, readonly unknown[]],
    ),
    ...projects.map(
      ({ project, members: own }) =>
        [`/v2/projects/${project['id']}/resources`, 'resources', own] as [string, string, readonly unknown[]],
    ),
  ])('in %s', (path, key, list) => {
    expect(list.length).toBeGreaterThan(0);
    expect(openApi.validateResponse('GET', path, 200, { [key]: list, ...meta(list) })).toEqual([]);
  });

  it('in /v2/customers/my/balance', () => {
    expect(openApi.validateResponse('GET', '/v2/customers/my/balance', 200, account.billing.balance)).toEqual([]);
  });
});
