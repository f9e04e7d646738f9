import type { App, Viewer } from '../context.js';
import type { Loaders } from './loaders.js';

/** What every resolver is given. */
export interface RequestContext {
  readonly app: App;
  readonly viewer: Viewer;
  readonly requestId: string;
  /** Made for this request alone, so that nobody is answered from another's. */
  readonly loaders: Loaders;
}
