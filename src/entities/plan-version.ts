import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Currency } from '../core/money/money.js';
import type { PlanVersionStatus } from '../core/pricing/plan.js';

/** A plan’s price; once published it never changes. */
@Entity('plan_versions')
export class PlanVersion {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column({ type: 'uuid' }) planId: string;
  @Column({ type: 'int' }) version: number;
  @Column({ type: 'text' }) status: PlanVersionStatus;
  @Column({ type: 'bigint' }) basePriceCents: string;
  @Column({ type: 'text' }) currency: Currency;
  /** Size slugs that a tenant may provision under it. */
  @Column({ type: 'text', array: true }) allowedSizes: string[];
  /** Deployments of one tenant that may be on its plan at once; null: no limit. */
  @Column({ type: 'int', nullable: true }) maxDeployments: number | null;
  @Column({ type: 'timestamptz', nullable: true }) publishedAt: Date | null;
  @Column({ type: 'timestamptz', nullable: true }) retiredAt: Date | null;
}
