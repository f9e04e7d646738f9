import { once } from 'node:events';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { App } from '../../context.js';
import { createMemo, remember } from '../../core/costs/bounded-memo.js';
import type { CostLineDraft } from '../../core/costs/csv-line.js';
import type { MatchOutcome } from '../../core/costs/match.js';
import { holdIngest, type Ingest } from './ingest-lease.js';

/** A line as it is stored. */
export interface CostLine {
  readonly draft: CostLineDraft;
  readonly outcome: Pick<MatchOutcome, 'kind' | 'status' | 'reason'>;
  readonly resourceId: string | null;
}

const COPY = `copy cloud_cost_lines (ingest_id, line_number, amount_cents, starts_at, ends_at, resource_id, product,
  group_description, description, kind, hours, project_name, category, match_status, match_reason) from stdin`;
/** What one transaction writes: some ten thousand lines, a fraction of a second. */
const BATCH_BYTES = 4_000_000;

/**
 * Writes an ingest's lines by COPY, in short transactions; nobody reads them before the ingest goes live. Lines wait as
 * bytes, outside the heap, and while Postgres takes one batch the next is gathered.
 */
export class CostLineWriter {
  private gathered: Buffer[] = [];
  private bytes = 0;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly app: Pick<App, 'db'>,
    private readonly ingest: Ingest,
  ) {}

  async add(lines: readonly CostLine[]): Promise<void> {
    const text = Buffer.from(copyText(this.ingest.id, lines));
    this.gathered.push(text);
    this.bytes += text.length;
    if (this.bytes >= BATCH_BYTES) await this.flush();
  }

  /** Resolves once every line is written. */
  async end(): Promise<void> {
    await this.flush();
    await this.writing;
  }

  private async flush(): Promise<void> {
    await this.writing;
    const batch = this.gathered;
    this.gathered = [];
    this.bytes = 0;
    if (batch.length === 0) return;
    this.writing = copyLines(this.app, this.ingest, batch);
    // Whoever awaits it next is told; until then a failure is not unheard of.
    this.writing.catch(() => {});
  }
}

async function copyLines(app: Pick<App, 'db'>, ingest: Ingest, batch: readonly Buffer[]): Promise<void> {
  const runner = app.db.createQueryRunner();
  try {
    const client: PoolClient = await runner.connect();
    await runner.startTransaction();
    try {
      // The commit that makes the ingest live waits for the disk, and thereby for all before it.
      await runner.query('set local synchronous_commit to off');
      await holdIngest(runner.manager, ingest);
      const copy = client.query(copyFrom(COPY));
      for (const bytes of batch) copy.write(bytes);
      copy.end();
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
  for (const { draft, outcome, resourceId } of lines) {
    const { lineNumber, amountCents, startsAt, endsAt, product, groupDescription, description, hours } = draft;
    text += `${ingestId}\t${lineNumber}\t${amountCents}\t${instant(startsAt)}\t${instant(endsAt)}\t${resourceId ?? '\\N'}\t`;
    text += `${cell(product)}\t${cell(groupDescription)}\t${cell(description)}\t${outcome.kind ?? '\\N'}\t${hours ?? '\\N'}\t`;
    text += `${cell(draft.projectName)}\t${cell(draft.category)}\t${outcome.status}\t${cell(outcome.reason)}\n`;
  }
  return text;
}

/** Most lines begin or end with the month, and printing a time is dear. */
const printed = createMemo<number, string>();

function instant(at: Date | null): string {
  return at === null ? '\\N' : remember(printed, at.getTime(), () => at.toISOString());
}

const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function cell(text: string | null): string {
  if (text === null) return '\\N';
  return /[\\\t\n\r]/.test(text) ? text.replace(/[\\\t\n\r]/g, (found) => ESCAPED[found] as string) : text;
}
