import { randomUUID } from 'node:crypto';
import type { App, Viewer } from '../context.js';
import { Loaders } from './loaders.js';

/** What every resolver is given. */
export interface RequestContext {
  readonly app: App;
  readonly viewer: Viewer;
  readonly requestId: string;
  /** Made for this request alone, so that nobody is answered from another's. */
  readonly loaders: Loaders;
}

/** A request's own context; loaders are made for those that load. */
export function createContext(app: App, viewer: Viewer): RequestContext {
  let loaders: Loaders | null = null;
  return {
    app,
    viewer,
    requestId: randomUUID(),
    get loaders() {
      loaders ??= new Loaders(app, viewer);
      return loaders;
    },
  };
}
