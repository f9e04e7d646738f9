import type { App } from '../../context.js';
import type { Reporting } from '../../core/fx.js';
import { listFxRates } from './fx-rates.js';

/** The currency that reports are in, and every rate that there is. */
export async function readReporting(app: Pick<App, 'reads' | 'config'>): Promise<Reporting> {
  return { currency: app.config.reportingCurrency, rates: await listFxRates(app.reads) };
}
