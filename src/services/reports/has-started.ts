import type { App } from '../../context.js';
import { dayOf, type Period } from '../../core/time/period.js';

/** Whether there can be usage of that month. */
export function hasStarted(app: Pick<App, 'clock'>, period: Period): boolean {
  return period <= dayOf(app.clock());
}
