import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a run did, apart from what happened to resources: that is in `cloud_resource_events`. */
@Entity('sync_events')
export class SyncEvent {
  @PrimaryColumn({ type: 'bigint' }) id: string;
  @Column({ type: 'xid8' as 'bigint' }) xid: string;
  /** The run of the Postgres server in which it was written: transaction ids only grow within one. */
  @Column({ type: 'bigint' }) streamEpoch: string;
  @Column({ type: 'uuid' }) runId: string;
  @Column({ type: 'text' }) type: 'run_started' | 'page_fetched' | 'run_completed' | 'run_failed';
  @Column({ type: 'timestamptz' }) at: Date;
  @Column({ type: 'text', nullable: true }) message: string | null;
}
