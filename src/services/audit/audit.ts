import type { App, Viewer } from '../../context.js';

/** A list longer than this is recorded as its length: the rows that it made tell the rest. */
const MAX_LISTED = 100;
const MAX_TEXT = 2_000;
const SECRET = /token|secret|password|authorization|private_?key/i;

/** Records that a mutation begins; the entry stands even if the process dies in the middle. Answers the entry's id. */
export async function beginAudit(
  app: Pick<App, 'db' | 'clock'>,
  viewer: Viewer,
  requestId: string,
  mutation: string,
  inputs: Record<string, unknown>,
): Promise<string> {
  const [entry]: [{ id: string }] = await app.db.query(
    `insert into audit_entries (at, subject, tenant_id, roles, mutation, inputs, request_id)
     values ($1, $2, $3, $4, $5, $6, $7) returning id`,
    [
      app.clock(),
      viewer.subject,
      viewer.tenantId,
      viewer.roles,
      mutation,
      JSON.stringify(withoutSecrets(inputs)),
      requestId,
    ],
  );
  return entry.id;
}

/** How it ended: `OK` or an error code. */
export async function finishAudit(app: Pick<App, 'db' | 'clock'>, id: string, outcome: string): Promise<void> {
  await app.db.query(`update audit_entries set outcome = $2, finished_at = $3 where id = $1`, [
    id,
    outcome,
    app.clock(),
  ]);
}

/** Inputs as they are kept: what a name calls a secret is not, long lists and texts are cut and say so. */
export function withoutSecrets(value: unknown): unknown {
  if (typeof value === 'string') {
    const text = value.replaceAll('\0', '\u2400'); // which Postgres cannot keep
    return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… (${text.length} characters)` : text;
  }
  if (Array.isArray(value)) return value.length > MAX_LISTED ? `(${value.length} items)` : value.map(withoutSecrets);
  if (value instanceof Date || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, SECRET.test(key) ? '[secret]' : withoutSecrets(inner)]),
  );
}
