import type { EntityManager } from 'typeorm';
import { query } from '../../database/queries.js';
import { rowOf } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { SagaRun } from '../../entities/saga-run.js';
import { ConflictError } from '../../errors.js';

/** What names a DNS record. */
export interface RecordKey {
  readonly domain: string;
  readonly type: string;
  readonly name: string;
}

const OwnerRow = rowOf(SagaRun, ['id', 'kind']);

/**
 * Locks a DNS record for a saga that was just stored, so that two are never started for it at once. Throws CONFLICT if
 * another saga is changing the record: by its inputs, by those of one of its steps, or as the deployment's address.
 */
export async function claimRecord(db: EntityManager, { domain, type, name }: RecordKey, sagaId: string): Promise<void> {
  await query(db).execute(
    sql`/* lock-dns-record */ select pg_advisory_xact_lock(hashtext('dns_records'), hashtext(${`${domain} ${type} ${name}`}))`,
  );
  const key = JSON.stringify({ domain, type, name });
  const deploymentKey = JSON.stringify({ dns: { domain, name } });
  const stepKey = JSON.stringify([{ inputs: { domain, type, name } }]);
  const owner = await query(db).maybeOne(
    OwnerRow,
    sql`/* find-owning-saga-of-record */ select ${OwnerRow.columns('run')} from saga_runs run
      where run.finished_at is null and run.id <> ${sagaId} and (run.inputs @> ${key}::jsonb
        or (${type === 'A'} and run.inputs @> ${deploymentKey}::jsonb)
        or run.steps @> ${stepKey}::jsonb)
      limit 1`,
  );
  if (owner) throw new ConflictError(`A saga is at work on this record: ${owner.id} (${owner.kind}).`);
}
