import type { EntityManager } from 'typeorm';
import type { App } from '../../context.js';
import { errorText } from '../../core/text/redact.js';
import { retryOutage } from '../../database/retry-outage.js';
import type { SyncRun } from '../../entities/sync-run.js';
import { isOutage } from '../../errors.js';
import { LeaseLostError } from '../leases/lease.js';
import { attributeMembers } from './attribute-members.js';
import { lockKinds, observe } from './observe.js';
import { scopeDefinition } from './scopes/all.js';
import { strikeUnseen } from './strike-unseen.js';
import { claimSyncRun, holdSyncRun, keepSyncRun, releaseSyncRun } from './sync-run-lease.js';
import type { ListedPage, SyncScopeDefinition } from './sync-scope.js';
import { SYNC_TOPIC } from './sync-stream.js';

export type SyncApp = Pick<App, 'db' | 'clock' | 'digitalOcean' | 'spaces' | 'live' | 'log' | 'processId' | 'config'>;

/**
 * One run of one scope: claim, list and observe page by page, strike, complete. A second delivery finds it taken or
 * finished and does nothing; a run whose worker died starts over and ends as if it had not.
 */
export async function runSync(app: SyncApp, runId: string, signal: AbortSignal): Promise<void> {
  const run = await claimSyncRun(app, runId);
  if (!run) return;
  const stopKeeping = keepSyncRun(app, run);
  const started = Date.now();
  try {
    await tell(app, run, 'run_started', run.attempt > 1 ? `taken up again, attempt ${run.attempt}` : null);
    const definition = scopeDefinition(run.scope);
    const incomplete = await observePages(app, run, definition, signal);
    await complete(app, run, definition, incomplete);
    app.log.info({ runId, scope: run.scope, ms: Date.now() - started }, 'sync run completed');
  } catch (err) {
    if (err instanceof LeaseLostError) {
      app.log.warn({ runId, scope: run.scope }, 'sync run went to another worker');
    } else if (signal.aborted) {
      await releaseSyncRun(app, run);
      app.log.info({ runId, scope: run.scope }, 'sync run handed back: this process is stopping');
    } else if (isOutage(err)) {
      // Ours, not the provider's: it is taken up again from the start.
      const forMs = app.config.sagaLeaseSeconds * 1_000;
      await retryOutage(() => releaseSyncRun(app, run), { forMs, signal });
      app.log.warn({ err, runId, scope: run.scope }, 'sync run handed back: the database was away');
    } else {
      await fail(app, run, err);
    }
  } finally {
    stopKeeping();
  }
}

/** Observes every page. Answers why the listing is not known to be complete; null: it is. */
async function observePages(
  app: SyncApp,
  run: SyncRun,
  definition: SyncScopeDefinition,
  signal: AbortSignal,
): Promise<string | null> {
  const pages = definition.pages(app.digitalOcean.sync, signal, { app, run });
  const tally = new Map<string, { ids: Set<string>; total: number | null }>();
  let gap: string | null = null;
  for await (const page of pages) {
    signal.throwIfAborted();
    await app.db.transaction(async (db) => {
      await holdSyncRun(db, run);
      await observePage(app, db, run, definition, page);
    });
    app.live.wake(SYNC_TOPIC);
    const list = tally.get(page.list) ?? { ids: new Set(), total: null };
    for (const id of listedIds(page)) list.ids.add(id);
    gap ??= page.gap ?? null;
    tally.set(page.list, { ids: list.ids, total: page.total ?? list.total });
  }
  for (const [list, { ids, total }] of tally) {
    if (total !== null && ids.size < total) return `${list} listed ${ids.size} of ${total}, so nothing was struck`;
  }
  return gap && `${gap}, so nothing was struck`;
}

function listedIds(page: ListedPage): readonly string[] {
  return page.listedIds ?? page.resources.map((resource) => resource.providerId);
}

async function observePage(
  app: SyncApp,
  db: EntityManager,
  run: SyncRun,
  definition: SyncScopeDefinition,
  page: ListedPage,
): Promise<void> {
  const at = app.clock();
  const listed = listedIds(page).length;
  const message = `${page.list}: ${listed}`;
  await db.query(`insert into sync_events (run_id, type, at, message) values ($1, 'page_fetched', $2, $3)`, [
    run.id,
    at,
    message,
  ]);
  const counts = await observe(
    db,
    { actor: `sync:${run.id}`, at, run, partial: definition.partial ?? false },
    page.resources,
  );
  await db.query(
    `update sync_runs set seen = seen + $2, discovered = discovered + $3, updated = updated + $4, restored = restored + $5
     where id = $1`,
    [run.id, listed, counts.discovered, counts.updated, counts.restored],
  );
}

async function complete(
  app: SyncApp,
  run: SyncRun,
  definition: SyncScopeDefinition,
  incomplete: string | null,
): Promise<void> {
  await app.db.transaction(async (db) => {
    await holdSyncRun(db, run);
    await lockKinds(db); // members of every kind are attributed below
    const at = app.clock();
    const [asked]: [Pick<SyncRun, 'trigger'>] = await db.query(`select trigger from sync_runs where id = $1`, [run.id]);
    const { deleted, distrusted } = incomplete
      ? { deleted: 0, distrusted: null }
      : await strikeUnseen(db, { ...run, trigger: asked.trigger }, definition.ages, at);
    await attributeMembers(
      db,
      app.config.internalProject,
      incomplete === null && run.scope === 'projects' ? run.number : null,
    );
    await db.query(
      `update sync_runs set status = 'completed', finished_at = $2, deleted = $3, lease_owner = null, lease_until = null
       where id = $1`,
      [run.id, at, deleted],
    );
    await db.query(`insert into sync_events (run_id, type, at, message) values ($1, 'run_completed', $2, $3)`, [
      run.id,
      at,
      incomplete ?? distrusted,
    ]);
    if (incomplete ?? distrusted)
      app.log.warn({ runId: run.id, scope: run.scope, reason: incomplete ?? distrusted }, 'sync run struck nobody');
  });
  app.live.wake(SYNC_TOPIC);
}

async function fail(app: SyncApp, run: SyncRun, err: unknown): Promise<void> {
  const message = errorText(err);
  app.log.warn({ err, runId: run.id, scope: run.scope }, 'sync run failed');
  await app.db.transaction(async (db) => {
    await holdSyncRun(db, run);
    const at = app.clock();
    await db.query(
      `update sync_runs set status = 'failed', finished_at = $2, error = $3, lease_owner = null, lease_until = null where id = $1`,
      [run.id, at, message],
    );
    await db.query(`insert into sync_events (run_id, type, at, message) values ($1, 'run_failed', $2, $3)`, [
      run.id,
      at,
      message,
    ]);
  });
  app.live.wake(SYNC_TOPIC);
}

async function tell(app: SyncApp, run: SyncRun, type: 'run_started', message: string | null): Promise<void> {
  await app.db.transaction(async (db) => {
    await holdSyncRun(db, run);
    await db.query(`insert into sync_events (run_id, type, at, message) values ($1, $2, $3, $4)`, [
      run.id,
      type,
      app.clock(),
      message,
    ]);
  });
  app.live.wake(SYNC_TOPIC);
}
