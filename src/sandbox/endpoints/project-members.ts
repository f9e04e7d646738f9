import type { Account, ProjectMember } from '../account.js';
import { ApiError, badRequest } from '../answers.js';
import {
  companionsOf,
  isThere,
  joinDefault,
  leaveProject,
  memberInstant,
  projectIdOf,
  readUrn,
  selfLink,
} from '../membership.js';

/** Moves each into the project, with what belongs to it; answers what became of each. All of them are URNs, or none moves. */
export function assignMembers(
  account: Account,
  members: ProjectMember[],
  given: readonly unknown[],
  now: number,
): ProjectMember[] {
  const urns = given.map((each) => {
    const urn = readUrn(each);
    if (urn === null) {
      const form = 'do:resource_type:resource_id';
      throw badRequest(`resource objects must have an urn in the following format: ${form}`);
    }
    return urn;
  });
  for (const urn of urns) rejectAttachedAddress(account, members, urn);
  return urns.map((urn) => {
    const known = members.find((member) => member.urn === urn);
    if (known) return { ...known, status: 'already_assigned' };
    const assignedAt = memberInstant(now);
    if (!isThere(account, urn)) {
      return { urn, assigned_at: assignedAt, links: { self: selfLink(urn) }, status: 'not_found' };
    }
    for (const each of [urn, ...companionsOf(account, urn)]) {
      if (projectIdOf(account, each) === undefined) joinDefault(account, each, now);
      const membership = leaveProject(account, each);
      if (membership) members.push({ ...membership, assigned_at: assignedAt, status: 'ok' });
    }
    const moved = members.find((member) => member.urn === urn) as ProjectMember;
    return { ...moved, status: 'assigned' };
  });
}

function rejectAttachedAddress(account: Account, members: readonly ProjectMember[], urn: string): void {
  const [, kind, ip = ''] = urn.split(':');
  const dropletId = kind === 'floatingip' ? account.floatingIps[ip]?.['droplet_id'] : null;
  if (typeof dropletId !== 'number' || members.some((member) => member.urn === urn)) return;
  const message = 'Cannot move a Reserved IP with an associated Droplet. Move the Droplet instead';
  throw new ApiError(412, 'precondition_failed', message);
}
