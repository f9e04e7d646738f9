import { z } from 'zod';
import { ignoreNotFound } from './not-found.js';
import type { Page, Pages } from './paging.js';
import { fromProviderData, fullName, relativeName, toProviderData } from './record-form.js';
import { route } from './route.js';
import { Id, optional } from './schema-parts.js';
import type { CallOptions, Transport } from './transport.js';

/** A zone; its name is its id. */
export const Domain = z.object({
  name: z.string(),
  ttl: optional(z.int()),
});
export type Domain = z.infer<typeof Domain>;

const RawRecord = z.object({
  id: Id,
  type: z.string(),
  name: z.string(),
  data: z.string(),
  ttl: optional(z.int()),
  priority: optional(z.int()),
  port: optional(z.int()),
  weight: optional(z.int()),
  flags: optional(z.int()),
  tag: optional(z.string()),
});

/** `name` is relative to its zone, `@` the zone itself; `data` has no final dot. */
export type DomainRecord = z.infer<typeof RawRecord>;

/** What a record shall be. Final dots and full names are taken too. */
export interface DnsRecordRequest {
  readonly type: string;
  readonly name: string;
  readonly data: string;
  readonly ttl?: number | null;
  readonly priority?: number | null;
  readonly port?: number | null;
  readonly weight?: number | null;
  readonly flags?: number | null;
  readonly tag?: string | null;
}

export function createDomains(transport: Transport, pages: Pages) {
  return {
    pages(options?: CallOptions): AsyncIterable<Page<Domain>> {
      return pages('/v2/domains', 'domains', Domain, {}, options);
    },

    async get(zone: string, { signal }: CallOptions = {}): Promise<Domain> {
      const call = { method: 'GET', route: zoneRoute(zone), signal } as const;
      return (await transport.json(call, z.object({ domain: Domain }))).domain;
    },

    records: createRecords(transport, pages),
  };
}

function createRecords(transport: Transport, pages: Pages) {
  async function* listed(zone: string, query: Record<string, string>, options?: CallOptions) {
    yield* pages(route`/v2/domains/${bareZone(zone)}/records`, 'domain_records', recordOf(zone), query, options);
  }

  return {
    pages(zone: string, options?: CallOptions): AsyncIterable<Page<DomainRecord>> {
      return listed(zone, {}, options);
    },

    /** All records of that type and name; a name can have several. */
    async find(zone: string, { type, name }: Pick<DnsRecordRequest, 'type' | 'name'>, options?: CallOptions) {
      const found = new Map<string, DomainRecord>();
      for await (const { items } of listed(zone, { type, name: fullName(zone, name) }, options)) {
        for (const record of items) {
          if (record.type === type && record.name === relativeName(zone, name)) found.set(record.id, record);
        }
      }
      return [...found.values()];
    },

    /** Never sent twice: after a lost answer look for it by type and name. */
    async create(zone: string, record: DnsRecordRequest, { signal }: CallOptions = {}): Promise<DomainRecord> {
      const where = route`/v2/domains/${bareZone(zone)}/records`;
      const call = { method: 'POST', route: where, body: recordBody(zone, record), signal } as const;
      return (await transport.json(call, recordAnswer(zone))).domain_record;
    },

    /** The whole record anew: a ttl alone cannot be changed without its data. */
    async update(
      zone: string,
      id: string,
      record: DnsRecordRequest,
      { signal }: CallOptions = {},
    ): Promise<DomainRecord> {
      const call = { method: 'PUT', route: recordRoute(zone, id), body: recordBody(zone, record), signal } as const;
      return (await transport.json(call, recordAnswer(zone))).domain_record;
    },

    /** Already gone is success. */
    async delete(zone: string, id: string, { signal }: CallOptions = {}): Promise<void> {
      await ignoreNotFound(transport.done({ method: 'DELETE', route: recordRoute(zone, id), signal }));
    },
  };
}

/** A final dot in the path answers 404. */
function bareZone(zone: string): string {
  return fullName(zone, '@');
}

function zoneRoute(zone: string) {
  return route`/v2/domains/${bareZone(zone)}`;
}

function recordRoute(zone: string, id: string) {
  return route`/v2/domains/${bareZone(zone)}/records/${id}`;
}

function recordOf(zone: string): z.ZodType<DomainRecord> {
  return RawRecord.transform((raw) => ({ ...raw, name: relativeName(zone, raw.name), data: fromProviderData(raw) }));
}

function recordAnswer(zone: string) {
  return z.object({ domain_record: recordOf(zone) });
}

function recordBody(zone: string, record: DnsRecordRequest) {
  const { type, ttl, priority, port, weight, flags, tag } = record;
  const all = { ttl, priority, port, weight, flags, tag };
  const said = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null && value !== undefined));
  return { type, name: relativeName(zone, record.name), data: toProviderData(record), ...said };
}
