import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cancelSaga, retrySaga } from '../../src/services/sagas/control-saga.js';
import { again, done, failed } from '../../src/services/sagas/step.js';
import { type EngineApp, OPERATOR, registryOf, startEngine, steps } from './engine-app.js';
import { echo, fail, scripted } from './engine-steps.js';

let engine: EngineApp;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.close());

const cancel = (id: string) => cancelSaga(engine.app, OPERATOR, id);
const retry = (id: string) => retrySaga(engine.app, OPERATOR, id);

describe('a saga with a step that fails', () => {
  it('undoes from that step down to the first, with the outputs that they left', async () => {
    const log: string[] = [];
    const outputs: unknown[] = [];
    const compensate = ({ output }: { readonly output: unknown }) => {
      outputs.push(output);
      return done();
    };
    const registry = registryOf(
      scripted('A', log, { execute: () => done({ a: 1 }), compensate }),
      scripted('B', log, { execute: () => done({ b: 2 }), compensate: null }),
      scripted('C', log, { execute: () => failed('permanent', 'no'), compensate }),
    );
    const { id } = await engine.start(steps('A', 'B', 'C', 'Echo'));
    expect(await engine.drive(id, registryOf(...registry.values(), echo))).toMatchObject({
      status: 'rolled_back',
      error: 'C failed: no',
      context: { a: 1, b: 2 },
      ledger: ['0 A compensated 1/0', '1 B compensated 1/0', '2 C compensated 1/0'],
      events: [
        'started',
        'step_started 0',
        'step_completed 0',
        'step_started 1',
        'step_completed 1',
        'step_started 2',
        'step_failed 2: no',
        'compensation_started: C failed: no',
        'step_compensated 2',
        'step_compensated 1',
        'step_compensated 0',
        'rolled_back',
      ],
    });
    expect(log).toEqual(['A', 'B', 'C', 'undo C', 'undo A']);
    expect(outputs).toEqual([null, { a: 1 }]);
  });

  it('asks and tries a compensation again, like a step', async () => {
    const stubborn = scripted('A', [], {
      compensate: (_, call) => (call === 1 ? again(5, 'going') : call === 2 ? failed('retryable', 'busy') : done()),
    });
    const { id } = await engine.start(steps('A', 'Fail'));
    expect(await engine.drive(id, registryOf(stubborn, fail))).toMatchObject({
      status: 'rolled_back',
      ledger: ['0 A compensated 2/1', '1 Fail compensated 1/0'],
    });
  });

  it('ends FAILED naming what is left, with the others undone, and a retry finishes it', async () => {
    const log: string[] = [];
    let isBroken = true;
    const broken = scripted('Broken', log, {
      execute: async ({ saveNotes }) => {
        await saveNotes({ asked: true });
        return done({ dropletId: '42' });
      },
      compensate: () => (isBroken ? failed('permanent', 'locked') : done()),
    });
    const registry = registryOf(scripted('A', log), broken, scripted('C', log), fail);
    const { id } = await engine.start(steps('A', 'Broken', 'C', 'Fail'));
    const left = await engine.drive(id, registry);
    expect(left).toMatchObject({
      status: 'failed',
      error: 'Fail failed: told to fail Left behind: Broken {"asked":true,"dropletId":"42"}: locked',
      ledger: [
        '0 A compensated 1/0',
        '1 Broken compensation_failed 1/0',
        '2 C compensated 1/0',
        '3 Fail compensated 1/0',
      ],
    });
    expect(left.events.slice(-3)).toEqual([
      'step_compensation_failed 1: locked',
      'step_compensated 0',
      `failed: ${left.error}`,
    ]);
    isBroken = false;
    await retry(id);
    const after = await engine.drive(id, registry);
    expect(after).toMatchObject({
      status: 'rolled_back',
      error: 'Fail failed: told to fail',
      ledger: ['0 A compensated 1/0', '1 Broken compensated 1/0', '2 C compensated 1/0', '3 Fail compensated 1/0'],
    });
    expect(after.events.slice(left.events.length)).toEqual(['resumed: by op', 'step_compensated 1', 'rolled_back']);
    expect(log).toEqual(['A', 'Broken', 'C', 'undo C', 'undo Broken', 'undo A', 'undo Broken']);
  });

  it('keeps trying a compensation twelve times before it gives up', async () => {
    const log: string[] = [];
    const down = scripted('Down', log, { compensate: () => failed('retryable', 'down') });
    const { id } = await engine.start(steps('Down', 'Fail'));
    expect(await engine.drive(id, registryOf(down, fail))).toMatchObject({
      status: 'failed',
      ledger: ['0 Down compensation_failed 12/0', '1 Fail compensated 1/0'],
    });
    expect(log).toEqual(['Down', ...Array(12).fill('undo Down')]);
  });
});

