import { setImmediate } from 'node:timers/promises';
import type { SagaApp } from '../../src/services/sagas/perform-step.js';
import { interposed } from './engine-app.js';

/** What an actor waits for leave to do. */
interface Gate {
  readonly operation: string;
  run(): Promise<unknown>;
  answer(): void;
  lose(): void;
}

type State = 'running' | 'waiting' | 'over' | 'dead';

/** A runner or a client of the engine: it does nothing to the database but by leave, one operation at a time. */
export class Actor {
  state: State = 'running';
  gate: Gate | null = null;

  constructor(readonly name: string) {}

  get isLive(): boolean {
    return this.state === 'running' || this.state === 'waiting';
  }

  /** Waits for leave to do it. */
  readonly around = async <T>(operation: string, run: () => Promise<T>): Promise<T> => {
    let doing: Promise<T> | null = null;
    await this.wait(operation, () => {
      doing = run();
      return doing.catch(() => {});
    });
    return doing as unknown as Promise<T>;
  };

  /** Waits for leave to go on from here. */
  wait(operation: string, run: () => Promise<unknown> = async () => {}): Promise<void> {
    if (this.state === 'dead') return new Promise(() => {});
    return new Promise((resolve, reject) => {
      this.state = 'waiting';
      this.gate = {
        operation,
        run,
        answer: () => this.pass(resolve),
        lose: () => this.pass(() => reject(new Error(`connection lost: ${operation}`))),
      };
    });
  }

  private pass(then: () => void): void {
    this.gate = null;
    if (this.state !== 'dead') this.state = 'running';
    then();
  }

  app(app: SagaApp): SagaApp {
    const queues = {
      add: (...job: Parameters<SagaApp['queues']['add']>) => this.around('queue', () => app.queues.add(...job)),
    };
    return interposed({ ...app, queues, processId: this.name }, this.around);
  }
}

/** Runs actors one operation at a time, in the order that the test chooses; only locks of the database hold them up. */
export class Schedule {
  readonly actors: Actor[] = [];
  /** Statements of the dead that may still reach the database. */
  readonly adrift: { readonly actor: Actor; readonly run: () => Promise<unknown> }[] = [];
  readonly log: string[] = [];
  private landing = 0;

  constructor(private readonly lockWaiters: () => Promise<number>) {}

  start(name: string, work: (actor: Actor) => Promise<void>): Actor {
    const actor = new Actor(name);
    this.actors.push(actor);
    const end = () => {
      if (actor.state !== 'dead') actor.state = 'over';
    };
    work(actor).then(end, end);
    return actor;
  }

  get waiting(): Actor[] {
    return this.actors.filter((actor) => actor.state === 'waiting');
  }

  get isHeldUp(): boolean {
    return this.landing > 0 || this.actors.some((actor) => actor.state === 'running');
  }

  /** Lets an actor do its operation. */
  async step(actor: Actor): Promise<void> {
    const { gate } = actor;
    if (!gate) return;
    this.log.push(`${actor.name}: ${gate.operation}`);
    actor.gate = null;
    actor.state = 'running';
    void gate.run().then(gate.answer);
    await this.settle();
  }

  /** It is done, or not, and the answer is lost on the way. */
  async lose(actor: Actor, isDone: boolean): Promise<void> {
    const { gate } = actor;
    if (!gate) return;
    this.log.push(`${actor.name}: ${gate.operation} lost${isDone ? '' : ', not done'}`);
    actor.gate = null;
    actor.state = 'running';
    void (isDone ? gate.run() : Promise.resolve()).then(gate.lose);
    await this.settle();
  }

  /** The process dies here: it does nothing more, and its open transaction ends; what it had sent may still arrive. */
  async kill(actor: Actor, isAdrift: boolean): Promise<void> {
    const { gate } = actor;
    this.log.push(`${actor.name}: dies${gate ? ` at ${gate.operation}` : ''}`);
    actor.state = 'dead';
    if (gate?.operation === 'commit') gate.lose();
    else if (gate && isAdrift) this.adrift.push({ actor, run: gate.run });
    await this.settle();
  }

  async landAdrift(): Promise<void> {
    const late = this.adrift.shift();
    if (!late) return;
    this.log.push(`${late.actor.name}: arrives late`);
    this.landing += 1;
    void late.run().then(() => {
      this.landing -= 1;
    });
    await this.settle();
  }

  /** Until every actor waits for leave, is over, or is held up by a lock. */
  async settle(): Promise<void> {
    for (let turns = 0; ; turns++) {
      await setImmediate();
      const running = this.landing + this.actors.filter((actor) => actor.state === 'running').length;
      if (running === 0 && turns > 2) return;
      if (turns > 0 && turns % 200 === 0 && (await this.lockWaiters()) >= running) return;
    }
  }
}
