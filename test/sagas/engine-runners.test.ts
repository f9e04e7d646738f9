import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cancelSaga, retrySaga } from '../../src/services/sagas/control-saga.js';
import type { SagaApp } from '../../src/services/sagas/perform-step.js';
import { recoverSagas } from '../../src/services/sagas/recover-sagas.js';
import { runSaga } from '../../src/services/sagas/run-saga.js';
import { handBackSaga, holdSaga } from '../../src/services/sagas/saga-lease.js';
import { findSagaState, type SagaState } from '../../src/services/sagas/saga-state.js';
import { again, done, failed, type StoredStepInput } from '../../src/services/sagas/step.js';
import { writeSaga } from '../../src/services/sagas/write-saga.js';
import { type Around, type EngineApp, interposed, OPERATOR, registryOf, startEngine, steps } from './engine-app.js';
import { echo, fail, scripted } from './engine-steps.js';

let engine: EngineApp;
let requests = 0;
let provider: Server;
beforeAll(async () => {
  provider = createServer((_request, response) => {
    requests += 1;
    response.setHeader('content-type', 'application/json').end('{"droplets":[],"meta":{"total":0}}');
  });
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  const { port } = provider.address() as AddressInfo;
  engine = await startEngine({ digitalOceanUrl: `http://127.0.0.1:${port}` });
});
afterAll(async () => {
  await engine.close();
  provider.close();
});

const NEVER = new AbortController().signal;
const ONCE = { attempts: 1, firstDelaySeconds: 1, maxDelaySeconds: 1 };

/** The same program in another process. */
const other = (name: string, app: SagaApp = engine.app): SagaApp => ({ ...app, processId: name });

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** A step whose first execution stops in the middle until it is let go; so does the second where `isSlow`. */
function stopping(log: string[], resumes: (given: StoredStepInput) => Promise<unknown>, isSlow = false) {
  const [reached, released, reachedAgain, releasedAgain] = [gate(), gate(), gate(), gate()];
  const step = scripted('Stop', log, {
    execute: async (given, call) => {
      if (call > 1) {
        reachedAgain.open();
        if (isSlow) await releasedAgain.opened;
        return done({ by: 'the second' });
      }
      reached.open();
      await released.opened;
      await resumes(given);
      return done({ by: 'the first' });
    },
  });
  return {
    step,
    reached: reached.opened,
    release: released.open,
    reachedAgain: reachedAgain.opened,
    releaseAgain: releasedAgain.open,
  };
}

const expire = (id: string) => engine.pass(id);

describe('deliveries of one saga', () => {
  it('two at once run it once', async () => {
    const log: string[] = [];
    const registry = registryOf(scripted('A', log), scripted('B', log));
    for (let round = 0; round < 20; round++) {
      const { id } = await engine.start(steps('A', 'B'));
      await Promise.all(['x', 'y', 'z'].map((name) => runSaga(other(name), registry, id, NEVER)));
      expect(await engine.stored(id)).toMatchObject({ status: 'completed', epoch: '1' });
    }
    expect(log).toHaveLength(40);
  });

  it('one that comes while it is held, and one after its end, change nothing', async () => {
    const log: string[] = [];
    const { step, reached, release } = stopping(log, async () => {});
    const { id } = await engine.start(steps('Stop'));
    const first = engine.deliver(id, registryOf(step));
    await reached;
    const held = await engine.snapshot(id);
    await runSaga(other('late'), registryOf(step), id, NEVER);
    expect(await engine.snapshot(id)).toBe(held);
    release();
    await first;
    const ended = await engine.snapshot(id);
    await runSaga(other('late'), registryOf(step), id, NEVER);
    expect(await engine.snapshot(id)).toBe(ended);
    expect(log).toEqual(['Stop']);
  });

  it('one for a saga that nobody knows is over at once', async () => {
    await engine.deliver('00000000-0000-4000-8000-000000000000', registryOf(echo));
  });
});

