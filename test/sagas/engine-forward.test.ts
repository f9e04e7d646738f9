import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runSaga } from '../../src/services/sagas/run-saga.js';
import { again, done, failed } from '../../src/services/sagas/step.js';
import { present } from '../support/typed-document.js';
import { type EngineApp, interposed, registryOf, startEngine, steps } from './engine-app.js';
import { echo, type Script, scripted } from './engine-steps.js';

let engine: EngineApp;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.close());

const waitSeconds = async (id: string): Promise<number> => {
  const [row] = await engine.sql<{ seconds: number }>(
    'select round(extract(epoch from next_attempt_at - clock_timestamp()))::int as seconds from saga_runs where id = $1',
    [id],
  );
  return present(row).seconds;
};

describe('a saga that nothing disturbs', () => {
  it('runs its steps in order, with ledger, context and events 1 to n', async () => {
    const log: string[] = [];
    const first = scripted('First', log, { execute: () => done({ a: 1 }) });
    const second = scripted('Second', log, { execute: ({ context }) => done({ b: Number(context['a']) + 1 }) });
    const { id } = await engine.start(steps('First', 'Second', 'Echo'), { inputs: { says: 'good day' } });
    const saga = await engine.drive(id, registryOf(first, second, echo));
    expect(saga).toMatchObject({
      status: 'completed',
      context: { a: 1, b: 2, heard: 'good day' },
      error: null,
      epoch: '1',
      leaseOwner: null,
      ledger: ['0 First completed 1/0', '1 Second completed 1/0', '2 Echo completed 1/0'],
      events: [
        'started',
        'step_started 0',
        'step_completed 0',
        'step_started 1',
        'step_completed 1',
        'step_started 2',
        'step_completed 2',
        'completed',
      ],
    });
    expect(log).toEqual(['First', 'Second']);
    expect(engine.jobs).toEqual([]);
  });

  it('gives a step the inputs of its own on top of those of the saga', async () => {
    const { id } = await engine.start(
      [
        { name: 'Echo', version: 1 },
        { name: 'Echo', version: 1, inputs: { says: 'mine' } },
      ],
      { inputs: { says: 'ours' } },
    );
    await engine.drive(id, registryOf(echo));
    const outputs = await engine.sql('select output from saga_step_results where saga_id = $1 order by index', [id]);
    expect(outputs).toEqual([{ output: { heard: 'ours' } }, { output: { heard: 'mine' } }]);
  });

  it('gives the next step an output as another runner would read it', async () => {
    const seen: unknown[] = [];
    const dated = scripted('Dated', [], { execute: () => done({ at: new Date(0), nothing: undefined }) as never });
    const reader = scripted('Reader', [], {
      execute: ({ context }) => {
        seen.push(context);
        return done();
      },
    });
    const { id } = await engine.start(steps('Dated', 'Reader'));
    await engine.drive(id, registryOf(dated, reader));
    expect(seen).toEqual([{ at: '1970-01-01T00:00:00.000Z' }]);
  });
});

describe('a step that is not done yet', () => {
  it('is asked again when it said, holds no lease meanwhile, and tells news once', async () => {
    const log: string[] = [];
    const waiting = scripted('Wait', log, { execute: (_, call) => (call < 3 ? again(5, 'still new') : done()) });
    const { id } = await engine.start(steps('Wait'));
    engine.jobs.length = 0;
    await engine.deliver(id, registryOf(waiting));
    expect(await engine.stored(id)).toMatchObject({
      status: 'running',
      leaseOwner: null,
      ledger: ['0 Wait running 1/1'],
    });
    expect(await waitSeconds(id)).toBe(5);
    expect(engine.jobs).toMatchObject([{ sagaId: id, delayMs: 5_000 }]);
    expect(await engine.drive(id, registryOf(waiting))).toMatchObject({
      status: 'completed',
      ledger: ['0 Wait completed 1/2'],
      events: ['started', 'step_started 0', 'step_progress 0: still new', 'step_completed 0', 'completed'],
    });
    expect(log).toEqual(['Wait', 'Wait', 'Wait']);
  });

  it('is not asked before it is due: a job that comes early is put back', async () => {
    const log: string[] = [];
    const waiting = scripted('Wait', log, { execute: () => again(60) });
    const { id } = await engine.start(steps('Wait'));
    await engine.deliver(id, registryOf(waiting));
    engine.jobs.length = 0;
    const before = await engine.snapshot(id);
    await engine.deliver(id, registryOf(waiting));
    expect(await engine.snapshot(id)).toBe(before);
    expect(log).toEqual(['Wait']);
    expect(engine.jobs).toHaveLength(1);
    expect(engine.jobs[0]?.delayMs).toBeGreaterThan(50_000);
  });

  it('has failed once it was asked as often as its patience allows', async () => {
    const waiting = scripted('Wait', [], { maxPolls: 2, execute: () => again(5, 'not there') });
    const { id } = await engine.start(steps('Wait'));
    expect(await engine.drive(id, registryOf(waiting))).toMatchObject({
      status: 'rolled_back',
      error: 'Wait failed: Not done after 2 polls: not there',
      ledger: ['0 Wait compensated 1/0'],
    });
  });

  it('never makes a saga sleep longer than a day', async () => {
    const waiting = scripted('Wait', [], { execute: () => again(Number.POSITIVE_INFINITY) });
    const { id } = await engine.start(steps('Wait'));
    await engine.deliver(id, registryOf(waiting));
    expect(await waitSeconds(id)).toBe(86_400);
  });
});

