import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { SyncScope } from '../core/inventory/sync-scope.js';

export const SYNC_RUN_STATUSES = ['queued', 'running', 'completed', 'failed'] as const;
export type SyncRunStatus = (typeof SYNC_RUN_STATUSES)[number];

/** One sweep of one scope. */
@Entity('sync_runs')
export class SyncRun {
  @PrimaryGeneratedColumn('uuid') id: string;
  /** 1, 2, 3, …: a later run has a higher one, whatever the clocks say. */
  @Column({ type: 'bigint', generated: 'identity', insert: false, update: false }) number: string;
  @Column({ type: 'text' }) scope: SyncScope;
  @Column({ type: 'text' }) status: SyncRunStatus;
  @Column({ type: 'text' }) trigger: 'schedule' | 'operator';
  @Column({ type: 'text' }) requestedBy: string;
  @Column({ type: 'timestamptz' }) queuedAt: Date;
  @Column({ type: 'timestamptz', nullable: true }) startedAt: Date | null;
  @Column({ type: 'timestamptz', nullable: true }) finishedAt: Date | null;
  @Column({ type: 'int' }) seen: number;
  @Column({ type: 'int' }) discovered: number;
  @Column({ type: 'int' }) updated: number;
  @Column({ type: 'int' }) restored: number;
  @Column({ type: 'int' }) deleted: number;
  @Column({ type: 'text', nullable: true }) error: string | null;
  /** How often it was started; more than once after a worker died. */
  @Column({ type: 'int' }) attempt: number;
  @Column({ type: 'text', nullable: true }) leaseOwner: string | null;
  @Column({ type: 'timestamptz', nullable: true }) leaseUntil: Date | null;
}
