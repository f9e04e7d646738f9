import type { SagaStepRef } from '../../src/core/sagas/sagas.js';
import type { SagaApp } from '../../src/services/sagas/perform-step.js';
import {
  again,
  done,
  failed,
  type Json,
  type Step,
  type StepRegistry,
  type StepResult,
  type StoredStepInput,
} from '../../src/services/sagas/step.js';
import { registryOf } from './engine-app.js';
import type { Actor } from './engine-schedule.js';

export type Said = 'again' | 'retryable' | 'permanent' | 'throw';
/** What a step answers in place of being done, and whether it has acted before that. */
export interface Trouble {
  readonly says: Said;
  readonly hasActed: boolean;
}
export interface Plan {
  readonly acts: 'provider' | 'table' | 'nothing';
  readonly isIrreversible: boolean;
  /** In this order, one a call; then it is done. */
  readonly execute: readonly Trouble[];
  readonly compensate: readonly Trouble[];
}

interface Client {
  find(key: string): Promise<boolean>;
  create(key: string): Promise<void>;
  destroy(key: string): Promise<void>;
}
type Holder = Parameters<SagaApp['digitalOcean']['provisioningFor']>[0];

/** What the steps change outside of the engine, and the steps. A second effect of one step is an error at once. */
export class World {
  readonly provider = new Set<string>();
  readonly wrongs: string[] = [];
  readonly steps: readonly SagaStepRef[];
  readonly registry: StepRegistry;

  constructor(readonly plans: readonly Plan[]) {
    this.steps = plans.map((_, index) => ({ name: `Step${index}`, version: 1 }));
    this.registry = registryOf(...plans.map((plan, index) => this.stepOf(plan, index)));
  }

  /** The client of one actor: each request is sent in the breath of its holder's last word, whenever that comes. */
  clientFor(actor: Actor): SagaApp['digitalOcean'] {
    const call = async <T>(holder: Holder, what: string, act: () => T): Promise<T> => {
      await holder.beforeTry();
      let result = undefined as T;
      let rejected: { readonly by: unknown } | null = null;
      await actor.wait(what, async () => {
        try {
          holder.beforeSend();
          result = act();
        } catch (by) {
          rejected = { by };
        }
      });
      if (rejected) throw (rejected as { readonly by: unknown }).by;
      return result;
    };
    const provisioningFor = (holder: Holder): Client => ({
      find: (key) => call(holder, `find ${key}`, () => this.provider.has(key)),
      create: (key) =>
        call(holder, `create ${key}`, () => {
          if (this.provider.has(key)) this.wrongs.push(`${actor.name} made a second ${key}`);
          this.provider.add(key);
        }),
      destroy: (key) => call(holder, `destroy ${key}`, () => void this.provider.delete(key)),
    });
    return { provisioningFor } as unknown as SagaApp['digitalOcean'];
  }

  private stepOf({ acts, isIrreversible, execute, compensate }: Plan, index: number): Step {
    const left = { execute: [...execute], compensate: [...compensate] };
    const act = async (given: StoredStepInput, isThere: boolean): Promise<void> => {
      if (acts === 'provider') await this.callProvider(given, index, isThere);
      if (acts === 'table') await writeTable(given, index, isThere);
    };
    const run = async (given: StoredStepInput, troubles: Trouble[], isThere: boolean): Promise<StepResult<Json>> => {
      const trouble = troubles.shift();
      if (!trouble || trouble.hasActed) await act(given, isThere);
      switch (trouble?.says) {
        case undefined:
          return done(isThere ? { [`step${index}`]: `${given.sagaId}-${index}` } : {});
        case 'again':
          return again(5, 'not yet');
        case 'throw':
          throw new Error('thrown');
        default:
          return failed(trouble?.says ?? 'permanent', 'trouble');
      }
    };
    return {
      name: `Step${index}`,
      version: 1,
      maxPolls: 1_000,
      retry: { attempts: 1_000, firstDelaySeconds: 1, maxDelaySeconds: 1 },
      irreversible: isIrreversible ? 'it is final.' : null,
      execute: (given) => run(given, left.execute, true),
      compensate: async (given) => {
        if (!isIrreversible) return run(given, left.compensate, false);
        return (await this.isThere(given, index)) ? failed('permanent', 'it has acted') : done();
      },
    };
  }

  private async callProvider(given: StoredStepInput, index: number, isThere: boolean): Promise<void> {
    const client = given.digitalOcean as unknown as Client;
    const key = `${given.sagaId}-${index}`;
    if (!isThere) return client.destroy(key);
    if (await client.find(key)) return;
    await given.saveNotes({ asked: key });
    await client.create(key);
  }

  private async isThere(given: StoredStepInput, index: number): Promise<boolean> {
    const key = `${given.sagaId}-${index}`;
    if (this.plans[index]?.acts === 'provider') return (given.digitalOcean as unknown as Client).find(key);
    const rows = await given.write((db) => db.query('select from effects where key = $1', [key]));
    return rows.length > 0;
  }
}

/** Each write leaves a trace, also one that changes nothing. */
async function writeTable(given: StoredStepInput, index: number, isThere: boolean): Promise<void> {
  const key = `${given.sagaId}-${index}`;
  await given.write(async (db) => {
    await db.query('insert into writes values ($1)', [key]);
    if (isThere) await db.query('insert into effects values ($1) on conflict do nothing', [key]);
    else await db.query('delete from effects where key = $1', [key]);
  });
}
