import { Column, Entity, PrimaryColumn } from 'typeorm';

export const RESOURCE_EVENT_TYPES = [
  'discovered',
  'updated',
  'deleted',
  'restored',
  'tagged',
  'drift_detected',
] as const;
export type ResourceEventType = (typeof RESOURCE_EVENT_TYPES)[number];

/** What happened to a resource; append-only. */
@Entity('cloud_resource_events')
export class CloudResourceEvent {
  @PrimaryColumn({ type: 'bigint' }) id: string;
  /** The transaction that wrote it; with `id` its place in the live stream. */
  @Column({ type: 'xid8' as 'bigint' }) xid: string;
  /** The run of the Postgres server in which it was written: transaction ids only grow within one. */
  @Column({ type: 'bigint' }) streamEpoch: string;
  @Column({ type: 'uuid' }) resourceId: string;
  @Column({ type: 'text' }) type: ResourceEventType;
  @Column({ type: 'timestamptz' }) at: Date;
  /** `{ field: { from, to } }`. */
  @Column({ type: 'jsonb' }) changes: Record<string, { from: unknown; to: unknown }>;
  /** `sync:<run id>`, `saga:<saga id>`, `operator:<subject>`. */
  @Column({ type: 'text' }) actor: string;
  @Column({ type: 'uuid', nullable: true }) runId: string | null;
}
