import type { App, Viewer } from '../context.js';
import type { DriftStatus } from '../core/drift/drift.js';
import type { Period } from '../core/time/period.js';
import type { Deployment } from '../entities/deployment.js';
import type { Plan } from '../entities/plan.js';
import type { ReceivablePush } from '../entities/receivable-push.js';
import { type AddonRow, findAddons, findPlans } from '../services/catalog/list-catalog.js';
import {
  countSubscribers,
  findActiveVersions,
  findPlanVersions,
  type PlanVersionRow,
  type SubscriberCount,
} from '../services/catalog/plan-versions.js';
import { type CloudInvoiceRow, findCloudInvoices } from '../services/costs/list-cloud-invoices.js';
import { listDeploymentEvents } from '../services/deployments/list-deployment-events.js';
import { findDeployments } from '../services/deployments/list-deployments.js';
import { type DriftList, findDriftLists } from '../services/drift/list-drifts.js';
import { findProvisioned, type ProvisionedRow } from '../services/drift/provisioned-specs.js';
import { findProjects, type ProjectRow } from '../services/inventory/list-projects.js';
import { listResourceEvents } from '../services/inventory/list-resource-events.js';
import {
  findResources,
  listResourcesOfDeployments,
  type ResourceRow,
  type ResourceSelection,
} from '../services/inventory/list-resources.js';
import { findSyncRuns, type SyncRunRow } from '../services/inventory/list-sync-runs.js';
import type { ResourceFilter } from '../services/inventory/resource-conditions.js';
import {
  findHeldDeployments,
  findHeldPeriods,
  type HeldDeploymentsRow,
  type HeldPeriodsRow,
} from '../services/invoices/held-months.js';
import {
  type DeploymentLineList,
  findDeploymentLineLists,
  findInvoices,
  findLineLists,
  type InvoiceLineList,
  type InvoiceRow,
} from '../services/invoices/list-invoices.js';
import { findReceivables } from '../services/invoices/push-receivable.js';
import { findUsageTotals, type UsageTotals } from '../services/metering/list-usage.js';
import { findProvisioningSagas } from '../services/provisioning/provisioning-sagas.js';
import { findSagas, findStepLists, type SagaRow, type SagaStepList } from '../services/sagas/list-sagas.js';
import {
  type AddonList,
  findAddonLists,
  findLiveSubscriptions,
  findSubscriptions,
  type SubscriptionRow,
} from '../services/subscriptions/list-subscriptions.js';
import { byArguments, lazy } from './lazy-loader.js';
import { NestedListLoader } from './nested-list-loader.js';

/** Each relation, one set-based query a request; null is what does not exist or the viewer may not see. */
export class Loaders {
  constructor(
    private readonly app: App,
    private readonly viewer: Viewer,
  ) {}

