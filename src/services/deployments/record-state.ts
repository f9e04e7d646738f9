import type { EntityManager } from 'typeorm';
import type { DeploymentState } from '../../core/deployments/deployment-state.js';

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
export async function recordState(db: EntityManager, deploymentId: string, event: StateChange): Promise<void> {
  await db.query(
    'insert into deployment_events (deployment_id, at, from_state, to_state, actor, reason) values ($1, $2, $3, $4, $5, $6)',
    [deploymentId, event.at, event.from, event.to, event.actor, event.reason ?? null],
  );
}
