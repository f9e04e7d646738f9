import type { App } from '../../../context.js';
import type { FxRate } from '../../../core/money/fx.js';
import { Decimal } from '../../../core/money/money.js';
import { quantityProblems } from '../../../core/pricing/plan-problems.js';
import { parseDay } from '../../../core/time/period.js';
import type { Reads } from '../../../database/reads.js';
import { BadUserInputError, type FieldProblem } from '../../../errors.js';

/** Every rate, the newest of each pair first. */
export async function listFxRates(sql: Pick<Reads, 'query'>): Promise<FxRate[]> {
  return sql.query<FxRate>(
    `select base, quote, effective_from::text as "effectiveFrom", trim_scale(rate)::text as rate from fx_rates
     order by base, quote, effective_from desc`,
    [],
  );
}

export interface NewFxRate extends Omit<FxRate, 'effectiveFrom'> {
  readonly effectiveFrom: string;
}

/** The rate from that day on, until the next of its pair begins; one that began on the same day is replaced. Operators only: the resolver sees to that. */
export async function setFxRate(app: Pick<App, 'db'>, input: NewFxRate): Promise<FxRate> {
  const problems = rateProblems(input);
  if (problems.length > 0) throw new BadUserInputError(problems);
  const from = parseDay(input.effectiveFrom, 'input.effectiveFrom');
  const [set]: [FxRate] = await app.db.query(
    `insert into fx_rates (base, quote, effective_from, rate) values ($1, $2, $3, $4)
     on conflict (base, quote, effective_from) do update set rate = excluded.rate
     returning base, quote, effective_from::text as "effectiveFrom", trim_scale(rate)::text as rate`,
    [input.base, input.quote, from, input.rate],
  );
  return set;
}

function rateProblems({ base, quote, rate }: NewFxRate): FieldProblem[] {
  const problems = quantityProblems(rate, 'input.rate');
  if (problems.length === 0 && new Decimal(rate).isZero()) {
    problems.push({ path: 'input.rate', message: 'is zero; a rate is more than that' });
  }
  if (base === quote)
    problems.push({ path: 'input.quote', message: `${quote} is the base too; a rate joins two currencies` });
  return problems;
}
