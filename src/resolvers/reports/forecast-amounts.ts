import type { Currency } from '../../core/money/money.js';
import type { AmountForecast } from '../../core/reports/forecast.js';
import type { ForecastAccuracy } from '../../core/reports/forecast-error.js';

/** Cents with their currency, as the API shows them. */
export function toAmount(forecast: AmountForecast, currency: Currency) {
  return {
    fixed: { cents: forecast.fixedCents, currency },
    meteredAccrued: { cents: forecast.meteredAccruedCents, currency },
    metered: { cents: forecast.meteredCents, currency },
    total: { cents: forecast.totalCents, currency },
  };
}

export type AccuracyOf = ReturnType<typeof toAccuracy>;

export function toAccuracy({ months, meanAbsolutePercent, biasPercent }: ForecastAccuracy, currency: Currency) {
  const text = (percent: number | null) => (percent === null ? null : String(percent));
  return {
    meanAbsolutePercent: text(meanAbsolutePercent),
    biasPercent: text(biasPercent),
    months: months.map((month) => ({
      period: month.period,
      forecast: { cents: month.forecastCents, currency },
      actual: { cents: month.actualCents, currency },
      error: { cents: month.errorCents, currency },
      errorPercent: text(month.errorPercent),
    })),
  };
}
