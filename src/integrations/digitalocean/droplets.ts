import { z } from 'zod';
import { Action, ActionAnswer } from './actions.js';
import { unexpectedResponse } from './failures.js';
import { ignoreNotFound } from './not-found.js';
import type { Page, Pages } from './paging.js';
import { route } from './route.js';
import { Id, list, optional, RegionRef } from './schema-parts.js';
import { DropletImage } from './snapshots.js';
import type { CallOptions, Transport } from './transport.js';

const Address = z.object({
  ip_address: z.string(),
  /** `public` or `private`. */
  type: z.string(),
});

/** A token without all read scopes gets `image`, `vpc_uuid`, `tags` and the id lists blank instead of an error. */
export const Droplet = z.object({
  id: Id,
  name: z.string(),
  /** `new`, `active`, `off`, `archive`. */
  status: z.string(),
  created_at: z.string(),
  size_slug: z.string(),
  vcpus: z.int(),
  /** MiB. */
  memory: z.int(),
  /** GB. */
  disk: z.int(),
  region: RegionRef,
  image: optional(
    z.object({
      id: optional(Id),
      name: optional(z.string()),
      slug: optional(z.string()),
      distribution: optional(z.string()),
    }),
  ),
  networks: z.object({ v4: list(Address), v6: list(Address) }),
  features: list(z.string()),
  tags: list(z.string()),
  volume_ids: list(Id),
  snapshot_ids: list(Id),
  backup_ids: list(Id),
  vpc_uuid: optional(z.string()),
});
export type Droplet = z.infer<typeof Droplet>;

/** A droplet just made, with the action that makes it: `errored` there means that it will never be. */
export type CreatedDroplet = Droplet & { readonly createActionId: string | null };

export interface CreateDropletRequest {
  readonly name: string;
  readonly region: string;
  readonly size: string;
  /** A slug, or an image's id in digits. */
  readonly image: string;
  readonly tags: readonly string[];
  /** Ids in digits, or fingerprints. */
  readonly sshKeys?: readonly string[];
  readonly backups?: boolean;
  readonly ipv6?: boolean;
  readonly monitoring?: boolean;
  readonly vpcUuid?: string;
  readonly userData?: string;
}

export type DropletAction =
  | { readonly type: 'power_on' | 'power_off' | 'shutdown' | 'reboot' | 'power_cycle' | 'disable_backups' }
  | { readonly type: 'enable_backups' }
  | { readonly type: 'snapshot'; readonly name: string }
  | { readonly type: 'rename'; readonly name: string }
  /** `disk: true` cannot be undone. */
  | { readonly type: 'resize'; readonly size: string; readonly disk: boolean };

const DropletAnswer = z.object({ droplet: Droplet });
const CreateAnswer = z.object({
  droplet: Droplet,
  links: z.object({ actions: list(z.object({ id: Id, rel: z.string() })) }).nullish(),
});

/** The first public IPv4, null while there is none; it can come after `active`, and its place in the list is not fixed. */
export function publicIpv4(droplet: Pick<Droplet, 'networks'>): string | null {
  return droplet.networks.v4.find((address) => address.type === 'public')?.ip_address ?? null;
}

export function createDroplets(transport: Transport, pages: Pages) {
  return {
    /** The plain list leaves GPU droplets out: `{ type: 'gpus' }` lists those, and only those. */
    pages(
      query: { type?: 'droplets' | 'gpus'; name?: string } = {},
      options?: CallOptions,
    ): AsyncIterable<Page<Droplet>> {
      return pages('/v2/droplets', 'droplets', Droplet, query, options);
    },

    async get(id: string, { signal }: CallOptions = {}): Promise<Droplet> {
      const call = { method: 'GET', route: route`/v2/droplets/${id}`, signal } as const;
      return (await transport.json(call, DropletAnswer)).droplet;
    },

    /**
     * All droplets that bear the tag. Callers adopt and destroy what this answers, so an answer that does not show
     * the tag (a filter that was ignored, a token that may not read tags) is an error, not a droplet.
     */
    async findByTag(tag: string, options?: CallOptions): Promise<Droplet[]> {
      if (tag === '') throw new RangeError('an empty tag would find every droplet');
      const found = new Map<string, Droplet>();
      for await (const { items } of pages('/v2/droplets', 'droplets', Droplet, { tag_name: tag }, options)) {
        for (const droplet of items) {
          if (!droplet.tags.some((each) => each.toLowerCase() === tag.toLowerCase())) {
            const answer = { endpoint: 'GET /v2/droplets', status: 200, headers: new Headers() };
            throw unexpectedResponse(answer, 'droplets.tags', `droplet ${droplet.id} does not show the tag ${tag}`);
          }
          found.set(droplet.id, droplet);
        }
      }
      return [...found.values()];
    },

    /** Never sent twice: after a lost answer look for it by tag. */
    async create(spec: CreateDropletRequest, { signal }: CallOptions = {}): Promise<CreatedDroplet> {
      const body = {
        name: spec.name,
        region: spec.region,
        size: spec.size,
        image: numberIfDigits(spec.image),
        tags: spec.tags,
        ssh_keys: spec.sshKeys?.map(numberIfDigits),
        backups: spec.backups,
        ipv6: spec.ipv6,
        monitoring: spec.monitoring,
        vpc_uuid: spec.vpcUuid,
        user_data: spec.userData,
      };
      const call = { method: 'POST', route: route`/v2/droplets`, body, signal } as const;
      const { droplet, links } = await transport.json(call, CreateAnswer);
      const made = links?.actions.find((action) => action.rel === 'create');
      return { ...droplet, createActionId: made?.id ?? null };
    },

    /** Already gone is success. */
    async destroy(id: string, { signal }: CallOptions = {}): Promise<void> {
      await ignoreNotFound(transport.done({ method: 'DELETE', route: route`/v2/droplets/${id}`, signal }));
    },

    /** Never sent twice; one at a time a droplet, else a retryable ProviderError (422, pending event). */
    async action(id: string, action: DropletAction, { signal }: CallOptions = {}): Promise<Action> {
      const call = { method: 'POST', route: route`/v2/droplets/${id}/actions`, body: action, signal } as const;
      return (await transport.json(call, ActionAnswer)).action;
    },

    /** Its history, newest first. */
    actions(id: string, options?: CallOptions): AsyncIterable<Page<Action>> {
      return pages(route`/v2/droplets/${id}/actions`, 'actions', Action, {}, options);
    },

    /** Backups are listed beneath their droplet alone. */
    backups(id: string, options?: CallOptions): AsyncIterable<Page<DropletImage>> {
      return pages(route`/v2/droplets/${id}/backups`, 'backups', DropletImage, {}, options);
    },

    snapshots(id: string, options?: CallOptions): AsyncIterable<Page<DropletImage>> {
      return pages(route`/v2/droplets/${id}/snapshots`, 'snapshots', DropletImage, {}, options);
    },
  };
}

function numberIfDigits(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text;
}