describe('a step that fails', () => {
  it('is tried again by its policy, with doubled waits, until it is done', async () => {
    const waits: number[] = [];
    const retry = { attempts: 4, firstDelaySeconds: 10, maxDelaySeconds: 30 };
    const shaky = scripted('Shaky', [], {
      retry,
      execute: (_, call) => (call < 4 ? failed('retryable', `trouble ${call}`) : done()),
    });
    const { id } = await engine.start(steps('Shaky'));
    for (let turn = 0; turn < 3; turn++) {
      await engine.pass(id);
      await engine.deliver(id, registryOf(shaky));
      waits.push(await waitSeconds(id));
    }
    expect(waits).toEqual([10, 20, 30]);
    expect(await engine.drive(id, registryOf(shaky))).toMatchObject({
      status: 'completed',
      ledger: ['0 Shaky completed 4/0'],
      events: [
        'started',
        'step_started 0',
        'step_progress 0: Attempt 1 of 4 failed, the next in 10 s: trouble 1',
        'step_progress 0: Attempt 2 of 4 failed, the next in 20 s: trouble 2',
        'step_progress 0: Attempt 3 of 4 failed, the next in 30 s: trouble 3',
        'step_completed 0',
        'completed',
      ],
    });
  });

  it('waits as long as the other side asks, and an hour at most', async () => {
    const asked = [45, 1e15];
    const limited = scripted('Limited', [], {
      execute: (_, call) => ({
        is: 'failed',
        kind: 'retryable',
        message: '429',
        afterSeconds: asked[call - 1] ?? null,
      }),
    });
    const { id } = await engine.start(steps('Limited'));
    await engine.deliver(id, registryOf(limited));
    expect(await waitSeconds(id)).toBe(45);
    await engine.pass(id);
    await engine.deliver(id, registryOf(limited));
    expect(await waitSeconds(id)).toBe(3_600);
  });

  it('is failed for good after its last attempt, and at once where trying again cannot help', async () => {
    const log: string[] = [];
    const retry = { attempts: 2, firstDelaySeconds: 1, maxDelaySeconds: 1 };
    const shaky = scripted('Shaky', log, { retry, execute: () => failed('retryable', 'down') });
    const rejected = scripted('Refused', log, { execute: () => failed('permanent', 'never') });
    const registry = registryOf(shaky, rejected);
    const exhausted = await engine.drive((await engine.start(steps('Shaky'))).id, registry);
    const permanent = await engine.drive((await engine.start(steps('Refused'))).id, registry);
    expect(exhausted).toMatchObject({ status: 'rolled_back', error: 'Shaky failed: down' });
    expect(permanent).toMatchObject({ status: 'rolled_back', error: 'Refused failed: never' });
    expect(log).toEqual(['Shaky', 'Shaky', 'undo Shaky', 'Refused', 'undo Refused']);
  });

  it('fails where it throws, answers nothing, or answers what cannot be stored', async () => {
    const round: Record<string, unknown> = {};
    round['round'] = round;
    const throws = () => {
      throw new TypeError('a bug');
    };
    const answers: [string, Script['execute']][] = [
      ['Throws', throws],
      ['Silent', () => undefined as never],
      ['Round', () => done(round)],
    ];
    for (const [name, execute = throws] of answers) {
      const step = scripted(name, [], {
        execute,
        retry: { attempts: 1, firstDelaySeconds: 1, maxDelaySeconds: 1 },
      });
      const { id } = await engine.start(steps(name));
      expect(await engine.drive(id, registryOf(step))).toMatchObject({ status: 'rolled_back', epoch: '1' });
    }
  });

  it('is stored with U+FFFD for each character that Postgres cannot store', async () => {
    const odd = scripted('Odd', [], {
      execute: async ({ saveNotes }) => {
        await saveNotes({ note: 'half \ud800 and \0', 'key\0': ['\0'] });
        return failed('permanent', 'broken \0 half \udfff whole \u{1f600}');
      },
    });
    const { id } = await engine.start(steps('Odd'));
    expect(await engine.drive(id, registryOf(odd))).toMatchObject({
      status: 'rolled_back',
      error: 'Odd failed: broken \ufffd half \ufffd whole \u{1f600}',
    });
    expect(await engine.sql('select notes from saga_step_results where saga_id = $1', [id])).toEqual([
      { notes: { note: 'half \ufffd and \ufffd', 'key\ufffd': ['\ufffd'] } },
    ]);
  });
});

