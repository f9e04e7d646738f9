import { pino } from 'pino';
import { z } from 'zod';
import { type RunningApp, startApp } from '../src/app.js';
import { readConfig } from '../src/config.js';
import type { App, Viewer } from '../src/context.js';
import { stepKey } from '../src/core/sagas/sagas.js';
import { runSaga } from '../src/services/sagas/run-saga.js';
import { startSaga } from '../src/services/sagas/start-saga.js';
import { defineStep, done, type Step } from '../src/services/sagas/step.js';
import { BENCH_SECRET } from './processes.js';

export const OPERATOR: Viewer = {
  subject: 'bench',
  tenantId: 'platform-admin',
  roles: ['platform-admin'],
  isOperator: true,
  expiresAt: Number.MAX_SAFE_INTEGER,
};

const NEVER = new AbortController().signal;

/** The parts of one process, as they run in production: without API and without jobs of their own. */
export function startParts(databaseUrl: string): Promise<RunningApp> {
  return startApp(
    {
      config: readConfig({ PORT: '0' }),
      log: pino({ level: 'error' }),
      databaseUrl,
      digitalOceanUrl: 'http://127.0.0.1:9',
      digitalOceanTokens: { sync: 'none', billing: 'none', provisioning: 'none' },
      jwtSecret: BENCH_SECRET,
    },
    { api: false, worker: false },
  );
}

/** A step that does nothing but `meanwhile`. */
export function noOp(meanwhile: () => Promise<void> = async () => {}): Step {
  return defineStep({
    name: 'NoOp',
    version: 1,
    inputs: z.object({ says: z.string() }),
    output: z.object({ heard: z.string() }),
    async execute({ inputs }) {
      await meanwhile();
      return done({ heard: inputs.says });
    },
  });
}

export async function startNoOps(app: App, steps: number): Promise<string> {
  const list = Array.from({ length: steps }, () => ({ name: 'NoOp', version: 1 }));
  const request = { kind: 'bench', steps: list, inputs: { says: 'hello' } };
  return (await app.db.transaction((db) => startSaga(db, OPERATOR, app.clock(), request))).id;
}

export function runNoOps(app: App, id: string, step: Step): Promise<void> {
  return runSaga(app, new Map([[stepKey(step), step]]), id, NEVER);
}

/** So many calls, so many of them at once. */
export async function spread(count: number, atOnce: number, work: () => Promise<unknown>): Promise<void> {
  let left = count;
  const worker = async () => {
    while (left-- > 0) await work();
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
