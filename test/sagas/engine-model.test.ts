import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cancelSaga, retrySaga } from '../../src/services/sagas/control-saga.js';
import { recoverSagas } from '../../src/services/sagas/recover-sagas.js';
import { runSaga } from '../../src/services/sagas/run-saga.js';
import { type EngineApp, OPERATOR, startEngine } from './engine-app.js';
import { type Actor, Schedule } from './engine-schedule.js';
import { type Plan, World } from './engine-world.js';

/** So long that no runner renews it by itself meanwhile: each does one thing at a time. */
const LEASE_SECONDS = 3_600;
const RUNNERS_AT_ONCE = 3;
const HELD_UP_LOOKS = 250;
const RUNS = Number(process.env['SAGA_MODEL_RUNS'] ?? 100);
/** As a failure prints them: SAGA_MODEL_SEED=… SAGA_MODEL_PATH=… plays that one again. */
const { SAGA_MODEL_SEED: seed, SAGA_MODEL_PATH: path } = process.env;
const REPLAY = { ...(seed ? { seed: Number(seed) } : {}), ...(path ? { path } : {}) };
const SECONDS = Number(process.env['SAGA_MODEL_SECONDS'] ?? 30);
const NEVER = new AbortController().signal;

let engine: EngineApp;
let stoodStillMs = 0;
const { now } = performance;
beforeAll(async () => {
  engine = await startEngine({ leaseSeconds: LEASE_SECONDS });
  await engine.sql('create table effects (key text primary key); create table writes (key text)');
});
afterAll(() => engine.close());
beforeEach(() => {
  performance.now = () => now.call(performance) + stoodStillMs;
});
afterEach(() => {
  performance.now = now;
});

interface Rows {
  readonly run: {
    readonly status: string;
    readonly context: object;
    readonly epoch: number;
    readonly owner: string | null;
    readonly sequence: number;
    readonly isFinished: boolean;
  };
  readonly ledger: readonly {
    readonly index: number;
    readonly status: string;
    readonly output: object | null;
    readonly notes: object;
    readonly attempts: number;
    readonly polls: number;
  }[];
  readonly events: readonly { readonly sequence: number; readonly type: string; readonly index: number | null }[];
  readonly text: string;
}

async function rowsOf(id: string): Promise<Rows> {
  const [row] = await engine.sql<Omit<Rows, 'text'>>(
    `select json_build_object('status', status, 'context', context, 'epoch', epoch, 'owner', lease_owner,
       'sequence', last_sequence, 'isFinished', finished_at is not null, 'cancel', cancel_requested, 'error', error,
       'index', current_step_index, 'until', lease_until, 'next', next_attempt_at) as run,
     (select coalesce(json_agg(step order by index), '[]') from saga_step_results step where saga_id = run.id) as ledger,
     (select coalesce(json_agg(json_build_object('sequence', sequence, 'type', type, 'index', step_index, 'message', message)
       order by sequence), '[]') from saga_events where saga_id = run.id) as events,
     (select count(*)::int from writes where key like run.id || '%') as writes
     from saga_runs run where id = $1`,
    [id],
  );
  return { ...(row as Omit<Rows, 'text'>), text: JSON.stringify(row) };
}

/** One saga, its actors, and what must hold after every single thing that one of them does. */
class Model {
  readonly world: World;
  readonly schedule = new Schedule(async () => {
    const [row] = await engine.sql<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return row?.count ?? 0;
  });
  private before: Rows | null = null;
  private runners = 0;
  private retries = 0;
  isCancelled = false;

  constructor(
    readonly id: string,
    plans: readonly Plan[],
  ) {
    this.world = new World(plans);
  }

  get liveRunners(): number {
    return this.schedule.actors.filter((actor) => actor.isLive && actor.name.startsWith('runner')).length;
  }

  /** Does it, as `by` alone, and looks at what came of it. */
  async watch(by: string, act: () => Promise<void>): Promise<void> {
    const wasHeldUp = this.schedule.isHeldUp;
    await act();
    await this.check(wasHeldUp || this.schedule.isHeldUp ? null : by);
  }

  async advance(actor: Actor, often: number): Promise<void> {
    await this.schedule.settle();
    for (let count = 0; count < often && actor.state === 'waiting'; count++) {
      await this.watch(actor.name, () => this.schedule.step(actor));
    }
  }

  deliver(): Actor {
    this.runners += 1;
    return this.schedule.start(`runner-${this.runners}`, (actor) => {
      const digitalOcean = this.world.clientFor(actor);
      return runSaga({ ...actor.app(engine.app), digitalOcean }, this.world.registry, this.id, NEVER);
    });
  }

  cancel(): Actor {
    return this.schedule.start('client-cancel', async (actor) => {
      await cancelSaga(actor.app(engine.app), OPERATOR, this.id);
    });
  }

  retry(): Actor {
    return this.schedule.start('client-retry', async (actor) => {
      await retrySaga(actor.app(engine.app), OPERATOR, this.id);
    });
  }

