import type { App, Viewer } from '../../context.js';
import { query } from '../../database/queries.js';
import { rowOf } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { AuditEntry } from '../../entities/audit-entry.js';
import { auditedInputs } from './audited-inputs.js';

/** Entries of rejected calls in an hour, for each caller, mutation and error code; further calls are only counted. */
const MAX_REJECTED_ENTRIES = 20;
/** Characters of the inputs in the entry of a rejected call. */
const MAX_REJECTED_INPUT = 1_000;

const EntryId = rowOf(AuditEntry, ['id']);

/** Records that a mutation begins and returns the entry's id. The entry stays if the process dies before the mutation ends. */
export async function openAuditEntry(
  app: Pick<App, 'db' | 'clock'>,
  { subject, tenantId, roles }: Viewer,
  requestId: string,
  mutation: string,
  inputs: Record<string, unknown>,
): Promise<string> {
  const { id } = await query(app.db).one(
    EntryId,
    sql`/* open-audit-entry */
      insert into audit_entries (at, subject, tenant_id, roles, mutation, inputs, request_id)
      values (${app.clock()}, ${subject}, ${tenantId}, ${roles}, ${mutation}, ${auditedInputs(inputs)}, ${requestId})
      returning id`,
  );
  return id;
}

/** Records that the mutation succeeded. */
export async function closeAuditEntry(app: Pick<App, 'db' | 'clock'>, id: string): Promise<void> {
  await query(app.db).execute(sql`/* close-audit-entry */
    update audit_entries set outcome = 'OK', finished_at = ${app.clock()} where id = ${id}`);
}

/**
 * Records that the mutation ended with an error code. Every such call is counted. Only the first calls of an hour keep
 * their entry, with shortened inputs, so that a caller who sends bad input for hours does not fill the table.
 */
export async function finishRejected(app: Pick<App, 'db' | 'clock'>, id: string, outcome: string): Promise<void> {
  const now = sql`${app.clock()}::timestamptz`;
  await query(app.db).execute(sql`/* finish-rejected-audit-entry */
    with counted as (
      insert into audit_rejections (hour, subject, tenant_id, mutation, outcome, count, last_at)
      select date_trunc('hour', ${now}), subject, tenant_id, mutation, ${outcome}, 1, ${now}
      from audit_entries where id = ${id}
      on conflict (hour, subject, tenant_id, mutation, outcome)
        do update set count = audit_rejections.count + 1, last_at = excluded.last_at
      returning count
    ), shortened as (
      update audit_entries set outcome = ${outcome}, finished_at = ${now},
        inputs = case when length(inputs::text) <= ${MAX_REJECTED_INPUT} then inputs
          else jsonb_build_object('cut', left(inputs::text, ${MAX_REJECTED_INPUT}), 'characters', length(inputs::text)) end
      where id = ${id} and (select count from counted) <= ${MAX_REJECTED_ENTRIES}
    )
    delete from audit_entries where id = ${id} and (select count from counted) > ${MAX_REJECTED_ENTRIES}`);
}
