import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { SagaKind, SagaStatus, SagaStepRef } from '../core/sagas/sagas.js';

/** One saga: its steps, its progress and its runner. Only `services/sagas` writes it. */
@Entity('saga_runs')
export class SagaRun {
  @PrimaryColumn({ type: 'uuid' }) id: string;
  @Column({ type: 'bigint', generated: 'identity', insert: false, update: false }) number: string;
  @Column({ type: 'text' }) kind: SagaKind;
  @Column({ type: 'text' }) status: SagaStatus;
  /** The steps with which it started. */
  @Column({ type: 'jsonb' }) steps: SagaStepRef[];
  @Column({ type: 'jsonb' }) inputs: Record<string, unknown>;
  /** The merged outputs of the completed steps. */
  @Column({ type: 'jsonb' }) context: Record<string, unknown>;
  @Column({ type: 'int' }) currentStepIndex: number;
  @Column({ type: 'boolean' }) cancelRequested: boolean;
  /** Why it was rolled back; null: it was not. */
  @Column({ type: 'text', nullable: true }) cause: string | null;
  /** The cause, and what may be left at the provider. */
  @Column({ type: 'text', nullable: true }) error: string | null;
  /** The tenant of its deployment; null: only operators see the saga. */
  @Column({ type: 'text', nullable: true }) tenantId: string | null;
  @Column({ type: 'uuid', nullable: true }) deploymentId: string | null;
  /** The resource that it changes. Drift detection skips the resource until the saga is finished. */
  @Column({ type: 'uuid', nullable: true }) resourceId: string | null;
  @Column({ type: 'text', nullable: true }) idempotencyKey: string | null;
  @Column({ type: 'text' }) startedBy: string;
  @Column({ type: 'text' }) starterTenantId: string;
  @Column({ type: 'timestamptz' }) createdAt: Date;
  @Column({ type: 'timestamptz', nullable: true }) finishedAt: Date | null;
  /** The sequence number of its newest event. */
  @Column({ type: 'int' }) lastSequence: number;
  /** Grows with each runner; writes under an earlier epoch change nothing. */
  @Column({ type: 'bigint' }) epoch: string;
  @Column({ type: 'text', nullable: true }) leaseOwner: string | null;
  /** By the database's clock. */
  @Column({ type: 'timestamptz', nullable: true }) leaseUntil: Date | null;
  /** By the database's clock; null: at once. */
  @Column({ type: 'timestamptz', nullable: true }) nextAttemptAt: Date | null;
}
