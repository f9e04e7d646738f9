import type { ProjectMember, WireObject } from '../account.js';
import { goldenDroplet } from './droplets.js';

const OWNER = { owner_uuid: '99525febec065ca37b2ffe4f852fd2b2581895e7', owner_id: 258_992 };

const PROJECTS: readonly {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly purpose: string;
  readonly environment: string;
  readonly isDefault?: boolean;
  readonly members: readonly string[];
}[] = [
  {
    id: '4e1bfbc3-dc3e-41f2-a18f-1b4d7ba71677',
    name: 'sky-ai',
    description: 'What runs Sky AI itself',
    purpose: 'Operational / Developer tooling',
    environment: 'Production',
    isDefault: true,
    members: [
      'droplet:git.sky-ai.com',
      'droplet:mail.sky-ai.com',
      'domain:sky-ai.com',
      'space:skyai-backups',
      'space:skyai-assets',
    ],
  },
  {
    id: '6f2c9a10-7d35-4a58-9e0b-3c1d5e7f9a01',
    name: 'holy-spirit-parish',
    description: 'Parish web site and bulletin',
    purpose: 'Website or blog',
    environment: 'Production',
    members: [
      'droplet:holyspiritbraypark.com',
      'droplet:parish-bulletin',
      'domain:holyspiritbraypark.com',
      'domain:parishbulletin.org.au',
      'domain:braypark-community.org',
      'space:parish-media',
      'space:bulletin-archive',
    ],
  },
  {
    id: '8a4d0b21-1e46-4b69-8f1c-4d2e6f80ab12',
    name: 'studio',
    description: 'The studio demo',
    purpose: 'Web Application',
    environment: 'Staging',
    members: ['droplet:studio-demo', 'domain:skyai-studio.com', 'space:studio-uploads'],
  },
  {
    id: '9b5e1c32-2f57-4c7a-9a2d-5e3f7a91bc23',
    name: 'community-sites',
    description: 'Small sites that are parked here',
    purpose: 'Other: parked sites',
    environment: 'Development',
    members: ['domain:northside-choir.com', 'domain:sandgate-books.com.au', 'space:community-media'],
  },
];

/** The period in which all projects were made; lines of before name none. */
export const PROJECTS_SINCE = '2019-10';

export const defaultProjectName = PROJECTS.find(({ isDefault }) => isDefault)?.name ?? '';

/** Of a droplet that exists; null for others. */
export function projectNameOf(dropletName: string): string | null {
  return PROJECTS.find(({ members }) => members.includes(`droplet:${dropletName}`))?.name ?? null;
}

export const projects: Record<string, { project: WireObject; members: ProjectMember[] }> = {};
for (const { id, name, description, purpose, environment, isDefault, members } of PROJECTS) {
  const project = {
    id,
    ...OWNER,
    name,
    description,
    purpose,
    environment,
    is_default: isDefault ?? false,
    created_at: `${PROJECTS_SINCE}-01T00:00:00Z`,
    updated_at: '2025-11-20T00:00:00Z',
  };
  projects[id] = { project, members: members.map(memberObject) };
}

/** The provider prints fractions of a second of any length, or none. */
function assignedAt(id: string): string {
  const fraction = ['', '.4', '.0352', '.018527', '.7301'][id.length % 5] as string;
  return `2024-03-03T22:06:30${fraction}Z`;
}

function memberObject(reference: string): ProjectMember {
  const [type, name] = reference.split(/:(.*)/s) as [string, string];
  const droplet = goldenDroplet(name);
  const id = type === 'droplet' && droplet ? String(droplet.id) : name;
  const self = {
    droplet: `https://api.digitalocean.com/v2/droplets/${id}`,
    domain: `https://api.digitalocean.com/v2/domains/${id}`,
    space: `https://${id}.syd1.digitaloceanspaces.com`,
  }[type] as string;
  return { urn: `do:${type}:${id}`, assigned_at: assignedAt(id), links: { self }, status: 'ok' };
}
