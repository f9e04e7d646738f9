import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sagaSteps } from '../../src/sagas/all.js';
import { seedCatalog } from '../../src/services/catalog/seed-catalog.js';
import { cancelSaga, retrySaga } from '../../src/services/sagas/control-saga.js';
import type { StepRegistry } from '../../src/services/sagas/step.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { difference, worldOf } from './account.js';
import { die, driveSaga, indexAtWork, wrapped } from './drive.js';
import { SCENARIOS, type Scenario } from './scenarios.js';

let app: TestApp;
let count = 0;
beforeAll(async () => {
  app = await startTestApp({ worker: false });
  await seedCatalog(app.app);
});
afterAll(() => app.close());

const OPERATOR = {
  subject: 'op',
  tenantId: 'platform-admin',
  roles: ['platform-admin'],
  isOperator: true,
  expiresAt: 0,
};
const acted = { is: 'failed', afterSeconds: null, message: 'so it was told' } as const;

interface Ended {
  readonly id: string;
  readonly status: string;
  readonly error: string | null;
  readonly hasReturn: boolean;
  readonly changed: readonly string[];
  readonly types: readonly string[];
}

/** Sets the scene, starts the saga and lets `drive` run it; then how it ended, what it changed, and its history whole. */
async function run(scenario: Scenario, drive: (sagaId: string) => Promise<void>): Promise<Ended> {
  const mark = `m${++count}x`;
  const given = await scenario.given?.(app, mark);
  const before = await worldOf(app);
  const id = await scenario.start(app, mark, given as never);
  await drive(id);
  const changed = difference(before, await worldOf(app), mark);
  const saga = await app.row<{ status: string; error: string | null; last: number }>(
    'select status, error, last_sequence as last from saga_runs where id = $1',
    [id],
  );
  const events = await app.sql<{ sequence: number; type: string }>(
    'select sequence, type from saga_events where saga_id = $1 order by sequence',
    [id],
  );
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
  expect(events).toHaveLength(saga.last);
  const steps = await app.sql('select name, version, status from saga_step_results where saga_id = $1', [id]);
  const hasReturn = !steps.some(({ name, version, status }) => {
    return status !== 'compensated' && sagaSteps.get(`${name}@${version}`)?.irreversible != null;
  });
  return { id, status: saga.status, error: saga.error, hasReturn, changed, types: events.map(({ type }) => type) };
}

const plain = (id: string) => driveSaga(app, id);

/** The saga ended as undisturbed, or as if it had never been; where there is no way back it goes on when told to. */
async function expectWhole(scenario: Scenario, ended: Ended, undisturbed: readonly string[]): Promise<void> {
  if (ended.status === 'completed') return expect(ended.changed).toEqual(undisturbed);
  if (ended.status === 'rolled_back') return expect(ended.changed).toEqual(scenario.rolledBack ?? []);
  expect(ended).toMatchObject({ status: 'failed', hasReturn: false });
  expect(ended.error).toContain('cannot be undone');
}

