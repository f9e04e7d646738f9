import type { GraphQLResolveInfo } from 'graphql';
import { Args, Ctx, FieldResolver, Info, Resolver, Root } from 'type-graphql';
import type { Viewer } from '../../context.js';
import { listDeployments } from '../../services/deployments/list-deployments.js';
import { listResources } from '../../services/inventory/list-resources.js';
import { listInvoices } from '../../services/invoices/list-invoices.js';
import { listConnection, toConnection } from '../connection.js';
import { DeploymentConnection } from '../deployments/types.js';
import { resourceSelection } from '../inventory/resource-selection.js';
import { ResourceConnection } from '../inventory/types.js';
import { InvoiceConnection } from '../invoices/types.js';
import { PageArgs } from '../page-args.js';
import type { RequestContext } from '../request-context.js';
import { TenantType } from './tenant-type.js';

/** What a viewer who is no operator sees is its own without a filter, and a filter by tenant is for operators. */
function ownedBy({ id }: TenantType, viewer: Viewer): { readonly tenantId?: string } {
  return viewer.isOperator ? { tenantId: id } : {};
}

@Resolver(() => TenantType)
export class TenantResolver {
  @FieldResolver(() => DeploymentConnection, { description: 'Its deployments, oldest first.' })
  deployments(
    @Root() tenant: TenantType,
    @Ctx() { app, viewer }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Info() info: GraphQLResolveInfo,
  ) {
    return listConnection(listDeployments(app, viewer, ownedBy(tenant, viewer)), page, info);
  }

  @FieldResolver(() => ResourceConnection, { description: 'Its resources that still exist, oldest first.' })
  resources(
    @Root() tenant: TenantType,
    @Ctx() { app, viewer }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Info() info: GraphQLResolveInfo,
  ) {
    return toConnection(listResources(app, viewer, ownedBy(tenant, viewer), page, resourceSelection(info)), info);
  }

  @FieldResolver(() => InvoiceConnection, { description: 'Its invoices, the newest month first.' })
  invoices(
    @Root() tenant: TenantType,
    @Ctx() { app, viewer }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Info() info: GraphQLResolveInfo,
  ) {
    return listConnection(listInvoices(app, viewer, ownedBy(tenant, viewer)), page, info);
  }
}
