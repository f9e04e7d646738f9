import type { EntityManager } from 'typeorm';
import type { DeploymentState } from '../../core/deployments/deployment-state.js';
import { query } from '../../database/queries.js';
import { sql } from '../../database/sql.js';

export interface StateChange {
  /** Null: the deployment is new. */
  readonly from: DeploymentState | null;
  readonly to: DeploymentState;
  /** Who is recorded: a viewer's subject, `saga:<id>`. */
  readonly actor: string;
  readonly reason?: string | null | undefined;
  readonly at: Date;
}

/** Appends a change of state to the deployment's events. */
export async function recordState(
  db: EntityManager,
  deploymentId: string,
  { from, to, actor, reason = null, at }: StateChange,
): Promise<void> {
  await query(db).execute(
    sql`/* append-deployment-event */ insert into deployment_events (deployment_id, at, from_state, to_state, actor, reason)
      values (${deploymentId}, ${at}, ${from}, ${to}, ${actor}, ${reason})`,
  );
}
