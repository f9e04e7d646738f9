import type { Viewer } from '../../context.js';
import { addDays, type Day, parseDay } from '../../core/time/period.js';
import { BadUserInputError, ForbiddenError } from '../../errors.js';

const MAX_DAYS_AHEAD = 366;

/**
 * The requested first billed day, or today without a request. Throws FORBIDDEN if a tenant requests an earlier day than
 * today, BAD_USER_INPUT for a day too far ahead.
 */
export function chooseStart(viewer: Viewer, requested: string | null | undefined, today: Day): Day {
  if (!requested) return today;
  const day = parseDay(requested, 'startsOn');
  if (day < today && !viewer.isOperator) throw new ForbiddenError('startsOn before today is for operators');
  if (day > addDays(today, MAX_DAYS_AHEAD)) {
    throw BadUserInputError.at('startsOn', `must be at most ${MAX_DAYS_AHEAD} days from today`);
  }
  return day;
}
