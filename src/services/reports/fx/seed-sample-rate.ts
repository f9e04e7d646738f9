import type { App } from '../../../context.js';
import type { FxRate } from '../../../core/money/fx.js';
import { parseDay } from '../../../core/time/period.js';

/** In force since before the sample account's first invoice. A made-up rate: reports of a real account need a real one. */
export const SAMPLE_RATE: FxRate = {
  base: 'USD',
  quote: 'AUD',
  effectiveFrom: parseDay('2014-12-01'),
  rate: '1.5',
};

/** For the sandbox's account alone, so that a fresh install can show a margin. A pair that has any rate stays as it is. */
export async function seedSampleRate(app: Pick<App, 'db'>): Promise<void> {
  const { base, quote, effectiveFrom, rate } = SAMPLE_RATE;
  await app.db.query(
    `insert into fx_rates (base, quote, effective_from, rate) select $1::text, $2::text, $3::date, $4::numeric
     where not exists (select from fx_rates where base = $1 and quote = $2)
     on conflict do nothing`,
    [base, quote, effectiveFrom, rate],
  );
}
