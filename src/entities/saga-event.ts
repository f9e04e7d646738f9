import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { SagaEventType, SagaStatus } from '../core/sagas/sagas.js';

/** One event of a saga: `sequence` is 1, 2, 3, … without gaps. Append-only. */
@Entity('saga_events')
export class SagaEvent {
  @PrimaryColumn({ type: 'uuid' }) sagaId: string;
  @PrimaryColumn({ type: 'int' }) sequence: number;
  @Column({ type: 'bigint' }) id: string;
  /** The transaction that wrote it; with `id` its place in the stream of all sagas. */
  @Column({ type: 'xid8' as 'bigint' }) xid: string;
  /** The run of the Postgres server in which it was written: transaction ids only grow within one. */
  @Column({ type: 'bigint' }) streamEpoch: string;
  @Column({ type: 'text' }) type: SagaEventType;
  @Column({ type: 'timestamptz' }) at: Date;
  @Column({ type: 'int', nullable: true }) stepIndex: number | null;
  @Column({ type: 'text', nullable: true }) stepName: string | null;
  @Column({ type: 'text', nullable: true }) message: string | null;
  /** The saga's status right after this event. */
  @Column({ type: 'text' }) status: SagaStatus;
}