  readonly projectById = lazy<string, ProjectRow>(
    (ids) => findProjects(this.app, this.viewer, ids),
    (row) => row.id,
  );
  readonly resourceById = lazy<string, ResourceRow>(
    (ids) => findResources(this.app, this.viewer, ids),
    (row) => row.id,
  );
  readonly syncRunById = lazy<string, SyncRunRow>(
    (ids) => findSyncRuns(this.app, ids),
    (row) => row.id,
  );
  readonly cloudInvoiceById = lazy<string, CloudInvoiceRow>(
    (ids) => findCloudInvoices(this.app, ids),
    (row) => row.id,
  );
  readonly deploymentById = lazy<string, Deployment>(
    (ids) => findDeployments(this.app, this.viewer, ids),
    (row) => row.id,
  );
  readonly liveSubscriptionByDeploymentId = lazy<string, SubscriptionRow>(
    (ids) => findLiveSubscriptions(this.app.reads, ids),
    (row) => row.deploymentId,
  );
  readonly subscriptionById = lazy<string, SubscriptionRow>(
    (ids) => findSubscriptions(this.app.reads, ids),
    (row) => row.id,
  );
  readonly addonListBySubscriptionId = lazy<string, AddonList>(
    (ids) => findAddonLists(this.app.reads, ids),
    (row) => row.subscriptionId,
  );
  readonly invoiceById = lazy<string, InvoiceRow>(
    (ids) => findInvoices(this.app.reads, this.viewer, ids),
    (row) => row.id,
  );
  readonly lineListByInvoiceId = lazy<string, InvoiceLineList>(
    (ids) => findLineLists(this.app.reads, ids),
    (row) => row.invoiceId,
  );
  readonly heldPeriodsByDeploymentId = lazy<string, HeldPeriodsRow>(
    (ids) => findHeldPeriods(this.app.reads, ids),
    (row) => row.deploymentId,
  );
  readonly heldDeploymentsByInvoiceId = lazy<string, HeldDeploymentsRow>(
    (ids) => findHeldDeployments(this.app.reads, ids),
    (row) => row.invoiceId,
  );
  readonly receivableByInvoiceId = lazy<string, ReceivablePush>(
    (ids) => findReceivables(this.app, ids),
    (row) => row.invoiceId,
  );
  readonly addonById = lazy<string, AddonRow>(
    (ids) => findAddons(this.app.reads, ids),
    (row) => row.id,
  );
  readonly planById = lazy<string, Plan>(
    (ids) => findPlans(this.app.reads, ids),
    (row) => row.id,
  );
  readonly planVersionById = lazy<string, PlanVersionRow>(
    (ids) => findPlanVersions(this.app.reads, ids),
    (row) => row.id,
  );
  readonly activeVersionByPlanId = lazy<string, PlanVersionRow>(
    (ids) => findActiveVersions(this.app.reads, ids),
    (row) => row.planId,
  );
  readonly subscriberCountByVersionId = lazy<string, SubscriberCount>(
    (ids) => countSubscribers(this.app.reads, ids),
    (row) => row.planVersionId,
  );
  readonly sagaById = lazy<string, SagaRow>(
    (ids) => findSagas(this.app, this.viewer, ids),
    (row) => row.id,
  );
  readonly stepListBySagaId = lazy<string, SagaStepList>(
    (ids) => findStepLists(this.app, ids),
    (row) => row.sagaId,
  );
  readonly provisioningSagaByDeploymentId = lazy<string, SagaRow>(
    (ids) => findProvisioningSagas(this.app, ids),
    (row) => row.deploymentId,
  );
  readonly provisionedByResourceId = lazy<string, ProvisionedRow>(
    (ids) => findProvisioned(this.app, ids),
    (row) => row.resourceId,
  );
  /** Drifts of one status, or with null of any. */
  readonly driftListByResourceId = byArguments((status: DriftStatus | null) =>
    lazy<string, DriftList>(
      (ids) => findDriftLists(this.app, ids, status),
      (row) => row.resourceId,
    ),
  );
  /** Invoice lines of one month. */
  readonly lineListByDeploymentId = byArguments((period: Period) =>
    lazy<string, DeploymentLineList>(
      (ids) => findDeploymentLineLists(this.app.reads, ids, period),
      (row) => row.deploymentId,
    ),
  );
  readonly resourceEvents = new NestedListLoader(() => listResourceEvents(this.app, this.viewer));
  readonly deploymentEvents = new NestedListLoader(() => listDeploymentEvents(this.app));
  readonly resourcesOfDeployments = byArguments(
    (filter: ResourceFilter, selection: ResourceSelection) =>
      new NestedListLoader(() => listResourcesOfDeployments(this.app, this.viewer, filter, selection)),
  );
  readonly usageTotalsByDeploymentId = byArguments((from: string, to: string) =>
    lazy<string, UsageTotals>(
      (ids) => findUsageTotals(this.app, ids, { from, to }),
      (row) => row.deploymentId,
    ),
  );
}
