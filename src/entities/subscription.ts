import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { SubscriptionStatus } from '../core/deployments/subscription-status.js';
import type { Day } from '../core/time/period.js';

/** Binds a deployment to a plan version. */
@Entity('subscriptions')
export class Subscription {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column({ type: 'uuid' }) deploymentId: string;
  @Column({ type: 'uuid' }) planVersionId: string;
  @Column({ type: 'text' }) status: SubscriptionStatus;
  @Column({ type: 'date' }) startsOn: Day;
  @Column({ type: 'timestamptz', nullable: true }) trialEndsAt: Date | null;
  @Column({ type: 'timestamptz' }) createdAt: Date;
}
