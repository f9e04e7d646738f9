import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Day } from '../core/time/period.js';

/** The days on which one plan version was in force for a subscription; half-open. */
@Entity('subscription_segments')
export class SubscriptionSegment {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' }) id: string;
  @Column({ type: 'uuid' }) subscriptionId: string;
  @Column({ type: 'uuid' }) planVersionId: string;
  @Column({ type: 'date' }) fromDay: Day;
  @Column({ type: 'date', nullable: true }) untilDay: Day | null;
}
