import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Info, Query, Resolver, Root } from 'type-graphql';
import { findInvoiceLine, type InvoiceLineRow } from '../../services/invoices/list-invoices.js';
import { listUsageRecords } from '../../services/metering/list-usage.js';
import {
  type ExplainedLine,
  explainInvoiceLine,
  findLineUsage,
  type LineUsage,
  linePriceOf,
} from '../../services/reports/explanation/explain-invoice-line.js';
import { countLineCharges, listLineCharges } from '../../services/reports/explanation/list-line-charges.js';
import { PlanItemType, PlanVersionType, ResourcePriceType } from '../catalog/types.js';
import { listConnection, toConnection } from '../connection.js';
import { InvoiceLineType, InvoiceType } from '../invoices/types.js';
import { ListSize } from '../list-size.js';
import { UsageRecordConnection } from '../metering/types.js';
import { PageArgs } from '../page-args.js';
import type { RequestContext } from '../request-context.js';
import { LineExplanationType, LineUsageType, LlmChargeConnection } from './explanation-types.js';

@Resolver(() => InvoiceLineType)
export class InvoiceLineExplanationResolver {
  @Query(() => InvoiceLineType, { nullable: true })
  invoiceLine(@Ctx() { app, viewer }: RequestContext, @Arg('id', () => ID) id: string) {
    return findInvoiceLine(app.reads, viewer, id);
  }

  @FieldResolver(() => InvoiceType)
  invoice(@Root() line: InvoiceLineRow, @Ctx() { loaders }: RequestContext) {
    return loaders.invoiceById.load(line.invoiceId);
  }

  @FieldResolver(() => LineExplanationType, {
    nullable: true,
    description: "How the amount came about, proven; an error in its place where the line's record does not add up.",
  })
  async explanation(@Root() line: InvoiceLineRow, @Ctx() { loaders }: RequestContext) {
    const invoice = await loaders.invoiceById.load(line.invoiceId);
    return invoice && explainInvoiceLine(line, invoice);
  }
}

@Resolver(() => LineExplanationType)
export class LineExplanationResolver {
  @FieldResolver(() => PlanVersionType, {
    nullable: true,
    description: 'The catalog version that the line was priced by; null for addons, LLM usage and tax.',
  })
  planVersion(@Root() { row }: ExplainedLine, @Ctx() { loaders }: RequestContext) {
    const { meta } = row.line;
    return 'planVersionId' in meta ? loaders.planVersionById.load(meta.planVersionId) : null;
  }

  @FieldResolver(() => PlanItemType, {
    nullable: true,
    description: 'The item of that version that sets allowance and price of an overage.',
  })
  async planItem(@Root() { row }: ExplainedLine, @Ctx() { loaders }: RequestContext) {
    const { meta, billingKind } = row.line;
    if (meta.source !== 'overage') return null;
    const version = await loaders.planVersionById.load(meta.planVersionId);
    return version?.items.find((item) => item.kind === billingKind) ?? null;
  }

  @FieldResolver(() => ResourcePriceType, {
    nullable: true,
    description: 'What priced an overage that no plan item covers, as it stood when the line was priced.',
  })
  resourcePrice(@Root() explained: ExplainedLine) {
    return linePriceOf(explained);
  }

  @FieldResolver(() => LineUsageType, { nullable: true, description: 'Null but for overage.' })
  usage(@Root() explained: ExplainedLine, @Ctx() { app }: RequestContext) {
    return findLineUsage(app, explained);
  }

  @FieldResolver(() => LlmChargeConnection, {
    description: "The gateway's charges behind a line of LLM usage, oldest first; none behind any other.",
  })
  llmCharges(
    @Root() { row }: ExplainedLine,
    @Ctx() { app }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Info() info: GraphQLResolveInfo,
  ) {
    return toConnection(listLineCharges(app, row, page), info, () => countLineCharges(app, row));
  }

  @ListSize(20)
  @FieldResolver(() => [InvoiceLineType], { description: 'The lines that a tax line taxes; empty but for tax.' })
  async taxedLines(@Root() { row }: ExplainedLine, @Ctx() { loaders }: RequestContext) {
    if (row.line.kind !== 'tax') return [];
    const lines = (await loaders.lineListByInvoiceId.load(row.invoiceId))?.lines ?? [];
    return lines.filter(({ line }) => line.kind !== 'tax');
  }
}

@Resolver(() => LineUsageType)
export class LineUsageResolver {
  @FieldResolver(() => UsageRecordConnection, { description: 'Oldest first.' })
  async records(
    @Root() { deploymentId, ...span }: LineUsage,
    @Ctx() { app, viewer }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Info() info: GraphQLResolveInfo,
  ) {
    return listConnection(await listUsageRecords(app, viewer, deploymentId, span), page, info);
  }
}
