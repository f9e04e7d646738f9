import type { EntityManager } from 'typeorm';
import type { Viewer } from '../../context.js';
import { readsWithin } from '../../database/reads.js';
import { NotFoundError } from '../../errors.js';
import { lockDeployment } from '../deployments/lock-deployment.js';
import { isUuid } from '../paging/keyset.js';
import { findSubscriptions, type SubscriptionRow } from './list-subscriptions.js';

/** Locks its deployment's row, under which everything of a subscription changes. Another tenant's reads as none. */
export async function lockSubscription(db: EntityManager, viewer: Viewer, id: string): Promise<SubscriptionRow> {
  const [unlocked] = isUuid(id) ? await findSubscriptions(readsWithin(db), [id]) : [];
  if (!unlocked || (!viewer.isOperator && unlocked.tenantId !== viewer.tenantId)) {
    throw new NotFoundError('subscription', id);
  }
  await lockDeployment(db, viewer, unlocked.deploymentId);
  const [subscription] = await findSubscriptions(readsWithin(db), [id]);
  return subscription as SubscriptionRow;
}
