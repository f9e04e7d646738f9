import { z } from 'zod';
import { CURRENCIES } from './money.js';

/** `json_build_object('cents', price_cents, 'currency', currency)` of a row. */
export const MoneyShape = z.strictObject({ cents: z.int(), currency: z.enum(CURRENCIES) });