describe.each(SCENARIOS)('a saga that $title', (scenario) => {
  let undisturbed: readonly string[];
  let steps: number;
  beforeAll(async () => {
    const ended = await run(scenario, plain);
    expect(ended.status).toBe('completed');
    undisturbed = ended.changed;
    steps = ended.types.filter((type) => type === 'step_completed').length;
  });

  /** Once for every step, with the step's index. */
  async function forEachStep(drive: (id: string, index: number) => Promise<void>, check: (ended: Ended) => unknown) {
    for (let index = 0; index < steps; index++) {
      const ended = await run(scenario, (id) => drive(id, index));
      await expectWhole(scenario, ended, undisturbed);
      await check(ended);
    }
  }

  const atStep = (index: number, then: Parameters<typeof wrapped>[0]['execute'] & {}) =>
    wrapped({
      async execute(given, real) {
        return (await indexAtWork(app, given.sagaId)) === index ? then(given, real) : real(given);
      },
    });

  it('rolls back where a step fails before it acts', async () => {
    const failing = (index: number) => atStep(index, async () => ({ ...acted, kind: 'permanent' }));
    await forEachStep(
      (id, index) => driveSaga(app, id, failing(index)),
      ({ status, hasReturn }) => expect(status).toBe(hasReturn ? 'rolled_back' : 'failed'),
    );
  });

  it('rolls back where a step acts and fails', async () => {
    const failing = (index: number) =>
      atStep(index, async (given, real) => {
        const answer = await real(given);
        return answer.is === 'done' ? { ...acted, kind: 'permanent' } : answer;
      });
    await forEachStep(
      (id, index) => driveSaga(app, id, failing(index)),
      ({ status }) => expect(status).not.toBe('completed'),
    );
  });

  it('rolls back where the retries of a step run out, each of which acted', async () => {
    const failing = (index: number) =>
      atStep(index, async (given, real) => {
        const answer = await real(given);
        return answer.is === 'done' ? { ...acted, kind: 'retryable' } : answer;
      });
    await forEachStep(
      (id, index) => driveSaga(app, id, failing(index)),
      ({ status }) => expect(status).not.toBe('completed'),
    );
  });

  it('does once what each step is told to do twice', async () => {
    const twice = wrapped({
      async execute(given, real) {
        const first = await real(given);
        return first.is === 'done' ? real(given) : first;
      },
    });
    const ended = await run(scenario, (id) => driveSaga(app, id, twice));
    expect(ended).toMatchObject({ status: 'completed', changed: undisturbed });
  });

  it('goes on where a runner died between a step and its commit', async () => {
    for (let index = 0; index < steps; index++) {
      let hasDied = false;
      const dying = atStep(index, async (given, real) => {
        const answer = await real(given);
        if (answer.is === 'done' && !hasDied) {
          hasDied = true;
          die();
        }
        return answer;
      });
      const ended = await run(scenario, (id) => driveSaga(app, id, dying));
      expect(hasDied).toBe(true);
      expect(ended).toMatchObject({ status: 'completed', changed: undisturbed });
    }
  });

  it('compensates twice as once, and goes on where a runner died while it compensated', async () => {
    const dead = new Set<string>();
    const backAndForth = (index: number): StepRegistry =>
      wrapped({
        async execute(given, real) {
          const answer = await real(given);
          const isLast = (await indexAtWork(app, given.sagaId)) === index;
          return isLast && answer.is === 'done' ? { ...acted, kind: 'permanent' } : answer;
        },
        async compensate(given, real) {
          const answer = await real(given);
          if (answer.is !== 'done') return answer;
          const key = `${given.sagaId} ${await indexAtWork(app, given.sagaId)}`;
          if (!dead.has(key)) {
            dead.add(key);
            die();
          }
          return real(given);
        },
      });
    await forEachStep(
      (id, index) => driveSaga(app, id, backAndForth(index)),
      ({ status }) => expect(status).not.toBe('completed'),
    );
  });

  it('rolls back where a cancel is asked for during a step, or goes on where there is no way back', async () => {
    await forEachStep(
      (id, index) =>
        driveSaga(
          app,
          id,
          atStep(index, async (given, real) => {
            const answer = await real(given);
            const { isRequested } = await app.row<{ isRequested: boolean }>(
              'select cancel_requested as "isRequested" from saga_runs where id = $1',
              [id],
            );
            if (!isRequested && answer.is === 'done') await cancelSaga(app.app, OPERATOR, id);
            return answer;
          }),
        ),
      ({ status, hasReturn }) => expect(status).toBe(hasReturn ? 'rolled_back' : 'completed'),
    );
    const early = await run(scenario, async (id) => {
      await cancelSaga(app.app, OPERATOR, id);
      await plain(id);
    });
    expect(early).toMatchObject({ status: 'rolled_back', types: expect.not.arrayContaining(['step_started']) });
  });

  it('ends whole whichever answer of the provider is lost', async () => {
    for (let skip = 0; ; skip++) {
      await app.sandbox('POST', 'faults', { method: '*', path: '/v2/*', skip, times: 1, dropAfterActing: true });
      let isLost = false;
      const ended = await run(scenario, async (id) => {
        await app.sandbox('DELETE', 'faults');
        await app.sandbox('POST', 'faults', { method: '*', path: '/v2/*', skip, times: 1, dropAfterActing: true });
        await plain(id);
        isLost = (await app.sandbox('GET', 'faults')).faults.length === 0;
        await app.sandbox('DELETE', 'faults');
      });
      expect(ended).toMatchObject({ status: 'completed', changed: undisturbed });
      if (!isLost) break;
    }
  });

  it('names what is left where a compensation keeps failing, and a retry finishes it', async () => {
    const stuck = wrapped({
      async execute(given, real) {
        const answer = await real(given);
        const isLast = (await indexAtWork(app, given.sagaId)) === steps - 1;
        return isLast && answer.is === 'done' ? { ...acted, kind: 'permanent' } : answer;
      },
      compensate: async () => ({ ...acted, kind: 'retryable', message: 'no way back today' }),
    });
    let id = '';
    const ended = await run(scenario, async (sagaId) => {
      id = sagaId;
      await driveSaga(app, sagaId, stuck);
      const saga = await app.row('select status, error from saga_runs where id = $1', [sagaId]);
      if (saga.status === 'rolled_back') return; // nothing of it has anything to compensate
      expect(saga.status).toBe('failed');
      expect(saga.error).toMatch(/no way back today|cannot be undone/);
      await retrySaga(app.app, OPERATOR, sagaId);
      await plain(sagaId);
    });
    expect(['completed', 'rolled_back']).toContain(ended.status);
    await expectWhole(scenario, { ...ended, id }, undisturbed);
  });
});
