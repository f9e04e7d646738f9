import { z } from 'zod';
import type { App } from '../../context.js';
import { MALFORMED_CHARGE } from '../../core/metering/llm-charge.js';
import { isDecimalText } from '../../core/money/decimal-text.js';
import { CURRENCIES, type Currency, Decimal } from '../../core/money/money.js';
import { storableProblem } from '../../core/text/storable-text.js';
import { query } from '../../database/queries.js';
import { rowShape } from '../../database/row-shape.js';
import { type Sql, shared, sql } from '../../database/sql.js';
import { BadUserInputError } from '../../errors.js';
import { isUuid } from '../paging/keyset.js';
import { PLAN_ON_DAY, planCurrencies } from './charge-terms.js';

/** One request that the gateway charged; the charge is taken as it is. */
export interface LlmUsage {
  readonly gatewayRequestId: string;
  readonly deploymentId: string;
  readonly occurredAt: Date;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly charge: string;
  readonly currency: Currency;
}

export const LLM_USAGE_OUTCOMES = ['recorded', 'duplicate', 'rejected'] as const;
export interface LlmUsageResult {
  readonly gatewayRequestId: string;
  readonly outcome: (typeof LLM_USAGE_OUTCOMES)[number];
  readonly reason: string | null;
}

const MAX_EVENTS = 1_000;
const MAX_TEXT = 200;
/** Far past what one request can cost, so that a sum of many stays exact in cents. */
const MAX_CHARGE = 1_000_000_000;
const CHARGE_SCALE = 18;
const EARLIEST = new Date('2000-01-01T00:00:00Z');
const MAX_MS_AHEAD = 24 * 60 * 60 * 1_000;
const OTHER_CONTENT = 'this request id is known with other content';

/** Records each event once, by the gateway's id. Every event has an outcome of its own, in the order given. */
export async function recordLlmUsage(
  app: Pick<App, 'db' | 'clock'>,
  events: readonly LlmUsage[],
): Promise<LlmUsageResult[]> {
  if (events.length > MAX_EVENTS) throw BadUserInputError.at('events', `takes at most ${MAX_EVENTS} events`);
  const now = app.clock();
  const firstById = new Map<string, LlmUsage>();
  const problems = events.map((event) => {
    const problem = problemOf(event, now);
    if (problem === null && !firstById.has(event.gatewayRequestId)) firstById.set(event.gatewayRequestId, event);
    return problem;
  });
  const outcomes = await writeEvents(app, [...firstById.values()], now);
  return events.map((event, i) => {
    const { gatewayRequestId } = event;
    const problem = problems[i] as string | null;
    if (problem !== null) return rejected(gatewayRequestId, problem);
    const first = firstById.get(gatewayRequestId) as LlmUsage;
    const result = outcomes.get(gatewayRequestId) as LlmUsageResult;
    if (first === event || result.outcome === 'rejected') return result;
    if (!isSame(first, event)) return rejected(gatewayRequestId, OTHER_CONTENT);
    return { gatewayRequestId, outcome: 'duplicate', reason: null };
  });
}

function rejected(gatewayRequestId: string, reason: string): LlmUsageResult {
  return { gatewayRequestId, outcome: 'rejected', reason };
}

function problemOf(event: LlmUsage, now: Date): string | null {
  const { gatewayRequestId, model, charge } = event;
  if (gatewayRequestId.trim() === '' || gatewayRequestId.length > MAX_TEXT) {
    return `gatewayRequestId takes 1 to ${MAX_TEXT} characters`;
  }
  const unstorable = storableProblem(gatewayRequestId) ?? storableProblem(model);
  if (unstorable !== null) return `text ${unstorable}`;
  if (model.trim() === '' || model.length > MAX_TEXT) return `model takes 1 to ${MAX_TEXT} characters`;
  if (!isUuid(event.deploymentId)) return `there is no deployment ${event.deploymentId.slice(0, MAX_TEXT)}`;
  if (event.inputTokens < 0 || event.outputTokens < 0) return 'tokens are less than zero';
  if (charge === MALFORMED_CHARGE) return 'charge is not a decimal number';
  if (!isDecimalText(charge) || new Decimal(charge).lt(0)) return 'charge is less than zero';
  const exact = new Decimal(charge);
  if (exact.decimalPlaces() > CHARGE_SCALE) return `charge has more than ${CHARGE_SCALE} digits after the point`;
  if (exact.gte(MAX_CHARGE)) return `charge is not below ${MAX_CHARGE}`;
  if (event.occurredAt < EARLIEST) return 'occurredAt is before the year 2000';
  return event.occurredAt.getTime() > now.getTime() + MAX_MS_AHEAD ? 'occurredAt is more than a day ahead' : null;
}

function isSame(a: LlmUsage, b: LlmUsage): boolean {
  return (
    a.deploymentId === b.deploymentId &&
    a.occurredAt.getTime() === b.occurredAt.getTime() &&
    a.model === b.model &&
    a.inputTokens === b.inputTokens &&
    a.outputTokens === b.outputTokens &&
    a.currency === b.currency &&
    new Decimal(a.charge).equals(b.charge)
  );
}

