import type { Account, ProjectMember } from './account.js';
import { listOf } from './lists.js';

/** Which part of the account, and which path, a type of URN names. */
const KINDS = {
  droplet: { collection: 'droplets', path: 'droplets' },
  domain: { collection: 'domains', path: 'domains' },
  volume: { collection: 'volumes', path: 'volumes' },
  floatingip: { collection: 'floatingIps', path: 'floating_ips' },
  reservedip: { collection: 'floatingIps', path: 'floating_ips' },
  loadbalancer: { collection: 'loadBalancers', path: 'load_balancers' },
} as const;

type Kind = keyof typeof KINDS;

/** Puts what has just been made into the default project, as DigitalOcean does. */
export function joinDefault(account: Account, urn: string, at: number): void {
  const home = Object.values(account.projects).find(({ project }) => project['is_default']);
  home?.members.push({ urn, assigned_at: memberInstant(at), links: { self: selfLink(urn) }, status: 'ok' });
}

/** Takes the membership away; null: it was nobody's member. */
export function leaveProject(account: Account, urn: string): ProjectMember | null {
  for (const { members } of Object.values(account.projects)) {
    const index = members.findIndex((member) => member.urn === urn);
    if (index >= 0) return members.splice(index, 1)[0] as ProjectMember;
  }
  return null;
}

/** The id of the project that it is a member of. */
export function projectIdOf(account: Account, urn: string): unknown {
  const home = Object.values(account.projects).find(({ members }) => members.some((member) => member.urn === urn));
  return home?.project['id'];
}

/** Whether there is such a thing. Of types that the sandbox keeps nothing of, it knows what is somebody's member. */
export function isThere(account: Account, urn: string): boolean {
  const [, kind, id] = splitUrn(urn);
  if (!(kind in KINDS)) return projectIdOf(account, urn) !== undefined;
  const objects: Readonly<Record<string, unknown>> = account[KINDS[kind as Kind].collection];
  return objects[id] !== undefined;
}

/** What moves to another project with a droplet: its volumes and its reserved addresses. */
export function companionsOf(account: Account, urn: string): string[] {
  const [, kind, id] = splitUrn(urn);
  const droplet = kind === 'droplet' ? account.droplets[id] : undefined;
  if (!droplet) return [];
  const volumes = listOf(droplet, 'volume_ids').map((volume) => `do:volume:${volume}`);
  const addresses = Object.values(account.floatingIps).filter((ip) => ip['droplet_id'] === droplet['id']);
  return [...volumes, ...addresses.map((ip) => `do:floatingip:${ip['ip']}`)];
}

/** Both names of a reserved address are one; null: not a URN. */
export function readUrn(given: unknown): string | null {
  if (typeof given !== 'string' || !/^do:[^:]+:.+$/.test(given)) return null;
  return given.replace(/^do:reservedip:/, 'do:floatingip:');
}

export function selfLink(urn: string): string {
  const [, kind, id] = splitUrn(urn);
  return kind in KINDS ? `https://api.digitalocean.com/v2/${KINDS[kind as Kind].path}/${id}` : '';
}

/** With a fraction of as many digits as it has, unlike the other instants. */
export function memberInstant(at: number): string {
  return new Date(at).toISOString().replace(/\.?0*Z$/, 'Z');
}

function splitUrn(urn: string): [string, string, string] {
  const [scheme = '', kind = '', ...id] = urn.split(':');
  return [scheme, kind, id.join(':')];
}
