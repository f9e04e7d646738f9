import { z } from 'zod';
import { CURRENCIES } from './money.js';

/** Money as `json_build_object('cents', …, 'currency', …)` answers it. */
export const MoneyShape = z.object({ cents: z.int(), currency: z.enum(CURRENCIES) });
