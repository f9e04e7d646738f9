import type { App } from '../../context.js';
import { rowOf } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { DeploymentEvent } from '../../entities/deployment-event.js';
import { type NestedList, nestedList } from '../paging/nested-list.js';

const EventRow = rowOf(DeploymentEvent);

const eventList = nestedList({
  name: 'list-deployment-events',
  row: EventRow,
  select: EventRow.columns('event'),
  from: sql`deployment_events event`,
  parent: 'event.deployment_id',
  keys: [{ column: 'event.id', type: 'bigint' }],
  direction: 'desc',
});

/** The changes of state of each deployment, newest first. The caller has checked that the viewer may see the deployments. */
export function listDeploymentEvents(app: Pick<App, 'reads'>): NestedList<DeploymentEvent> {
  return eventList(app.reads, []);
}
