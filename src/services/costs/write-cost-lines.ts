import { once } from 'node:events';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { App } from '../../context.js';
import type { CostLineDraft } from '../../core/costs/csv-line.js';
import type { MatchOutcome } from '../../core/costs/match.js';
import { holdIngest, type Ingest } from './ingest-lease.js';

/** A line as it is stored. */
export interface CostLine extends CostLineDraft {
  readonly outcome: Pick<MatchOutcome, 'kind' | 'status' | 'reason'>;
  readonly resourceId: string | null;
}

const COPY = `copy cloud_cost_lines (ingest_id, line_number, amount_cents, starts_at, ends_at, resource_id, product,
  group_description, description, kind, hours, project_name, category, match_status, match_reason) from stdin`;

/** Writes a batch of lines in a short transaction of its own. Nobody reads them before the ingest goes live. */
export async function writeCostLines(app: Pick<App, 'db'>, ingest: Ingest, lines: readonly CostLine[]): Promise<void> {
  const text = copyText(ingest.id, lines);
  const runner = app.db.createQueryRunner();
  try {
    const client: PoolClient = await runner.connect();
    await runner.startTransaction();
    try {
      await holdIngest(runner.manager, ingest);
      const copy = client.query(copyFrom(COPY));
      copy.end(text);
      await once(copy, 'finish');
      await runner.commitTransaction();
    } catch (error) {
      await runner.rollbackTransaction();
      throw error;
    }
  } finally {
    await runner.release();
  }
}

/** Postgres's text format: a row a line, cells apart by tabs. */
function copyText(ingestId: string, lines: readonly CostLine[]): string {
  let text = '';
  for (const line of lines) {
    const { kind, status, reason } = line.outcome;
    text += `${ingestId}\t${line.lineNumber}\t${line.amountCents}\t${instant(line.startsAt)}\t${instant(line.endsAt)}\t${line.resourceId ?? '\\N'}\t${cell(line.product)}\t${cell(line.groupDescription)}\t${cell(line.description)}\t${kind ?? '\\N'}\t${line.hours ?? '\\N'}\t${cell(line.projectName)}\t${cell(line.category)}\t${status}\t${cell(reason)}\n`;
  }
  return text;
}

function instant(at: Date | null): string {
  return at === null ? '\\N' : at.toISOString();
}

const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function cell(text: string | null): string {
  if (text === null) return '\\N';
  return /[\\\t\n\r]/.test(text) ? text.replace(/[\\\t\n\r]/g, (found) => ESCAPED[found] as string) : text;
}
