import type { EntityManager } from 'typeorm';
import type { App } from '../../context.js';
import { errorText } from '../../core/text/redact.js';
import { query } from '../../database/queries.js';
import { retryOutage } from '../../database/retry-outage.js';
import { rowOf } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { SyncRun } from '../../entities/sync-run.js';
import { isOutage } from '../../errors.js';
import { LeaseLostError } from '../leases/lease.js';
import { attributeMembers } from './attribute-members.js';
import { lockKinds, observe } from './observe.js';
import { scopeDefinition } from './scopes/all.js';
import { strikeUnseen } from './strike-unseen.js';
import { claimSyncRun, holdSyncRun, keepSyncRun, releaseSyncRun } from './sync-run-lease.js';
import type { ListedPage, SyncScopeDefinition } from './sync-scope.js';
import { SYNC_TOPIC } from './sync-stream.js';

const TriggerRow = rowOf(SyncRun, ['trigger']);

export type SyncApp = Pick<App, 'db' | 'clock' | 'digitalOcean' | 'spaces' | 'live' | 'log' | 'processId' | 'config'>;

/**
 * One run of one scope: claim, list and observe page by page, strike, complete. A second delivery finds the run claimed or
 * finished and does nothing; a run whose worker died starts over.
 */
export async function runSync(app: SyncApp, runId: string, signal: AbortSignal): Promise<void> {
  const run = await claimSyncRun(app, runId);
  if (!run) return;
  const stopKeeping = keepSyncRun(app, run);
  const started = Date.now();
  try {
    await appendEvent(app, run, 'run_started', run.attempt > 1 ? `taken up again, attempt ${run.attempt}` : null);
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
      // Our failure, not the provider's: the run starts over.
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

/** Observes every page. Returns why the listing is incomplete; null if it is complete. */
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
  await query(db).execute(
    sql`/* append-page-fetched */ insert into sync_events (run_id, type, at, message) values (${run.id}, 'page_fetched', ${at}, ${message})`,
  );
  const counts = await observe(
    db,
    { actor: `sync:${run.id}`, at, run, partial: definition.partial ?? false },
    page.resources,
  );
  await query(
    db,
  ).execute(sql`/* count-observed */ update sync_runs set seen = seen + ${listed}, discovered = discovered + ${counts.discovered}, updated = updated + ${counts.updated}, restored = restored + ${counts.restored}
     where id = ${run.id}`);
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
    const { trigger } = await query(db).one(
      TriggerRow,
      sql`/* find-sync-trigger */ select trigger from sync_runs where id = ${run.id}`,
    );
    const { deleted, distrusted } = incomplete
      ? { deleted: 0, distrusted: null }
      : await strikeUnseen(db, { ...run, trigger }, definition.ages, at);
    await attributeMembers(
      db,
      app.config.internalProject,
      incomplete === null && run.scope === 'projects' ? run.number : null,
    );
    await query(
      db,
    ).execute(sql`/* complete-sync-run */ update sync_runs set status = 'completed', finished_at = ${at}, deleted = ${deleted}, lease_owner = null, lease_until = null
       where id = ${run.id}`);
    await query(db).execute(
      sql`/* append-run-completed */ insert into sync_events (run_id, type, at, message) values (${run.id}, 'run_completed', ${at}, ${incomplete ?? distrusted})`,
    );
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
    await query(db).execute(
      sql`/* fail-sync-run */ update sync_runs set status = 'failed', finished_at = ${at}, error = ${message}, lease_owner = null, lease_until = null where id = ${run.id}`,
    );
    await query(db).execute(
      sql`/* append-run-failed */ insert into sync_events (run_id, type, at, message) values (${run.id}, 'run_failed', ${at}, ${message})`,
    );
  });
  app.live.wake(SYNC_TOPIC);
}

async function appendEvent(app: SyncApp, run: SyncRun, type: 'run_started', message: string | null): Promise<void> {
  await app.db.transaction(async (db) => {
    await holdSyncRun(db, run);
    await query(db).execute(
      sql`/* append-run-started */ insert into sync_events (run_id, type, at, message) values (${run.id}, ${type}, ${app.clock()}, ${message})`,
    );
  });
  app.live.wake(SYNC_TOPIC);
}
