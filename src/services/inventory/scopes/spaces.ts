import { KIND_DEFINITIONS } from '../../../core/inventory/resource-kind.js';
import { query } from '../../../database/queries.js';
import { rowOf } from '../../../database/row-shape.js';
import { sql } from '../../../database/sql.js';
import { BucketMeasurement } from '../../../entities/bucket-measurement.js';
import type { SpacesClient } from '../../../integrations/spaces/client.js';
import type { SyncContext, SyncScopeDefinition } from '../sync-scope.js';

/** Requests for objects, of 1,000 each, that one run sends in all and for one bucket; the rest waits for the next run. */
const MAX_PAGES_PER_RUN = 5_000;
const MAX_PAGES_PER_BUCKET = 200;
const BucketName = rowOf(BucketMeasurement, ['bucket']);
const Progress = rowOf(BucketMeasurement, ['objects', 'bytes', 'afterKey']);
/** What the provider bills storage in. */
const BYTES_PER_GB = 2 ** 30;

/**
 * Sizes and object counts of the buckets in the regions that there are keys for. Buckets come and go with their projects, which
 * name all of them, so none is struck here. A bucket shows its last whole sum while a longer one is under way.
 */
export const spaces: SyncScopeDefinition = {
  queue: 'cloud_sync_slow',
  ages: [],
  async *pages(_digitalOcean, signal, { app }) {
    let pagesLeft = MAX_PAGES_PER_RUN;
    for (const client of app.spaces) {
      const names = await client.buckets(signal);
      for (const bucket of await leastRecentFirst(app, client.region, names)) {
        const list = `spaces/${client.region}/${bucket}`;
        const sum = await measure(app, client, bucket, Math.min(MAX_PAGES_PER_BUCKET, pagesLeft), signal);
        pagesLeft -= sum.pages;
        const resource = {
          kind: 'spaces_bucket' as const,
          providerKind: KIND_DEFINITIONS.spaces_bucket.providerKind,
          providerId: bucket,
          name: bucket,
          status: null,
          region: client.region,
          tags: [],
          attrs: sum.isWhole ? { size_gigabytes: toGigabytes(sum.bytes), object_count: Number(sum.objects) } : {},
          isPart: true,
        };
        yield {
          list,
          resources: [resource],
          total: null,
          ...(sum.isWhole ? {} : { gap: `${list}: ${sum.objects} objects summed so far; the next run continues` }),
        };
      }
    }
  },
};

type MeasureApp = Pick<SyncContext['app'], 'db' | 'clock'>;

/** Buckets in the order of their last measurement, never measured ones first, so that none waits behind larger ones for ever. */
async function leastRecentFirst(app: MeasureApp, region: string, names: readonly string[]): Promise<string[]> {
  const known = await query(app.db).many(
    BucketName,
    sql`/* order-buckets */ select wanted.bucket from unnest(${names}::text[]) as wanted(bucket)
     left join bucket_measurements known on known.region = ${region} and known.bucket = wanted.bucket
     order by known.measured_at nulls first, wanted.bucket`,
  );
  return known.map(({ bucket }) => bucket);
}

interface Sum {
  readonly objects: bigint;
  readonly bytes: bigint;
  readonly isWhole: boolean;
  readonly pages: number;
}

/** Resumes where the run before stopped. If the bucket changes meanwhile, each key counts as it was when it was read. */
async function measure(
  app: MeasureApp,
  client: SpacesClient,
  bucket: string,
  maxPages: number,
  signal: AbortSignal,
): Promise<Sum> {
  const begun = await query(app.db).maybeOne(
    Progress,
    sql`/* find-bucket-measurement */ select ${Progress.columns('measurement')} from bucket_measurements measurement
     where region = ${client.region} and bucket = ${bucket} and after_key is not null`,
  );
  let [objects, bytes, afterKey] = [BigInt(begun?.objects ?? 0), BigInt(begun?.bytes ?? 0), begun?.afterKey ?? null];
  let [pages, isWhole] = [0, false];
  while (pages < maxPages && !isWhole) {
    const page = await client.objects(bucket, afterKey, signal);
    pages += 1;
    objects += BigInt(page.objects);
    bytes += page.bytes;
    afterKey = page.lastKey;
    isWhole = afterKey === null;
  }
  await query(
    app.db,
  ).execute(sql`/* save-bucket-measurement */ insert into bucket_measurements (region, bucket, after_key, objects, bytes, measured_at) values (${client.region}, ${bucket}, ${afterKey}, ${String(objects)}, ${String(bytes)}, ${isWhole ? app.clock() : null})
     on conflict (region, bucket) do update set after_key = excluded.after_key, objects = excluded.objects,
       bytes = excluded.bytes, measured_at = coalesce(excluded.measured_at, bucket_measurements.measured_at)`);
  return { objects, bytes, isWhole, pages };
}

/** To the thousandth, about a megabyte: smaller changes are no event. */
function toGigabytes(bytes: bigint): number {
  return Math.round((Number(bytes) / BYTES_PER_GB) * 1_000) / 1_000;
}