describe('a saga past a step that cannot be undone', () => {
  it('stops where a later step fails, undoes nothing, and goes on from there on a retry', async () => {
    const log: string[] = [];
    const registry = registryOf(
      scripted('A', log),
      scripted('Burn', log, { irreversible: 'ashes.' }),
      scripted('Late', log, { execute: (_, call) => (call === 1 ? failed('permanent', 'no') : done({ late: true })) }),
    );
    const { id } = await engine.start(steps('A', 'Burn', 'Late'));
    expect(await engine.drive(id, registry)).toMatchObject({
      status: 'failed',
      error:
        'Late failed: no Nothing was rolled back, since Burn cannot be undone: ashes. A retry continues with Late.',
      ledger: ['0 A completed 1/0', '1 Burn completed 1/0', '2 Late failed 1/0'],
    });
    await retry(id);
    const saga = await engine.drive(id, registry);
    expect(saga).toMatchObject({ status: 'completed', error: null, context: { late: true } });
    expect(saga.events.slice(-3)).toEqual(['resumed: by op', 'step_completed 2', 'completed']);
    expect(log).toEqual(['A', 'Burn', 'Late', 'Late']);
  });

  it('goes on in spite of a cancel, and says that it came too late', async () => {
    const burn = scripted('Burn', [], {
      irreversible: 'ashes.',
      execute: async ({ sagaId }) => {
        await cancel(sagaId);
        return done();
      },
    });
    const { id } = await engine.start(steps('Burn', 'Echo'));
    const saga = await engine.drive(id, registryOf(burn, echo));
    expect(saga).toMatchObject({ status: 'completed', error: null });
    expect(saga.events).toEqual([
      'started',
      'step_started 0',
      'cancel_requested: by op',
      'step_completed 0: The cancel came too late: Burn cannot be undone.',
      'step_started 1',
      'step_completed 1: The cancel came too late: Burn cannot be undone.',
      'completed',
    ]);
  });

  it('stops where that very step failed after it had acted', async () => {
    const log: string[] = [];
    const burn = scripted('Burn', log, {
      irreversible: 'ashes.',
      execute: (_, call) => (call === 1 ? failed('permanent', 'lost') : done()),
      compensate: () => failed('permanent', 'it burns'),
    });
    const registry = registryOf(scripted('A', log), burn);
    const { id } = await engine.start(steps('A', 'Burn'));
    expect(await engine.drive(id, registry)).toMatchObject({
      status: 'failed',
      ledger: ['0 A completed 1/0', '1 Burn failed 1/0'],
    });
    await retry(id);
    expect(await engine.drive(id, registry)).toMatchObject({ status: 'completed' });
    expect(log).toEqual(['A', 'Burn', 'undo Burn', 'Burn']);
  });
});

describe('a cancel', () => {
  it('before the start leaves every step undone', async () => {
    const log: string[] = [];
    const { id } = await engine.start(steps('A'));
    await cancel(id);
    expect(await engine.drive(id, registryOf(scripted('A', log)))).toMatchObject({
      status: 'rolled_back',
      error: 'Cancelled on request.',
      ledger: [],
      events: ['cancel_requested: by op', 'started', 'compensation_started: Cancelled on request.', 'rolled_back'],
    });
    expect(log).toEqual([]);
  });

  it.each([0, 1, 2])('during step %i undoes from that one down, once it is done', async (at) => {
    const log: string[] = [];
    const registry = registryOf(
      ...['A', 'B', 'C'].map((name, index) =>
        scripted(name, log, {
          async execute({ sagaId }) {
            if (index === at) await cancel(sagaId);
            return done({ [name]: index });
          },
        }),
      ),
    );
    const { id } = await engine.start(steps('A', 'B', 'C'));
    const saga = await engine.drive(id, registry);
    const ran = ['A', 'B', 'C'].slice(0, at + 1);
    expect(saga).toMatchObject({ status: 'rolled_back', error: 'Cancelled on request.' });
    expect(saga.context).toEqual(Object.fromEntries(ran.map((name, index) => [name, index])));
    expect(log).toEqual([...ran, ...ran.toReversed().map((name) => `undo ${name}`)]);
    expect(saga.events.slice(2 + 2 * at)).toEqual([
      'cancel_requested: by op',
      `step_completed ${at}`,
      'compensation_started: Cancelled on request.',
      ...ran.map((_, n) => `step_compensated ${at - n}`),
      'rolled_back',
    ]);
  });

  it('while a step waits is heeded once that step is done', async () => {
    const log: string[] = [];
    const waiting = scripted('Wait', log, { execute: (_, call) => (call === 1 ? again(5) : done()) });
    const registry = registryOf(waiting, echo);
    const { id } = await engine.start(steps('Wait', 'Echo'));
    await engine.deliver(id, registry);
    await cancel(id);
    expect(await engine.drive(id, registry)).toMatchObject({
      status: 'rolled_back',
      ledger: ['0 Wait compensated 1/0'],
    });
    expect(log).toEqual(['Wait', 'Wait', 'undo Wait']);
  });

  it('is told once however often it is asked for, and changes nothing while the saga rolls back', async () => {
    const slow = scripted('Slow', [], { compensate: (_, call) => (call === 1 ? again(5) : done()) });
    const { id } = await engine.start(steps('Slow', 'Fail'));
    await cancel(id);
    const before = await engine.snapshot(id);
    await cancel(id);
    expect(await engine.snapshot(id)).toBe(before);
    const other = await engine.start(steps('Slow', 'Fail'));
    await engine.deliver(other.id, registryOf(slow, fail));
    const rollingBack = await engine.snapshot(other.id);
    await cancel(other.id);
    expect(await engine.snapshot(other.id)).toBe(rollingBack);
  });

  it('of what has ended, and a retry of what has not failed, are conflicts that change nothing', async () => {
    const registry = registryOf(echo, scripted('Wait', [], { execute: () => again(5) }));
    const ended = await engine.start(steps('Echo'));
    await engine.drive(ended.id, registry);
    const running = await engine.start(steps('Wait'));
    await engine.deliver(running.id, registry);
    const before = [await engine.snapshot(ended.id), await engine.snapshot(running.id)];
    engine.jobs.length = 0;
    await expect(cancel(ended.id)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(retry(ended.id)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(retry(running.id)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(cancel('00000000-0000-4000-8000-000000000000')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(retry('nonsense')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect([await engine.snapshot(ended.id), await engine.snapshot(running.id)]).toEqual(before);
    expect(engine.jobs).toEqual([]);
  });
});
