import type { TestApp } from '../support/app.js';
import type { WireDroplet } from '../support/provider-shapes.js';

/**
 * What the provider and our own tables hold of what sagas change, a line each: without ids, times and addresses, which
 * differ from run to run.
 */
export async function worldOf(app: TestApp): Promise<string[]> {
  return [...(await accountOf(app)), ...(await booksOf(app))].sort();
}

async function accountOf(app: TestApp): Promise<string[]> {
  const [droplets, snapshots, domains, projects] = await Promise.all([
    app.sandbox('GET', 'state/droplets'),
    app.sandbox('GET', 'state/snapshots'),
    app.sandbox('GET', 'state/domains'),
    app.sandbox('GET', 'state/projects'),
  ]);
  const lines: string[] = [];
  for (const droplet of Object.values(droplets)) {
    const tags = droplet.tags.map(withoutIds).sort();
    lines.push(`droplet ${droplet.name} ${droplet.size_slug} ${droplet.status} ${droplet.region.slug} [${tags}]`);
  }
  for (const snapshot of Object.values(snapshots)) lines.push(`snapshot ${withoutIds(snapshot.name)}`);
  for (const { domain, records } of Object.values(domains)) {
    for (const { type, name, data, ttl, priority } of records) {
      lines.push(
        `record ${domain.name} ${type} ${name} ${type === 'A' ? addressName(data, droplets) : data} ${ttl} ${priority}`,
      );
    }
  }
  for (const { project, members } of Object.values(projects)) {
    for (const { urn } of members) lines.push(`member of ${project.name} ${urn.split(':')[1]}`);
  }
  return lines;
}

async function booksOf(app: TestApp): Promise<string[]> {
  const rows = await app.sql<{ line: string }>(`
    select 'resource ' || kind || ' ' || name || ' ' || coalesce(status, '-') || ' ' || (attrs ->> 'size_slug') ||
      case when deleted_at is null then '' else ' gone' end || case when deployment_id is null then '' else ' linked' end as line
    from cloud_resources where kind = 'droplet'
    union all select 'deployment ' || slug || ' ' || state from deployments
    union all select 'subscription ' || status from subscriptions
    union all select 'spec ' || spec::text from cloud_provisioned
    union all select 'drift ' || field || ' ' || status from cloud_drift`);
  return rows.map(({ line }) => line.replace(/arcadia-saga-[0-9a-f]{8}/g, 'arcadia-saga-*'));
}

/** An address that a droplet has is named after it: which one it gets is chance. */
function addressName(data: string, droplets: Record<string, WireDroplet>): string {
  const owner = Object.values(droplets).find((droplet) =>
    droplet.networks.v4.some((address) => address.ip_address === data),
  );
  return owner ? `of ${owner.name}` : data;
}

function withoutIds(name: string): string {
  return name
    .replace(/^arcadia-saga-[0-9a-f]{8}$/, 'arcadia-saga-*')
    .replace(/^arcadia-snap-\d+-[0-9a-f]{8}$/, 'arcadia-snap-*');
}

/** What came and what went, a line each, with `mark` (a name of this run alone) struck out. */
export function difference(before: readonly string[], after: readonly string[], mark: string): string[] {
  const left = [...before];
  const came: string[] = [];
  for (const line of after) {
    const place = left.indexOf(line);
    if (place >= 0) left.splice(place, 1);
    else came.push(line);
  }
  return [...left.map((line) => `- ${line}`), ...came.map((line) => `+ ${line}`)]
    .map((line) => line.replaceAll(mark, '#'))
    .sort();
}
