import type { Viewer } from '../../context.js';
import { addDays, type Day, parseDay } from '../../core/time/period.js';
import { BadUserInputError, ForbiddenError } from '../../errors.js';

const MAX_DAYS_AHEAD = 366;

/** The first billed day that was asked for, else today. An earlier one is for operators. */
export function chooseStart(viewer: Viewer, asked: string | null | undefined, today: Day): Day {
  if (!asked) return today;
  const day = parseDay(asked, 'startsOn');
  if (day < today && !viewer.isOperator) throw new ForbiddenError('startsOn before today is for operators');
  if (day > addDays(today, MAX_DAYS_AHEAD)) {
    throw BadUserInputError.at('startsOn', `must be at most ${MAX_DAYS_AHEAD} days from today`);
  }
  return day;
}
