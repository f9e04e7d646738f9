import type { EntityManager } from 'typeorm';
import type { Viewer } from '../../context.js';
import { query } from '../../database/queries.js';
import { NotFoundError } from '../../errors.js';
import { lockDeployment } from '../deployments/lock-deployment.js';
import { isUuid } from '../paging/keyset.js';
import { findSubscriptions, getSubscription, type SubscriptionRow } from './list-subscriptions.js';

/**
 * Locks the row of the subscription's deployment, under which everything of a subscription changes. Throws NOT_FOUND, also
 * for another tenant's subscription.
 */
export async function lockSubscription(db: EntityManager, viewer: Viewer, id: string): Promise<SubscriptionRow> {
  const [unlocked] = isUuid(id) ? await findSubscriptions(query(db), [id]) : [];
  if (!unlocked || (!viewer.isOperator && unlocked.tenantId !== viewer.tenantId)) {
    throw new NotFoundError('subscription', id);
  }
  await lockDeployment(db, viewer, unlocked.deploymentId);
  return getSubscription(query(db), id);
}
