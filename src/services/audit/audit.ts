import type { App, Viewer } from '../../context.js';
import { auditedInputs } from './audited-inputs.js';

/** Rejected calls of one caller, mutation and error code that keep an entry within an hour; more are only counted. */
const MAX_REJECTIONS_KEPT = 20;
/** Characters of the inputs that the entry of a rejected call keeps. */
const MAX_REJECTED_INPUT = 1_000;

/** Records that a mutation begins; the entry stands even if the process dies in the middle. Answers the entry's id. */
export async function openAuditEntry(
  app: Pick<App, 'db' | 'clock'>,
  viewer: Viewer,
  requestId: string,
  mutation: string,
  inputs: Record<string, unknown>,
): Promise<string> {
  const [entry]: [{ id: string }] = await app.db.query(
    `insert into audit_entries (at, subject, tenant_id, roles, mutation, inputs, request_id)
     values ($1, $2, $3, $4, $5, $6, $7) returning id`,
    [app.clock(), viewer.subject, viewer.tenantId, viewer.roles, mutation, auditedInputs(inputs), requestId],
  );
  return entry.id;
}

/** The mutation did what it was asked to. */
export async function closeAuditEntry(app: Pick<App, 'db' | 'clock'>, id: string): Promise<void> {
  await app.db.query(`update audit_entries set outcome = 'OK', finished_at = $2 where id = $1`, [id, app.clock()]);
}

/**
 * The mutation ended with an error code. Every such call is counted; the first of an hour keep their entries, with little
 * of their inputs, so that a caller who sends bad input for hours fills nothing.
 */
export async function finishRejected(app: Pick<App, 'db' | 'clock'>, id: string, outcome: string): Promise<void> {
  await app.db.query(
    `with counted as (
       insert into audit_rejections (hour, subject, tenant_id, mutation, outcome, count, last_at)
       select date_trunc('hour', $3::timestamptz), subject, tenant_id, mutation, $2, 1, $3
       from audit_entries where id = $1
       on conflict (hour, subject, tenant_id, mutation, outcome)
         do update set count = audit_rejections.count + 1, last_at = excluded.last_at
       returning count
     ), kept as (
       update audit_entries set outcome = $2, finished_at = $3,
         inputs = case when length(inputs::text) <= $5 then inputs
           else jsonb_build_object('cut', left(inputs::text, $5), 'characters', length(inputs::text)) end
       where id = $1 and (select count from counted) <= $4
     )
     delete from audit_entries where id = $1 and (select count from counted) > $4`,
    [id, outcome, app.clock(), MAX_REJECTIONS_KEPT, MAX_REJECTED_INPUT],
  );
}
