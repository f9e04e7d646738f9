import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { DriftStatus } from '../core/drift/drift.js';

/** One field of one resource that differs from the spec. At most one row for each field is open. */
@Entity('cloud_drift')
export class CloudDrift {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column({ type: 'bigint', generated: 'identity', insert: false, update: false }) number: string;
  @Column({ type: 'uuid' }) resourceId: string;
  @Column({ type: 'text' }) field: string;
  @Column({ type: 'jsonb', nullable: true }) expected: unknown;
  @Column({ type: 'jsonb', nullable: true }) actual: unknown;
  @Column({ type: 'text' }) status: DriftStatus;
  @Column({ type: 'timestamptz' }) detectedAt: Date;
  @Column({ type: 'timestamptz', nullable: true }) resolvedAt: Date | null;
  @Column({ type: 'text', nullable: true }) resolvedBy: string | null;
  /** The last saga that was started to revert it. */
  @Column({ type: 'uuid', nullable: true }) sagaId: string | null;
}
