import { z } from 'zod';
import type { Day, Period } from './period.js';

/** A day as a `date` column or `::date::text` answers it. */
export const DayShape = z.custom<Day>((value) => typeof value === 'string' && /^-?\d{4,}-\d\d-\d\d$/.test(value));

/** The first day of a month. */
export const PeriodShape = z.custom<Period>((value) => typeof value === 'string' && /^\d{4}-\d\d-01$/.test(value));
