import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { SagaStepStatus } from '../core/sagas/sagas.js';

/** The ledger: one row for each started step. */
@Entity('saga_step_results')
export class SagaStepResult {
  @PrimaryColumn({ type: 'uuid' }) sagaId: string;
  @PrimaryColumn({ type: 'int' }) index: number;
  @Column({ type: 'text' }) name: string;
  @Column({ type: 'int' }) version: number;
  @Column({ type: 'text' }) status: Exclude<SagaStepStatus, 'pending'>;
  /** Attempts in the present direction; polls do not count. */
  @Column({ type: 'int' }) attempts: number;
  /** `again` results in the present direction. */
  @Column({ type: 'int' }) polls: number;
  @Column({ type: 'jsonb', nullable: true }) output: Record<string, unknown> | null;
  /** What the step stored for later attempts before it acted. */
  @Column({ type: 'jsonb' }) notes: Record<string, unknown>;
  @Column({ type: 'text', nullable: true }) message: string | null;
  @Column({ type: 'text', nullable: true }) error: string | null;
  @Column({ type: 'timestamptz' }) startedAt: Date;
  @Column({ type: 'timestamptz', nullable: true }) finishedAt: Date | null;
}