describe('a runner that lost its saga', () => {
  const tries: [string, (given: StoredStepInput) => Promise<unknown>][] = [
    ['answers', async () => {}],
    ['keeps a note', ({ saveNotes }) => saveNotes({ stale: true })],
    ['writes', ({ write }) => write((db) => db.query(`insert into effects values ('stale')`))],
    ['calls the provider', ({ digitalOcean }) => digitalOcean.droplets.findByTag('any')],
    [
      'carries on whatever it is told',
      async ({ saveNotes, write, digitalOcean }) => {
        await saveNotes({ stale: true }).catch(() => {});
        await write((db) => db.query(`insert into effects values ('stale')`)).catch(() => {});
        await digitalOcean.droplets.findByTag('any').catch(() => {});
        throw new Error('a failure of its own');
      },
    ],
  ];
  beforeAll(() => engine.sql('create table effects (what text)'));

  it.each(tries)('changes nothing and calls nothing when it %s', async (_, resumes) => {
    const log: string[] = [];
    const { step, reached, release } = stopping(log, resumes);
    const registry = registryOf(step, echo);
    const { id } = await engine.start(steps('Stop', 'Echo'));
    const first = engine.deliver(id, registry);
    await reached;
    await expire(id);
    await runSaga(other('second'), registry, id, NEVER);
    const before = await engine.snapshot(id);
    const calls = requests;
    release();
    await first;
    expect(await engine.snapshot(id)).toBe(before);
    expect(await engine.stored(id)).toMatchObject({
      status: 'completed',
      epoch: '2',
      context: { by: 'the second', heard: 'hello' },
      events: [
        'started',
        'step_started 0',
        'resumed',
        'step_completed 0',
        'step_started 1',
        'step_completed 1',
        'completed',
      ],
    });
    expect(requests).toBe(calls);
    expect(await engine.sql('select * from effects')).toEqual([]);
  });

  it.each(tries)('changes nothing and calls nothing while another is at work, when it %s', async (_, resumes) => {
    const { step, reached, release, reachedAgain, releaseAgain } = stopping([], resumes, true);
    const { id } = await engine.start(steps('Stop'));
    const first = engine.deliver(id, registryOf(step));
    await reached;
    await expire(id);
    const second = runSaga(other('second'), registryOf(step), id, NEVER);
    await reachedAgain;
    const before = await engine.snapshot(id);
    const calls = requests;
    release();
    await first;
    expect(await engine.snapshot(id)).toBe(before);
    expect(requests).toBe(calls);
    expect(await engine.sql('select * from effects')).toEqual([]);
    releaseAgain();
    await second;
    expect(await engine.stored(id)).toMatchObject({ status: 'completed', context: { by: 'the second' } });
  });

  it('changes nothing once it has let go itself, though its epoch is still the newest', async () => {
    const log: string[] = [];
    const { id } = await engine.start(steps('Wait'));
    await engine.deliver(id, registryOf(scripted('Wait', log, { execute: () => again(5) })));
    const before = await engine.snapshot(id);
    const saga = (await findSagaState(engine.app, id)) as SagaState;
    const late = writeSaga(engine.app, saga, {
      status: 'completed',
      events: [{ type: 'completed', status: 'completed' }],
    });
    await expect(late).rejects.toThrow('went to another runner');
    expect(await engine.snapshot(id)).toBe(before);
  });

  it('changes nothing after the saga has failed and is retried, though no other runner was there yet', async () => {
    const [reached, released] = [gate(), gate()];
    const late = scripted('Late', [], {
      compensate: async ({ saveNotes }, call) => {
        if (call > 1) return done();
        reached.open();
        await released.opened;
        await saveNotes({ stale: true });
        return done();
      },
    });
    const broken = scripted('Late', [], { compensate: () => failed('permanent', 'no') });
    const { id } = await engine.start(steps('Late', 'Fail'));
    const first = engine.deliver(id, registryOf(late, fail));
    await reached.opened;
    await expire(id);
    await runSaga(other('second'), registryOf(broken, fail), id, NEVER);
    expect(await engine.stored(id)).toMatchObject({ status: 'failed', epoch: '2' });
    await retrySaga(engine.app, OPERATOR, id);
    expect(await engine.stored(id)).toMatchObject({ status: 'compensating', epoch: '3' });
    const retried = await engine.snapshot(id);
    released.open();
    await first;
    expect(await engine.snapshot(id)).toBe(retried);
    expect(await engine.drive(id, registryOf(late, fail))).toMatchObject({ status: 'rolled_back' });
  });

  it('notices it while it waits for the provider, by the renewal of its lease', async () => {
    const brief = await startEngine({ leaseSeconds: 1, databaseUrl: engine.databaseUrl });
    const { id } = await brief.start(steps('Hang'));
    const reached = gate();
    const hanging = scripted('Hang', [], {
      execute: (given) => {
        const { signal } = holdOf(given);
        reached.open();
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    });
    const app = { ...brief.app, digitalOcean: { ...brief.app.digitalOcean, provisioningFor: (hold: unknown) => hold } };
    const first = runSaga(app as never, registryOf(hanging), id, NEVER);
    await reached.opened;
    await brief.sql(`update saga_runs set epoch = epoch + 1, lease_owner = 'another' where id = $1`, [id]);
    const before = await brief.snapshot(id);
    await first;
    expect(await brief.snapshot(id)).toBe(before);
    await brief.close();
  });
});

/** Where the app's client was replaced by the hold that it is made for. */
const holdOf = (given: StoredStepInput) => given.digitalOcean as unknown as { readonly signal: AbortSignal };

describe('a saga that is looked at and then taken', () => {
  it('is not taken on a look that is no longer true: the notes of its last runner count', async () => {
    const log: string[] = [];
    const seen: unknown[] = [];
    const first = scripted('A', log, {
      execute: async ({ saveNotes }) => {
        await saveNotes({ isRequested: true });
        return again(0.001);
      },
    });
    const second = scripted('A', log, {
      execute: ({ notes }) => {
        seen.push(notes);
        return done();
      },
    });
    const { id } = await engine.start(steps('A'));
    // The first one stands still before it keeps its note, until its lease has ended and the second one has looked.
    const [hasLooked, hasPaused] = [gate(), gate()];
    let notes = 0;
    const slow: Around = async (operation, run) => {
      if (operation === 'write-saga' && ++notes === 2) {
        await expire(id);
        void taking();
        await hasLooked.opened;
      }
      return run();
    };
    let taken: Promise<void> = Promise.resolve();
    const taking = () => {
      let polls = 0;
      const late: Around = async (operation, run) => {
        const result = await run();
        if (operation === 'find' && ++polls === 1) {
          hasLooked.open();
          await hasPaused.opened;
          await expire(id);
        }
        return result;
      };
      taken = runSaga(other('second', interposed(engine.app, late)), registryOf(second), id, NEVER);
      return taken;
    };
    await runSaga(interposed(engine.app, slow), registryOf(first), id, NEVER);
    hasPaused.open();
    await taken;
    expect(seen).toEqual([{ isRequested: true }]);
    expect(await engine.stored(id)).toMatchObject({ status: 'completed', epoch: '2' });
  });

  it('is not begun where a cancel came in between', async () => {
    const log: string[] = [];
    const { id } = await engine.start(steps('A'));
    let polls = 0;
    const app = interposed(engine.app, async (operation, run) => {
      const result = await run();
      if (operation === 'find' && ++polls === 1) await cancelSaga(engine.app, OPERATOR, id);
      return result;
    });
    await runSaga(app, registryOf(scripted('A', log)), id, NEVER);
    expect(await engine.stored(id)).toMatchObject({ status: 'rolled_back', ledger: [] });
    expect(log).toEqual([]);
  });

  it('is left alone where others write it all the time', async () => {
    const { id } = await engine.start(steps('Echo'));
    const app = interposed(engine.app, async (operation, run) => {
      const result = await run();
      if (operation === 'find') await engine.sql('update saga_runs set kind = kind where id = $1', [id]);
      return result;
    });
    await runSaga(app, registryOf(echo), id, NEVER);
    expect(await engine.stored(id)).toMatchObject({ status: 'pending', epoch: '0' });
  });
});

describe('the end of a hold', () => {
  it('is not undone by a renewal that was still under way', async () => {
    const { id } = await engine.start(steps('Echo'));
    await engine.sql(
      `update saga_runs set status = 'running', epoch = 7, lease_owner = 'runner-1', lease_until = clock_timestamp() + interval '1 minute' where id = $1`,
      [id],
    );
    const hold = holdSaga(engine.app, { id, epoch: '7' }, NEVER);
    await hold.check();
    hold.release();
    expect(await handBackSaga(engine.app, { id, epoch: '7' })).toBe('8');
    const before = await engine.snapshot(id);
    await expect(hold.check()).rejects.toThrow('went to another runner');
    expect(await handBackSaga(engine.app, { id, epoch: '7' })).toBeNull();
    expect(await engine.snapshot(id)).toBe(before);
  });

  it('comes where the process stops in the middle of a step, and the next one goes on at once', async () => {
    const stop = new AbortController();
    const log: string[] = [];
    const polling = scripted('Poll', log, {
      execute: async ({ digitalOcean, saveNotes }, call) => {
        if (call > 1) return done();
        await saveNotes({ asked: true });
        stop.abort(new Error('this process is stopping'));
        await digitalOcean.droplets.findByTag('any');
        throw new Error('not reached');
      },
    });
    const { id } = await engine.start(steps('Poll', 'Echo'));
    engine.jobs.length = 0;
    await engine.deliver(id, registryOf(polling, echo), stop.signal);
    expect(engine.jobs).toMatchObject([{ sagaId: id, delayMs: 1_000 }]);
    await runSaga(other('next'), registryOf(polling, echo), id, NEVER);
    const saga = await engine.stored(id);
    expect(saga).toMatchObject({ status: 'completed', ledger: ['0 Poll completed 1/0', '1 Echo completed 1/0'] });
    expect(saga.events.slice(0, 4)).toEqual(['started', 'step_started 0', 'resumed', 'step_completed 0']);
  });

  it('leaves nothing behind on the signal that stops the process', async () => {
    const stop = new AbortController();
    let listeners = 0;
    const { addEventListener: add, removeEventListener: remove } = stop.signal;
    stop.signal.addEventListener = (...args: unknown[]) => {
      listeners += 1;
      add.apply(stop.signal, args as never);
    };
    stop.signal.removeEventListener = (...args: unknown[]) => {
      listeners -= 1;
      remove.apply(stop.signal, args as never);
    };
    for (let n = 0; n < 5; n++)
      await engine.deliver((await engine.start(steps('Echo'))).id, registryOf(echo), stop.signal);
    expect(listeners).toBe(0);
  });
});

describe('a process that stands still', () => {
  const standStill = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

  it('between its check of the lease and the request sends nothing, and the saga is handed back', async () => {
    const brief = await startEngine({ leaseSeconds: 1, databaseUrl: engine.databaseUrl });
    const log: string[] = [];
    const calling = scripted('Call', log, {
      execute: async ({ digitalOcean }) => {
        await digitalOcean.droplets.findByTag('any');
        return done();
      },
    });
    const { id } = await brief.start(steps('Call'));
    brief.jobs.length = 0;
    const calls = requests;
    const still = interposed({ ...brief.app, digitalOcean: engine.app.digitalOcean }, async (operation, run) => {
      const result = await run();
      if (operation === 'renew-saga') standStill(600);
      return result;
    });
    await runSaga(still, registryOf(calling), id, NEVER);
    expect(requests).toBe(calls);
    expect(await brief.stored(id)).toMatchObject({ status: 'running', ledger: ['0 Call running 1/0'] });
    expect(brief.jobs).toMatchObject([{ sagaId: id }]);
    await engine.deliver(id, registryOf(calling));
    expect(await brief.stored(id)).toMatchObject({ status: 'completed', ledger: ['0 Call completed 1/0'] });
    expect(requests).toBe(calls + 1);
    await brief.close();
  });

  it('within a transaction of a step keeps the saga no longer than a lease', async () => {
    const brief = await startEngine({ leaseSeconds: 1, databaseUrl: engine.databaseUrl });
    const [reached, released] = [gate(), gate()];
    const writing = scripted('Write', [], {
      retry: ONCE,
      execute: ({ write }, call) =>
        call > 1
          ? done({ by: 'the second' })
          : write(async (db) => {
              await db.query(`insert into effects values ('stale')`);
              reached.open();
              await released.opened;
              return done({ by: 'the first' });
            }),
    });
    const { id } = await brief.start(steps('Write'));
    // No renewal: a process that stands still renews nothing.
    const still = interposed(brief.app, (operation, run) =>
      operation === 'renew-saga' ? new Promise(() => {}) : run(),
    );
    const first = runSaga(still, registryOf(writing), id, NEVER);
    await reached.opened;
    await expire(id);
    await runSaga(other('second', brief.app), registryOf(writing), id, NEVER);
    expect(await brief.stored(id)).toMatchObject({ status: 'completed', context: { by: 'the second' } });
    const before = await brief.snapshot(id);
    released.open();
    await first;
    expect(await brief.snapshot(id)).toBe(before);
    expect(await brief.sql('select * from effects')).toEqual([]);
    await brief.close();
  });
});

describe('the database away', () => {
  it.each([
    ['before the saga is found', 'find', 1],
    ['while it is taken', 'write-saga', 1],
    ['at the end of a step', 'write-saga', 2],
    ['at the end of the last step', 'write-saga', 3],
  ])('%s, and the answer lost with or without the write, ends as if nothing had been', async (_, operation, nth) => {
    for (const isWritten of [false, true]) {
      const log: string[] = [];
      const registry = registryOf(scripted('A', log, { execute: () => done({ a: 1 }) }), echo);
      const { id } = await engine.start(steps('A', 'Echo'));
      let count = 0;
      const app = interposed(engine.app, async (each, run) => {
        if (each !== operation || ++count !== nth) return run();
        if (isWritten) await run();
        throw new Error('Connection terminated unexpectedly');
      });
      await runSaga(app, registry, id, NEVER).catch(() => {});
      await expire(id);
      await recoverSagas(engine.app);
      const saga = await engine.drive(id, registry).catch(() => engine.stored(id));
      expect(saga).toMatchObject({
        status: 'completed',
        context: { a: 1, heard: 'hello' },
        ledger: ['0 A completed 1/0', '1 Echo completed 1/0'],
      });
      expect(saga.events.filter((event) => event !== 'resumed')).toEqual([
        'started',
        'step_started 0',
        'step_completed 0',
        'step_started 1',
        'step_completed 1',
        'completed',
      ]);
    }
  });
});

describe('the queue away', () => {
  it('when a saga begins to wait leaves it waiting, and the sweep wakes it when it is due', async () => {
    const registry = registryOf(scripted('Wait', [], { execute: (_, call) => (call === 1 ? again(5) : done()) }));
    const { id } = await engine.start(steps('Wait'));
    engine.jobs.length = 0;
    const add = () => Promise.reject(new Error('the queue is away'));
    await runSaga({ ...engine.app, queues: { add } }, registry, id, NEVER);
    expect(await engine.stored(id)).toMatchObject({
      status: 'running',
      leaseOwner: null,
      ledger: ['0 Wait running 1/1'],
    });
    await expire(id);
    await recoverSagas(engine.app);
    expect(await engine.drive(id, registry)).toMatchObject({ status: 'completed', ledger: ['0 Wait completed 1/1'] });
  });
});

describe('the recovery sweep', () => {
  it('queues what is unfinished, due and held by nobody, and nothing else', async () => {
    await engine.sql('delete from saga_events; delete from saga_step_results; delete from saga_runs');
    const registry = registryOf(echo, scripted('Wait', [], { execute: () => again(60) }));
    const lost = await engine.start(steps('Echo'));
    const ended = await engine.start(steps('Echo'));
    await engine.deliver(ended.id, registry);
    const waiting = await engine.start(steps('Wait'));
    await engine.deliver(waiting.id, registry);
    const due = await engine.start(steps('Wait'));
    await engine.deliver(due.id, registry);
    await expire(due.id);
    const { step, reached, release } = stopping([], async () => {});
    const held = await engine.start(steps('Stop'));
    const running = engine.deliver(held.id, registryOf(step));
    await reached;
    engine.jobs.length = 0;
    expect(await recoverSagas(engine.app)).toBe(2);
    expect(engine.jobs.map((job) => job.sagaId)).toEqual([lost.id, due.id]);
    expect(await recoverSagas(engine.app)).toBe(2);
    expect(new Set(engine.jobs.map((job) => job.id)).size).toBe(2);
    engine.jobs.length = 0;
    expect(await recoverSagas(engine.app, 45)).toBe(3);
    expect(engine.jobs.map((job) => [job.sagaId, Math.round(job.delayMs / 1_000)])).toEqual([
      [lost.id, 0],
      [due.id, 0],
      [held.id, 30],
    ]);
    release();
    await running;
  });

  it('finds a saga whose runner died in the middle of a step, with the notes of that step', async () => {
    const seen: unknown[] = [];
    const [died, dead] = [gate(), gate()];
    const dying = scripted('Die', [], {
      execute: async ({ saveNotes, notes }, call) => {
        seen.push(notes);
        if (call > 1) return done();
        await saveNotes({ asked: true });
        died.open();
        await dead.opened;
        return done();
      },
    });
    const { id } = await engine.start(steps('Die'));
    engine.jobs.length = 0;
    const first = engine.deliver(id, registryOf(dying));
    await died.opened;
    await expire(id);
    await recoverSagas(other('next'));
    expect(await engine.drive(id, registryOf(dying))).toMatchObject({
      status: 'completed',
      epoch: '2',
      events: ['started', 'step_started 0', 'resumed', 'step_completed 0', 'completed'],
    });
    expect(seen).toEqual([{}, { asked: true }]);
    dead.open();
    await first;
  });
});

describe('a release that does not know a step', () => {
  it('refuses the saga with a clear error and begins nothing; one that does finishes it', async () => {
    const log: string[] = [];
    const newer = scripted('A', log, { version: 2 });
    const { id } = await engine.start([...steps('Echo'), { name: 'A', version: 2 }]);
    await engine.deliver(id, registryOf(echo, scripted('A', log)));
    expect(await engine.stored(id)).toMatchObject({
      status: 'pending',
      error: 'This release does not know version 2 of the step A; a release that does can finish this saga.',
      leaseOwner: null,
      ledger: [],
      events: [],
    });
    const rejected = await engine.snapshot(id);
    await engine.deliver(id, registryOf(echo));
    expect(await engine.snapshot(id)).toBe(rejected);
    expect(log).toEqual([]);
    expect(await engine.drive(id, registryOf(echo, newer))).toMatchObject({ status: 'completed', error: null });
    expect(log).toEqual(['A']);
  });

  it('leaves one that is rolling back as it is, with the reason for that', async () => {
    const slow = scripted('Slow', [], { compensate: (_, call) => (call === 1 ? again(5) : done()) });
    const { id } = await engine.start(steps('Slow', 'Fail'));
    await engine.deliver(id, registryOf(slow, fail));
    await expire(id);
    await engine.deliver(id, registryOf(fail));
    expect(await engine.stored(id)).toMatchObject({
      status: 'compensating',
      error: /does not know version 1 of the step Slow/,
    });
    expect(await engine.drive(id, registryOf(slow, fail))).toMatchObject({
      status: 'rolled_back',
      error: 'Fail failed: told to fail',
    });
  });
});

describe('an idempotency key', () => {
  it('answers the saga of then for the same inputs, also when that one has ended', async () => {
    const first = await engine.start(steps('Echo'), { inputs: { says: 'a', deep: { b: 1, c: 2 } }, key: 'one' });
    const again = await engine.start(steps('Echo'), { inputs: { deep: { c: 2, b: 1 }, says: 'a' }, key: 'one' });
    expect(first.isNew).toBe(true);
    expect(again).toMatchObject({ id: first.id, isNew: false });
    await engine.drive(first.id, registryOf(echo));
    const before = await engine.snapshot(first.id);
    engine.jobs.length = 0;
    expect(
      await engine.start(steps('Echo'), { inputs: { says: 'a', deep: { b: 1, c: 2 } }, key: 'one' }),
    ).toMatchObject({
      id: first.id,
      isNew: false,
    });
    expect(engine.jobs).toEqual([]);
    expect(await engine.snapshot(first.id)).toBe(before);
  });

  it('is a conflict with other inputs, which changes nothing', async () => {
    const first = await engine.start(steps('Echo'), { inputs: { says: 'a' }, key: 'two' });
    const before = await engine.snapshot(first.id);
    const sagas = await engine.sql('select count(*) from saga_runs');
    await expect(engine.start(steps('Echo'), { inputs: { says: 'b' }, key: 'two' })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    expect(await engine.snapshot(first.id)).toBe(before);
    expect(await engine.sql('select count(*) from saga_runs')).toEqual(sagas);
  });

  it('used by many at once makes one saga', async () => {
    const many = Array.from({ length: 8 }, () => engine.start(steps('Echo'), { inputs: { n: 1 }, key: 'three' }));
    const started = await Promise.all(many);
    expect(new Set(started.map((saga) => saga.id)).size).toBe(1);
    expect(started.filter((saga) => saga.isNew)).toHaveLength(1);
  });
});
