import { randomUUID } from 'node:crypto';
import type { Account, WireObject } from '../account.js';
import { ApiError, badRequest, created, noContent, notFound, ok, unprocessable } from '../answers.js';
import { instant } from '../apply-due-changes.js';
import { listed } from '../paging.js';
import type { Call, Routes } from '../router.js';
import { assignMembers } from './project-members.js';

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
const ENVIRONMENTS = ['Development', 'Staging', 'Production'];
/** The most characters of each text. */
const MAX_LENGTH = { name: 175, description: 255, purpose: 255 };

export const projects: Routes = {
  'GET /v2/projects': (call) => {
    const all = Object.values(call.account.projects).map(({ project }) => project);
    return listed(call, 'projects', all);
  },
  'POST /v2/projects': (call) => {
    const { account, body, now } = call;
    for (const field of ['name', 'purpose']) if (body[field] === undefined) throw unprocessable(`${field} is required`);
    const fields = readFields(account, body, null);
    const id = randomUUID();
    const project = {
      id,
      owner_uuid: '99525febec065ca37b2ffe4f852fd2b2581895e7',
      owner_id: 258_992,
      description: '',
      environment: 'Development',
      ...fields,
      is_default: false,
      created_at: instant(now),
      updated_at: instant(now),
    };
    account.projects[id] = { project, members: [] };
    return created({ project });
  },
  'GET /v2/projects/:id': (call) => ok({ project: projectOf(call).project }),
  'PUT /v2/projects/:id': (call) => {
    for (const field of ['name', 'description', 'purpose', 'environment', 'is_default'])
      if (call.body[field] === undefined) throw unprocessable(`${field} is required`);
    return change(call);
  },
  'PATCH /v2/projects/:id': change,
  'DELETE /v2/projects/:id': (call) => {
    const { project, members } = projectOf(call);
    if (project['is_default']) throw new ApiError(412, 'precondition_failed', 'cannot delete the default project');
    if (members.length > 0) {
      const message = 'cannot delete a project with resources. move or remove the resources first';
      throw new ApiError(412, 'precondition_failed', message);
    }
    delete call.account.projects[String(project['id'])];
    return noContent;
  },
  'GET /v2/projects/:id/resources': (call) => listed(call, 'resources', projectOf(call).members),
  'POST /v2/projects/:id/resources': (call) => {
    const target = projectOf(call);
    const urns = call.body['resources'];
    if (!Array.isArray(urns)) throw badRequest('resources is required');
    return ok({ resources: assignMembers(call.account, target.members, urns, call.now) });
  },
};

function projectOf({ account, params }: Call): Account['projects'][string] {
  const id = params['id'] as string;
  const found =
    id === 'default'
      ? Object.values(account.projects).find(({ project }) => project['is_default'])
      : account.projects[id];
  if (!found) throw notFound();
  return found;
}

function change(call: Call) {
  const { account, body, now } = call;
  const { project } = projectOf(call);
  const fields = readFields(account, body, project);
  if (body['is_default'] === true) {
    for (const { project: other } of Object.values(account.projects)) other['is_default'] = other === project;
  }
  Object.assign(project, fields, { updated_at: instant(now) });
  return ok({ project });
}

/** What the body says of a project, as it is kept. */
function readFields(account: Account, body: WireObject, own: WireObject | null): WireObject {
  const fields: WireObject = {};
  for (const [field, longest] of Object.entries(MAX_LENGTH)) {
    const value = body[field];
    if (value === undefined) continue;
    const isShort = field === 'description' || value !== '';
    if (typeof value !== 'string' || value.length > longest || !isShort)
      throw unprocessable(`${field} must be a text of at most ${longest} characters`);
    fields[field] = field === 'purpose' && !STOCK_PURPOSES.has(value) ? otherPurpose(value) : value;
  }
  const isTaken = Object.values(account.projects).some(
    ({ project }) => project !== own && project['name'] === fields['name'],
  );
  if (isTaken) throw new ApiError(409, 'conflict', 'a project with this name already exists');
  if (body['environment'] === undefined) return fields;
  const wanted = String(body['environment']).toLowerCase();
  const environment = ENVIRONMENTS.find((each) => each.toLowerCase() === wanted);
  if (!environment) throw unprocessable(`environment must be one of ${ENVIRONMENTS.join(', ')}`);
  return { ...fields, environment };
}

function otherPurpose(purpose: string): string {
  return purpose.startsWith('Other: ') ? purpose : `Other: ${purpose}`;
}
