import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Currency } from '../core/money/money.js';
import type { Period } from '../core/time/period.js';

/** An invoice that could not be drafted: the last attempt, until one succeeds. */
@Entity('roll_up_failures')
export class RollUpFailure {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' }) id: string;
  @Column({ type: 'text' }) tenantId: string;
  @Column({ type: 'text' }) currency: Currency;
  @Column({ type: 'date' }) period: Period;
  @Column({ type: 'uuid', nullable: true }) deploymentId: string | null;
  @Column({ type: 'text' }) requestId: string;
  @Column({ type: 'text' }) reason: string;
  @Column({ type: 'int' }) attempts: number;
  @Column({ type: 'timestamptz' }) firstFailedAt: Date;
  @Column({ type: 'timestamptz' }) lastFailedAt: Date;
  @Column({ type: 'timestamptz', nullable: true }) resolvedAt: Date | null;
}
