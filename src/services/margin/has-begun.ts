import type { App } from '../../context.js';
import { dayOf, type Period } from '../../core/period.js';

/** Whether there can be usage of that month. */
export function hasStarted(app: Pick<App, 'clock'>, period: Period): boolean {
  return period <= dayOf(app.clock());
}
