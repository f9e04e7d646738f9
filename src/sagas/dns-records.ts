import { z } from 'zod';
import type { DigitalOceanClient } from '../integrations/digitalocean/client.js';
import type { DomainRecord } from '../integrations/digitalocean/domains.js';
import { done, failed, type StepResult } from '../services/sagas/step.js';

/** A record as it was before a step changed it. */
export const RecordNotes = z.object({
  id: z.string(),
  type: z.string(),
  name: z.string(),
  data: z.string(),
  ttl: z.int().nullable(),
  priority: z.int().nullable(),
  port: z.int().nullable(),
  weight: z.int().nullable(),
  flags: z.int().nullable(),
  tag: z.string().nullable(),
}) satisfies z.ZodType<DomainRecord>;

/** What a step that sets a record notes before it acts. */
export const UpsertNotes = z.object({
  /** Null: there was none, so that it is made. */
  prior: RecordNotes.nullable(),
});
export type UpsertNotes = z.infer<typeof UpsertNotes>;

export const UpsertOutput = z.object({ recordId: z.string(), recordChange: z.enum(['created', 'updated', 'none']) });
type UpsertOutput = z.infer<typeof UpsertOutput>;

/** What data there is beside `data`, of the types that have more. */
const Extras = z.object({
  priority: z.int().nullish(),
  port: z.int().nullish(),
  weight: z.int().nullish(),
  flags: z.int().nullish(),
  tag: z.string().nullish(),
});
type Extras = z.infer<typeof Extras>;

/** What a record shall be: the inputs of a step that sets one. */
export const DesiredRecord = Extras.extend({
  domain: z.string(),
  type: z.string(),
  name: z.string(),
  data: z.string(),
  ttl: z.int(),
});
export type DesiredRecord = z.infer<typeof DesiredRecord>;

interface Touch {
  readonly wanted: DesiredRecord;
  readonly notes: Partial<UpsertNotes>;
  readonly saveNotes: (more: Partial<UpsertNotes>) => Promise<void>;
  readonly digitalOcean: DigitalOceanClient;
}

/** By type and name: absent is created, the same data is left alone, other data is replaced and the record kept. */
export async function upsertRecord({
  wanted,
  notes,
  saveNotes,
  digitalOcean,
}: Touch): Promise<StepResult<UpsertOutput>> {
  const { records } = digitalOcean.domains;
  const { domain, ...spec } = wanted;
  const found = await records.find(domain, wanted);
  const same = found.find((record) => matchesSpec(record, wanted));
  if (same) {
    const change = notes.prior === undefined ? 'none' : notes.prior === null ? 'created' : 'updated';
    return done({ recordId: same.id, recordChange: change });
  }
  const [prior = null, ...others] = found;
  if (others.length > 0) {
    return failed(
      'permanent',
      `${wanted.name} has ${found.length} ${wanted.type} records; which of them to replace is not for us to say`,
    );
  }
  await saveNotes({ prior });
  if (prior === null) return done({ recordId: (await records.create(domain, spec)).id, recordChange: 'created' });
  const { id } = await records.update(domain, prior.id, {
    ...prior,
    data: spec.data,
    ttl: spec.ttl,
    ...recordValues(spec),
  });
  return done({ recordId: id, recordChange: 'updated' });
}

/** Deletes what was made, puts back what was changed; what somebody else has changed since is left alone. */
export async function restoreRecord({
  wanted,
  notes,
  digitalOcean,
}: Omit<Touch, 'saveNotes'>): Promise<StepResult<unknown>> {
  if (notes.prior === undefined) return done();
  const { records } = digitalOcean.domains;
  const ours = (await records.find(wanted.domain, wanted)).find((record) => matchesSpec(record, wanted));
  if (!ours) return done();
  if (notes.prior === null) await records.delete(wanted.domain, ours.id);
  else if (ours.id === notes.prior.id) await records.update(wanted.domain, ours.id, notes.prior);
  return done();
}

/** The same data, and what else of the record was said; a ttl alone is no other record (spec §3). */
function matchesSpec(record: DomainRecord, wanted: DesiredRecord): boolean {
  const said = Object.entries(recordValues(wanted));
  return hasData(record, wanted) && said.every(([name, value]) => record[name as keyof Extras] === value);
}

function recordValues({ priority, port, weight, flags, tag }: Extras): Partial<DomainRecord> {
  const all = { priority, port, weight, flags, tag };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null && value !== undefined));
}

/** Names of hosts may be given with their final dot, as the provider wants them, and are shown without. */
export function hasData(record: Pick<DomainRecord, 'data'>, { data }: { readonly data: string }): boolean {
  const bare = (text: string) => (text.length > 1 && text.endsWith('.') ? text.slice(0, -1) : text);
  return bare(record.data) === bare(data);
}