const IN_OTHER_CURRENCY = sql`select plan.currency from plan where plan.deployment_id = event.deployment_id and ${PLAN_ON_DAY}
  and plan.currency <> event.currency`;

/** The events as a set `event`, and `plan`: the plans of their deployments by day, see `planCurrencies`. */
function incoming(events: readonly LlmUsage[]): { event: Sql; plan: Sql } {
  const deploymentIds = shared(events.map((event) => event.deploymentId));
  return {
    event: sql`unnest(${events.map((event) => event.gatewayRequestId)}::text[], ${deploymentIds}::uuid[],
      ${events.map((event) => event.occurredAt)}::timestamptz[], ${events.map((event) => event.model)}::text[],
      ${events.map((event) => event.inputTokens)}::bigint[], ${events.map((event) => event.outputTokens)}::bigint[],
      ${events.map((event) => event.charge)}::numeric[], ${events.map((event) => event.currency)}::text[])
      as event(gateway_request_id, deployment_id, occurred_at, model, input_tokens, output_tokens, charge, currency)`,
    plan: sql`plan as materialized (${planCurrencies(sql`deployment.id = any(${deploymentIds}::uuid[])`)})`,
  };
}

const RecordedId = rowShape({ id: z.string() });

/** Ids are distinct. In the order of the ids, so that two batches that share some never wait for each other in a ring. */
async function writeEvents(
  app: Pick<App, 'db'>,
  events: readonly LlmUsage[],
  now: Date,
): Promise<Map<string, LlmUsageResult>> {
  if (events.length === 0) return new Map();
  const { event, plan } = incoming(events);
  const inserted = await query(app.db).many(
    RecordedId,
    sql`/* record-llm-usage */ with ${plan}
     insert into llm_usage_events (gateway_request_id, deployment_id, occurred_at, model, input_tokens, output_tokens, charge,
       currency, recorded_at)
     select event.*, ${now} from ${event}
     where exists (select from deployments where id = event.deployment_id) and not exists (${IN_OTHER_CURRENCY})
     order by event.gateway_request_id
     on conflict (gateway_request_id) do nothing returning gateway_request_id as id`,
  );
  const recorded = new Set(inserted.map((row) => row.id));
  const others = events.filter((one) => !recorded.has(one.gatewayRequestId));
  const known = others.length > 0 ? await compareKnown(app, others) : new Map<string, boolean>();
  const unknown = others.filter((one) => !known.has(one.gatewayRequestId));
  const reasons = unknown.length > 0 ? await explainRejected(app, unknown) : new Map<string, string>();
  return new Map(
    events.map(({ gatewayRequestId: id }): [string, LlmUsageResult] => {
      if (recorded.has(id)) return [id, { gatewayRequestId: id, outcome: 'recorded', reason: null }];
      const reason = reasons.get(id);
      if (reason !== undefined) return [id, rejected(id, reason)];
      if (!known.get(id)) return [id, rejected(id, OTHER_CONTENT)];
      return [id, { gatewayRequestId: id, outcome: 'duplicate', reason: null }];
    }),
  );
}

const PlanCurrency = rowShape({ id: z.string(), planCurrency: z.enum(CURRENCIES).nullable() });

/** Why events that are not stored were not inserted, by their id. */
async function explainRejected(app: Pick<App, 'db'>, events: readonly LlmUsage[]): Promise<Map<string, string>> {
  const { event, plan } = incoming(events);
  const rows = await query(app.db).many(
    PlanCurrency,
    sql`/* explain-rejected-llm-usage */ with ${plan}
     select event.gateway_request_id as id, (${IN_OTHER_CURRENCY}) as "planCurrency" from ${event}`,
  );
  const planCurrencyOf = new Map(rows.map((row) => [row.id, row.planCurrency]));
  return new Map(
    events.map(({ gatewayRequestId, deploymentId, currency }) => {
      const planCurrency = planCurrencyOf.get(gatewayRequestId) ?? null;
      const reason =
        planCurrency === null
          ? `there is no deployment ${deploymentId}`
          : `currency is ${currency}, but the plan of deployment ${deploymentId} is in ${planCurrency}`;
      return [gatewayRequestId, reason];
    }),
  );
}

const Comparison = rowShape({ id: z.string(), same: z.boolean() });

/** Of events whose ids are stored already: whether their content is the same. */
async function compareKnown(app: Pick<App, 'db'>, events: readonly LlmUsage[]): Promise<Map<string, boolean>> {
  const rows = await query(app.db).many(
    Comparison,
    sql`/* compare-llm-usage */ select event.gateway_request_id as id,
       (known.deployment_id, known.occurred_at, known.model, known.input_tokens, known.output_tokens, known.charge, known.currency)
       = (event.deployment_id, event.occurred_at, event.model, event.input_tokens, event.output_tokens,
          event.charge, event.currency) as same
     from ${incoming(events).event} join llm_usage_events known on known.gateway_request_id = event.gateway_request_id`,
  );
  return new Map(rows.map((row) => [row.id, row.same]));
}
