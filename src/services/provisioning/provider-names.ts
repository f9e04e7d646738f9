import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import type { App, Viewer } from '../../context.js';
import { KIND_DEFINITIONS } from '../../core/inventory/resource-kind.js';
import { imageReference } from '../../core/provisioning/droplet-spec.js';
import { query } from '../../database/queries.js';
import { type RowOf, rowShape } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { BadUserInputError } from '../../errors.js';
import { PROVIDER } from '../inventory/provider.js';

type OwnerApp = Pick<App, 'config'>;

const OWN_IMAGES = 'takes the slug of a public image, or the id of a snapshot or backup of yours';

/**
 * Throws BAD_USER_INPUT at `path` for an image that must not boot for `tenantId`. A public slug is anybody's. An id is that
 * of a snapshot or backup in the inventory: a tenant may name only its own; an operator may name any that belongs to
 * the tenant, to nobody or to the company, but not another tenant's.
 */
export async function rejectForeignImage(
  app: OwnerApp,
  db: EntityManager,
  viewer: Viewer,
  tenantId: string,
  image: string,
  path: string,
): Promise<void> {
  const reference = imageReference(image);
  if (reference === 'slug') return;
  if (reference === 'unknown' && !viewer.isOperator) throw BadUserInputError.at(path, OWN_IMAGES);
  const owners = await findImageOwners(db, image, tenantId, app.config.internalProject);
  if (!viewer.isOperator && (owners.length === 0 || !owners.every(({ isTenants }) => isTenants))) {
    throw BadUserInputError.at(path, OWN_IMAGES);
  }
  if (viewer.isOperator && owners.some(({ isTenants, isAnothers }) => isAnothers && !isTenants)) {
    throw BadUserInputError.at(path, `image ${image} belongs to another tenant`);
  }
}

const ImageOwner = rowShape({ isTenants: z.boolean(), isAnothers: z.boolean() });

/**
 * An image is the tenant's if its own row is, or if its row has no deployment and the droplet that it was taken of is
 * the tenant's and was not moved out of another deployment since then.
 */
async function findImageOwners(
  db: EntityManager,
  image: string,
  tenantId: string,
  internalProject: string,
): Promise<RowOf<typeof ImageOwner>[]> {
  return query(db).many(
    ImageOwner,
    sql`/* find-image-owners */ select
       coalesce(image.tenant_id = ${tenantId}, false)
         or coalesce(image.deployment_id is null and source.tenant_id = ${tenantId} and not source.moved, false) as "isTenants",
       coalesce(image.tenant_id <> ${tenantId} and image_project.name is distinct from ${internalProject}, false)
         or coalesce(source.tenant_id <> ${tenantId} and source.project is distinct from ${internalProject}, false)
         or coalesce(source.moved, false) as "isAnothers"
     from cloud_resources image
     left join cloud_projects image_project on image_project.id = image.cloud_project_id
     left join lateral (
       select droplet.tenant_id, project.name as project, exists (
           select from cloud_resource_events event
           where event.resource_id = droplet.id and event.changes #>> '{deploymentId,from}' is not null
             and coalesce(to_char(event.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
               >= image.attrs ->> 'created_at', true)) as moved
       from cloud_resources droplet left join cloud_projects project on project.id = droplet.cloud_project_id
       where droplet.provider = ${PROVIDER} and droplet.kind = 'droplet'
         and droplet.provider_kind = ${KIND_DEFINITIONS.droplet.providerKind}
         and droplet.provider_id = coalesce(image.attrs ->> 'resource_id', image.attrs ->> 'droplet_id')
     ) source on true
     where image.provider = ${PROVIDER} and image.provider_id = ${image} and image.deleted_at is null
       and ((image.kind = 'snapshot' and image.provider_kind = ${KIND_DEFINITIONS.snapshot.providerKind}
           and image.attrs ->> 'resource_type' = 'droplet')
         or (image.kind = 'droplet_backup' and image.provider_kind = ${KIND_DEFINITIONS.droplet_backup.providerKind}))`,
  );
}

const ZoneOwner = rowShape({ tenantId: z.string().nullable(), isInternal: z.boolean() });

/**
 * Throws BAD_USER_INPUT at `path` for a domain that must not be changed for `tenantId`: a tenant may name only its own
 * zones, an operator any but another tenant's.
 */
export async function rejectForeignDomain(
  app: OwnerApp,
  db: EntityManager,
  viewer: Viewer,
  tenantId: string,
  domain: string,
  path: string,
): Promise<void> {
  const zone = await query(db).maybeOne(
    ZoneOwner,
    sql`/* find-zone-owner */ select zone.tenant_id as "tenantId",
       coalesce(project.name = ${app.config.internalProject}, false) as "isInternal"
     from cloud_resources zone left join cloud_projects project on project.id = zone.cloud_project_id
     where zone.provider = ${PROVIDER} and zone.kind = 'dns_zone' and zone.provider_kind = ${KIND_DEFINITIONS.dns_zone.providerKind}
       and zone.provider_id = ${domain} and zone.deleted_at is null`,
  );
  if (zone?.tenantId === tenantId) return;
  if (!viewer.isOperator) throw BadUserInputError.at(path, 'takes a domain of yours');
  if (zone && zone.tenantId !== null && !zone.isInternal) {
    throw BadUserInputError.at(path, `${domain} belongs to another tenant`);
  }
}
