import type { App } from '../context.js';
import { isOutage } from '../errors.js';
import { recoverSyncRuns } from '../services/inventory/request-sync.js';
import { recoverSagas } from '../services/sagas/recover-sagas.js';

/** What a worker that died held is taken up again so soon after its lease. */
const SWEEP_MS = 3_000;

/** Looks for abandoned work in every worker by itself, so that none waits for the queue or its schedule. Answers how to stop. */
export function startSweep(app: App): () => void {
  let isSweeping = false;
  const sweep = async () => {
    if (isSweeping) return;
    isSweeping = true;
    try {
      await recoverSagas(app);
      await recoverSyncRuns(app);
    } catch (err) {
      if (!isOutage(err)) app.log.error({ err }, 'sweep failed; trying again');
    } finally {
      isSweeping = false;
    }
  };
  const timer = setInterval(() => void sweep(), SWEEP_MS).unref();
  return () => clearInterval(timer);
}
