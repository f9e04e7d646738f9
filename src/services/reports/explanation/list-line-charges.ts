import type { App } from '../../../context.js';
import type { Currency } from '../../../core/money/money.js';
import type { InvoiceLineRow } from '../../invoices/list-invoices.js';
import { decodeCursor, encodeCursor, type Page, type PageRequest, pageLimit, toPage } from '../../paging/keyset.js';

/** One request that the gateway charged for. */
export interface LlmChargeRow {
  readonly gatewayRequestId: string;
  readonly occurredAt: Date;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Exact, in major units. */
  readonly charge: string;
  readonly currency: Currency;
}

const OF_LINE = 'event.invoice_id = $1 and event.deployment_id = $2';

/** The gateway's charges that an LLM_USAGE line bills, oldest first; none behind any other line. */
export async function listLineCharges(
  app: Pick<App, 'reads'>,
  line: InvoiceLineRow,
  request: PageRequest,
): Promise<Page<LlmChargeRow>> {
  const limit = pageLimit(request);
  const after = decodeCursor(request.after, [(part) => /^-?\d{1,17}$/.test(part), (part) => part.length > 0]);
  const rows =
    line.line.meta.source === 'llm_gateway'
      ? await app.reads.reports.query<LlmChargeRow & { sortKey: string }>(
          `select event.gateway_request_id as "gatewayRequestId", event.occurred_at as "occurredAt", event.model,
             event.input_tokens::float8 as "inputTokens", event.output_tokens::float8 as "outputTokens",
             trim_scale(event.charge)::text as charge, event.currency,
             (extract(epoch from event.occurred_at) * 1000000)::bigint as "sortKey"
           from llm_usage_events event where ${OF_LINE} and ($3::bigint is null or
             (event.occurred_at, event.gateway_request_id) > (timestamptz 'epoch' + $3::bigint * interval '1 microsecond', $4::text))
           order by event.occurred_at, event.gateway_request_id limit $5`,
          [line.invoiceId, line.deploymentId, after?.[0] ?? null, after?.[1] ?? null, limit],
        )
      : [];
  return toPage<LlmChargeRow>(request, rows, (row) =>
    encodeCursor([(row as (typeof rows)[number]).sortKey, row.gatewayRequestId]),
  );
}

export async function countLineCharges(app: Pick<App, 'reads'>, line: InvoiceLineRow): Promise<number> {
  if (line.line.meta.source !== 'llm_gateway') return 0;
  const [row] = await app.reads.reports.query<{ count: number }>(
    `select count(*)::int as count from llm_usage_events event where ${OF_LINE}`,
    [line.invoiceId, line.deploymentId],
  );
  return row?.count ?? 0;
}
