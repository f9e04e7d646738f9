import { randomUUID } from 'node:crypto';
import type { Account, ProjectMember, WireObject } from '../account.js';
import { badRequest, created, noContent, notFound, ok, Refusal, unprocessable } from '../answers.js';
import { listed } from '../paging.js';
import type { Call, Routes } from '../router.js';
import { instant } from '../settle.js';

const STOCK_PURPOSES = new Set([
  'Just trying out DigitalOcean',
  'Class project / Educational purposes',
  'Website or blog',
  'Web Application',
  'Service or API',
  'Mobile Application',
  'Machine learning / AI / Data processing',
  'IoT',
  'Operational / Developer tooling',
]);

export const projects: Routes = {
  'GET /v2/projects': (call) =>
    listed(
      call,
      'projects',
      Object.values(call.account.projects).map(({ project }) => project),
    ),
  'POST /v2/projects': ({ account, body, now }) => {
    const { name, purpose } = body;
    if (typeof name !== 'string' || name === '' || name.length > 175) throw unprocessable('name is required');
    if (typeof purpose !== 'string' || purpose === '') throw unprocessable('purpose is required');
    if (Object.values(account.projects).some(({ project }) => project['name'] === name)) {
      throw new Refusal(409, 'conflict', 'a project with this name already exists');
    }
    const id = randomUUID();
    const project = {
      id,
      owner_uuid: '99525febec065ca37b2ffe4f852fd2b2581895e7',
      owner_id: 258_992,
      name,
      description: String(body['description'] ?? ''),
      purpose: STOCK_PURPOSES.has(purpose) ? purpose : `Other: ${purpose}`,
      environment: environmentOf(body['environment']),
      is_default: false,
      created_at: instant(now),
      updated_at: instant(now),
    };
    account.projects[id] = { project, members: [] };
    return created({ project });
  },
  'GET /v2/projects/:id': (call) => ok({ project: projectOf(call).project }),
  'PATCH /v2/projects/:id': (call) => {
    const { project } = projectOf(call);
    const { name, description, purpose, environment } = call.body;
    const changed = {
      name,
      description,
      purpose,
      environment: environment === undefined ? undefined : environmentOf(environment),
    };
    for (const [key, value] of Object.entries(changed)) if (value !== undefined) project[key] = value;
    project['updated_at'] = instant(call.now);
    return ok({ project });
  },
  'DELETE /v2/projects/:id': (call) => {
    if (projectOf(call).members.length > 0) {
      throw new Refusal(
        412,
        'precondition_failed',
        'cannot delete a project with resources. move or remove the resources first',
      );
    }
    delete call.account.projects[call.params['id'] as string];
    return noContent;
  },
  'GET /v2/projects/:id/resources': (call) => listed(call, 'resources', projectOf(call).members),
  'POST /v2/projects/:id/resources': (call) => {
    const target = projectOf(call);
    const urns = call.body['resources'];
    if (!Array.isArray(urns)) throw badRequest('resources is required');
    return ok({ resources: urns.map((urn) => assign(call.account, target.members, urn, instant(call.now))) });
  },
};

function projectOf({ account, params }: Call): { project: WireObject; members: ProjectMember[] } {
  const id = params['id'] as string;
  const found =
    id === 'default'
      ? Object.values(account.projects).find(({ project }) => project['is_default'])
      : account.projects[id];
  if (!found) throw notFound();
  return found;
}

function environmentOf(given: unknown): string {
  const known = ['Development', 'Staging', 'Production'];
  return known.find((each) => each.toLowerCase() === String(given).toLowerCase()) ?? 'Development';
}

function assign(account: Account, members: ProjectMember[], urn: unknown, at: string): ProjectMember {
  if (typeof urn !== 'string' || !/^do:[^:]+:.+$/.test(urn)) {
    throw badRequest('resource objects must have an urn in the following format: do:resource_type:resource_id');
  }
  if (members.some((member) => member.urn === urn))
    return { urn, assigned_at: at, links: { self: '' }, status: 'already_assigned' };
  let links = { self: '' };
  for (const { members: others } of Object.values(account.projects)) {
    const index = others.findIndex((member) => member.urn === urn);
    if (index < 0) continue;
    links = (others[index] as ProjectMember).links;
    others.splice(index, 1);
  }
  members.push({ urn, assigned_at: at, links, status: 'ok' });
  return { urn, assigned_at: at, links, status: 'assigned' };
}
