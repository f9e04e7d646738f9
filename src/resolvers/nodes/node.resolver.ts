import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import { findPlan } from '../../services/catalog/list-catalog.js';
import { findNodeType, type NodeTypeName } from '../../services/nodes/find-node-type.js';
import { BasePrice } from '../list-size.js';
import type { RequestContext } from '../request-context.js';
import { type NodeRow, NodeType } from './node-type.js';

type LoadNode = (context: RequestContext, id: string) => Promise<object | null> | null;

/** How each type is read by id for a viewer; null if the viewer may not see it. */
const LOAD: Readonly<Record<NodeTypeName, LoadNode>> = {
  Addon: ({ loaders }, id) => loaders.addonById.load(id),
  CloudInvoice: ({ loaders, viewer }, id) => (viewer.isOperator ? loaders.cloudInvoiceById.load(id) : null),
  Deployment: ({ loaders }, id) => loaders.deploymentById.load(id),
  Invoice: ({ loaders }, id) => loaders.invoiceById.load(id),
  Plan: loadPlan,
  PlanSubscription: loadSubscription,
  PlanVersion: loadPlanVersion,
  Project: ({ loaders }, id) => loaders.projectById.load(id),
  Resource: ({ loaders }, id) => loaders.resourceById.load(id),
  Saga: ({ loaders }, id) => loaders.sagaById.load(id),
  SyncRun: ({ loaders, viewer }, id) => (viewer.isOperator ? loaders.syncRunById.load(id) : null),
};

/** Tenants see a plan once a version of it was published. */
async function loadPlan({ app, loaders, viewer }: RequestContext, id: string) {
  const plan = await loaders.planById.load(id);
  return plan && findPlan(app.reads, viewer, plan.code);
}

/** Tenants see a version once it was published. */
async function loadPlanVersion({ loaders, viewer }: RequestContext, id: string) {
  const version = await loaders.planVersionById.load(id);
  return viewer.isOperator || version?.status !== 'draft' ? version : null;
}

/** Its deployment's tenant sees a subscription. */
async function loadSubscription({ loaders, viewer }: RequestContext, id: string) {
  const subscription = await loaders.subscriptionById.load(id);
  return viewer.isOperator || subscription?.tenantId === viewer.tenantId ? subscription : null;
}

@Resolver()
export class NodeResolver {
  /** About what eleven look-ups of a primary key cost. */
  @BasePrice(10)
  @Query(() => NodeType, {
    nullable: true,
    description:
      'The row with that id, whatever its type: select its fields with a fragment on the type. Null if there is none that the viewer may see.',
  })
  async node(
    @Ctx() context: RequestContext,
    @Arg('id', () => ID, { description: 'The id of a row of a type that implements Node.' }) id: string,
  ): Promise<NodeRow | null> {
    const type = await findNodeType(context.app, id);
    if (type === null) return null;
    const row = await LOAD[type](context, id);
    return row && { ...row, __typename: type };
  }
}