  /** So much time that every lease and every wait is over, and nobody who stood still has renewed anything. */
  async passTime(): Promise<void> {
    this.schedule.log.push('time passes');
    stoodStillMs += LEASE_SECONDS * 1_000;
    this.schedule.start('time', () => engine.pass(this.id));
    await this.schedule.settle();
    await this.check(null);
  }

  async sweep(): Promise<void> {
    this.schedule.start('sweep', async () => {
      await recoverSagas(engine.app);
    });
    await this.schedule.settle();
  }

  get hasFailed(): boolean {
    return this.before?.run.status === 'failed';
  }

  /** Compares what is stored with what was, and with itself. `by` is who alone may have changed it. */
  async check(by: string | null): Promise<Rows> {
    const rows = await rowsOf(this.id);
    const { before } = this;
    this.before = rows;
    const { run, ledger, events } = rows;
    const types = events.map((event) => event.type);
    const wrong = (what: string) => this.world.wrongs.push(what);

    if (events.some(({ sequence }, place) => sequence !== place + 1) || run.sequence !== events.length) {
      wrong(`sequence ${events.map((event) => event.sequence)} of ${run.sequence}`);
    }
    const outputs = Object.assign({}, ...ledger.map((row) => row.output ?? {}));
    if (JSON.stringify(outputs) !== JSON.stringify(run.context)) {
      wrong(`the ledger has ${JSON.stringify(outputs)}, the context ${JSON.stringify(run.context)}`);
    }
    for (const type of ['started', 'completed', 'rolled_back', 'cancel_requested']) {
      if (types.filter((each) => each === type).length > 1) wrong(`${type} twice`);
    }
    for (const type of ['step_started', 'step_completed', 'step_compensated']) {
      const indexes = events.filter((event) => event.type === type).map((event) => event.index);
      if (new Set(indexes).size < indexes.length) wrong(`${type} twice: ${indexes}`);
    }
    this.checkStatus(rows, wrong);
    this.retries += before?.run.status === 'failed' && !run.isFinished ? 1 : 0;
    if (types.filter((type) => type === 'failed').length > this.retries + (run.status === 'failed' ? 1 : 0)) {
      wrong('failed more often than retried');
    }
    if (before && before.text !== rows.text) this.checkChange(before, rows, by, wrong);
    return rows;
  }

  private checkStatus({ run, ledger }: Rows, wrong: (what: string) => void): void {
    const all = (status: string) => ledger.every((row) => row.status === status);
    const isWhole = ledger.length === this.world.plans.length;
    if (run.status === 'completed' && !(isWhole && all('completed'))) wrong('completed with steps that are not');
    if (run.status === 'rolled_back' && !all('compensated')) wrong('rolled back with steps that are not');
    const isLeft = ledger.some((row) => row.status === 'failed' || row.status === 'compensation_failed');
    if (run.status === 'failed' && !isLeft) wrong('failed with nothing left');
  }

  private checkChange(before: Rows, after: Rows, by: string | null, wrong: (what: string) => void): void {
    if (after.run.epoch < before.run.epoch) wrong('the epoch shrank');
    const isRetried = before.run.status === 'failed' && after.events[before.events.length]?.type === 'resumed';
    if (before.run.isFinished && !isRetried) {
      wrong(`${by} changed a saga that was ${before.run.status}`);
    }
    for (const row of after.ledger) {
      const earlier = before.ledger.find(({ index, status }) => index === row.index && status === row.status);
      if (!earlier) continue;
      const isForgotten = Object.keys(earlier.notes).some((key) => !(key in row.notes));
      if (isForgotten || row.attempts < earlier.attempts || row.polls < earlier.polls)
        wrong(`${by} forgot what was noted`);
    }
    if (by === null || by.startsWith('client')) return;
    const isOwn = before.run.owner === by || after.run.owner === by;
    const isCancelledAtStart = before.run.status === 'pending' && after.run.status === 'rolled_back';
    if (!isOwn && !isCancelledAtStart) wrong(`${by} wrote though ${before.run.owner} held it`);
    if (before.run.owner === by && after.run.epoch > before.run.epoch + 1) wrong(`${by} skipped an epoch`);
  }

  async effects(): Promise<string[]> {
    const rows = await engine.sql<{ key: string }>('select key from effects where key like $1', [`${this.id}%`]);
    const made = [...rows.map((row) => row.key), ...this.world.provider];
    return made.map((key) => key.slice(this.id.length + 1)).sort();
  }
}

