import { randomUUID } from 'node:crypto';
import type { App, Viewer } from '../context.js';
import { Loaders } from './loaders.js';
import { OperationBudget } from './operation-budget.js';

/** What every resolver is given. */
export interface RequestContext {
  readonly app: App;
  readonly viewer: Viewer;
  readonly requestId: string;
  readonly budget: OperationBudget;
  /** Made for this request alone, so that nobody is answered from another's. */
  readonly loaders: Loaders;
}

/** A request's own context; loaders are made for those that load. */
export function createContext(app: App, viewer: Viewer): RequestContext {
  return new Context(app, viewer, randomUUID(), new OperationBudget());
}

/** The same caller's context for one operation, whose reads wait for and end with its budget. */
export function contextWithin({ app, viewer, requestId }: RequestContext, budget: OperationBudget): RequestContext {
  const reads = app.reads.within((send) => budget.run(send));
  return new Context({ ...app, reads }, viewer, requestId, budget);
}

/** The getter is the prototype's: Apollo copies the context's own properties for each operation, and calls none of them. */
class Context implements RequestContext {
  private made: Loaders | null = null;
  constructor(
    readonly app: App,
    readonly viewer: Viewer,
    readonly requestId: string,
    readonly budget: OperationBudget,
  ) {}

  get loaders(): Loaders {
    this.made ??= new Loaders(this.app, this.viewer);
    return this.made;
  }
}