describe('the notes of a step', () => {
  it('are there for its next attempt and its compensation, whoever runs those', async () => {
    const seen: unknown[] = [];
    const noting = scripted('Noting', [], {
      execute: async ({ saveNotes, notes }, call) => {
        seen.push(notes);
        await saveNotes(call === 1 ? { asked: true } : { polls: call });
        return call < 3 ? failed('retryable', 'again') : failed('permanent', 'enough');
      },
      compensate: ({ notes }) => {
        seen.push(notes);
        return done();
      },
    });
    const { id } = await engine.start(steps('Noting'));
    expect(await engine.drive(id, registryOf(noting))).toMatchObject({ status: 'rolled_back' });
    expect(seen).toEqual([{}, { asked: true }, { asked: true, polls: 2 }, { asked: true, polls: 3 }]);
  });

  it('all arrive where a step does not wait for them, and before its answer', async () => {
    const hasty = scripted('Hasty', [], {
      execute: async ({ saveNotes }) => {
        for (let n = 0; n < 8; n++) void saveNotes({ [`note${n}`]: n });
        return done({ ok: true });
      },
    });
    const { id } = await engine.start(steps('Hasty'));
    expect(await engine.drive(id, registryOf(hasty))).toMatchObject({ ledger: ['0 Hasty completed 1/0'] });
    const [row] = await engine.sql<{ seconds: number }>(
      'select notes, output from saga_step_results where saga_id = $1',
      [id],
    );
    expect(row).toEqual({
      notes: { note0: 0, note1: 1, note2: 2, note3: 3, note4: 4, note5: 5, note6: 6, note7: 7 },
      output: { ok: true },
    });
  });

  it('stay where they were written and only the answer was lost', async () => {
    const noting = scripted('Noting', [], {
      execute: async ({ saveNotes, notes }) => {
        if (notes['asked']) return done();
        await saveNotes({ asked: true });
        return failed('permanent', 'not reached');
      },
    });
    const { id } = await engine.start(steps('Noting'));
    let writes = 0;
    const app = interposed(engine.app, async (operation, run) => {
      const result = await run();
      if (operation === 'write-saga' && ++writes === 2) throw new Error('Connection terminated unexpectedly');
      return result;
    });
    await runSaga(app, registryOf(noting), id, new AbortController().signal);
    expect(await engine.drive(id, registryOf(noting))).toMatchObject({
      status: 'completed',
      ledger: ['0 Noting completed 2/0'],
    });
  });

  it('are refused once the step has answered', async () => {
    const late: ((more: Record<string, unknown>) => Promise<void>)[] = [];
    const leaky = scripted('Leaky', [], {
      execute: ({ saveNotes }) => {
        late.push(saveNotes);
        return done();
      },
    });
    const { id } = await engine.start(steps('Leaky', 'Echo'));
    await engine.drive(id, registryOf(leaky, echo));
    const before = await engine.snapshot(id);
    await expect(present(late[0])({ too: 'late' })).rejects.toThrow('Leaky writes after it returned its result');
    expect(await engine.snapshot(id)).toBe(before);
  });

  it('are refused within a write, which would wait for itself for ever', async () => {
    const nested = scripted('Nested', [], {
      execute: ({ saveNotes, write }) => write(() => saveNotes({ never: true })) as never,
      retry: { attempts: 1, firstDelaySeconds: 1, maxDelaySeconds: 1 },
    });
    const { id } = await engine.start(steps('Nested'));
    expect(await engine.drive(id, registryOf(nested))).toMatchObject({
      status: 'rolled_back',
      error: 'Nested failed: Nested saves notes within a write',
    });
  });
});
