import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { SagaKind, SagaStatus, SagaStepRef } from '../core/sagas/sagas.js';

/** One saga: what it is to do, how far it is, and who runs it. Written by `services/sagas` alone. */
@Entity('saga_runs')
export class SagaRun {
  @PrimaryColumn({ type: 'uuid' }) id: string;
  @Column({ type: 'bigint', generated: 'identity', insert: false, update: false }) number: string;
  @Column({ type: 'text' }) kind: SagaKind;
  @Column({ type: 'text' }) status: SagaStatus;
  /** The list that it started with. */
  @Column({ type: 'jsonb' }) steps: SagaStepRef[];
  @Column({ type: 'jsonb' }) inputs: Record<string, unknown>;
  /** Grows by the output of each step. */
  @Column({ type: 'jsonb' }) context: Record<string, unknown>;
  @Column({ type: 'int' }) currentStepIndex: number;
  @Column({ type: 'boolean' }) cancelRequested: boolean;
  /** Why it was rolled back. */
  @Column({ type: 'text', nullable: true }) cause: string | null;
  /** The cause, and what may be left behind. */
  @Column({ type: 'text', nullable: true }) error: string | null;
  /** Of its deployment; null: operators alone see it. */
  @Column({ type: 'text', nullable: true }) tenantId: string | null;
  @Column({ type: 'uuid', nullable: true }) deploymentId: string | null;
  /** The resource that it changes: while it does, that one's fields are no drift. */
  @Column({ type: 'uuid', nullable: true }) resourceId: string | null;
  @Column({ type: 'text', nullable: true }) idempotencyKey: string | null;
  @Column({ type: 'text' }) startedBy: string;
  @Column({ type: 'text' }) starterTenantId: string;
  @Column({ type: 'timestamptz' }) createdAt: Date;
  @Column({ type: 'timestamptz', nullable: true }) finishedAt: Date | null;
  /** Of its newest event. */
  @Column({ type: 'int' }) lastSequence: number;
  /** Grows with each runner; a write of an earlier one changes nothing. */
  @Column({ type: 'bigint' }) epoch: string;
  @Column({ type: 'text', nullable: true }) leaseOwner: string | null;
  /** By the database's clock. */
  @Column({ type: 'timestamptz', nullable: true }) leaseUntil: Date | null;
  /** By the database's clock; null: at once. */
  @Column({ type: 'timestamptz', nullable: true }) nextAttemptAt: Date | null;
}