/** One thing that happens, picked by a number among what can; of what cannot, nothing. */
async function happen(model: Model, pick: number): Promise<void> {
  const { schedule } = model;
  const { waiting } = schedule;
  const chosen = waiting[Math.floor(pick / 100) % Math.max(1, waiting.length)];
  const runner = chosen?.name.startsWith('runner') ? chosen : undefined;
  const often = 1 + (Math.floor(pick / 700) % 12);
  const kind = pick % 100;
  const isCrowded = model.liveRunners >= RUNNERS_AT_ONCE;
  if (kind < 35) {
    if (chosen) await model.advance(chosen, Math.ceil(often / 2));
  } else if (kind < 50) {
    // Somebody is overtaken: whoever stood still does so for longer than a lease.
    await model.passTime();
    if (!isCrowded) await model.advance(model.deliver(), often);
  } else if (kind < 60) {
    if (!isCrowded) await model.advance(model.deliver(), often % 3);
  } else if (kind < 64) {
    if (!runner || isCrowded) return;
    // Somebody looks while another has stood still, and takes it long after that one went on.
    await model.passTime();
    const looking = model.deliver();
    await model.advance(looking, 1);
    await model.advance(runner, 1 + (often % 4));
    await model.passTime();
    await model.advance(looking, often);
  } else if (kind < 67) {
    await model.passTime();
  } else if (kind < 73) {
    if (runner) await model.watch(runner.name, () => schedule.lose(runner, kind % 2 === 0));
  } else if (kind < 80) {
    if (runner) await model.watch(runner.name, () => schedule.kill(runner, kind % 2 === 0));
  } else if (kind < 86) {
    const [adrift] = schedule.adrift;
    if (adrift) await model.watch(adrift.actor.name, () => schedule.landAdrift());
  } else if (kind < 91) {
    if (!model.isCancelled) await model.advance(model.cancel(), often % 3);
  } else if (kind < 95) {
    if (model.hasFailed) await model.advance(model.retry(), often % 4);
  } else {
    await model.sweep();
  }
}

/** Nobody disturbs any more: who is still there goes on, then time passes and workers do what the sweep queues. */
async function calmDown(model: Model): Promise<Rows> {
  const { schedule } = model;
  let heldUp = 0;
  for (let turns = 0; turns < 3_000; turns++) {
    const next = schedule.waiting[0];
    if (next) {
      await model.advance(next, 1);
      continue;
    }
    if (schedule.isHeldUp) {
      // The transaction of one that died is still being rolled back.
      if (++heldUp > HELD_UP_LOOKS) throw new Error('held up by a lock that nobody will let go of');
      await sleep(20);
      await schedule.settle();
      continue;
    }
    const rows = await model.check(null);
    if (rows.run.isFinished && rows.run.status !== 'failed') return rows;
    if (rows.run.status === 'failed') {
      model.retry();
    } else {
      await model.passTime();
      engine.jobs.length = 0;
      await model.sweep();
      if (!engine.jobs.some((job) => job.sagaId === model.id)) throw new Error('the sweep does not find it');
      model.deliver();
    }
    await schedule.settle();
  }
  throw new Error('it never ends');
}

const trouble = fc.record({
  says: fc.constantFrom(
    'again' as const,
    'again' as const,
    'retryable' as const,
    'throw' as const,
    'permanent' as const,
  ),
  hasActed: fc.boolean(),
});
const plan: fc.Arbitrary<Plan> = fc.record({
  acts: fc.constantFrom<Plan['acts']>('provider', 'provider', 'table', 'table', 'nothing'),
  isIrreversible: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  execute: fc.array(trouble, { maxLength: 2 }),
  compensate: fc.array(trouble, { maxLength: 2 }),
});

describe('the engine under any order of events', () => {
  it('has one effect a step, events without gaps, ends that stay, and nothing written by who lost the saga', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(plan, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat({ max: 9_999 }), { minLength: 20, maxLength: 120, size: 'max' }),
        async (plans, picks) => {
          const { id } = await engine.start(plans.map((_, index) => ({ name: `Step${index}`, version: 1 })));
          const model = new Model(id, plans);
          const story = () => `${JSON.stringify(plans)}\n${model.schedule.log.join('\n')}`;
          try {
            for (const pick of picks) {
              await happen(model, pick);
              if (model.world.wrongs.length > 0) break;
            }
            const { run, ledger, events } = await calmDown(model);
            const acting = plans.flatMap(({ acts }, index) => (acts === 'nothing' ? [] : [String(index)]));
            expect(await model.effects()).toEqual(run.status === 'completed' ? acting : []);
            const hasFailed = events.some((event) => event.type === 'step_failed');
            const isPastReturn = ledger.some(
              ({ index, status }) => plans[index]?.isIrreversible && status === 'completed',
            );
            const wasHeard = events.some((event) => event.type === 'cancel_requested');
            expect(run.status).toBe((wasHeard || hasFailed) && !isPastReturn ? 'rolled_back' : 'completed');
          } catch (error) {
            throw new Error(`${(error as Error).message}\n${model.world.wrongs.join('\n')}\n${story()}`);
          }
          if (model.world.wrongs.length > 0) throw new Error(`${model.world.wrongs.join('\n')}\n${story()}`);
        },
      ),
      { ...REPLAY, numRuns: RUNS, interruptAfterTimeLimit: SECONDS * 1_000, markInterruptAsFailure: false },
    );
  });
});
