import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { ResourceKind } from '../core/inventory/resource-kind.js';

/** One thing in the provider's account. Written by the chokepoint alone: `services/inventory/observe.ts`. */
@Entity('cloud_resources')
export class CloudResource {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column({ type: 'text' }) provider: string;
  @Column({ type: 'text' }) kind: ResourceKind;
  /** The provider's word for the kind; what `kind` 'other' really is. */
  @Column({ type: 'text' }) providerKind: string;
  @Column({ type: 'text' }) providerId: string;
  @Column({ type: 'text' }) name: string;
  @Column({ type: 'text', nullable: true }) status: string | null;
  @Column({ type: 'text', nullable: true }) region: string | null;
  @Column({ type: 'text', array: true }) tags: string[];
  @Column({ type: 'jsonb' }) attrs: Record<string, unknown>;
  /** Its deployment's tenant, else its project's, else none. */
  @Column({ type: 'text', nullable: true }) tenantId: string | null;
  @Column({ type: 'uuid', nullable: true }) cloudProjectId: string | null;
  @Column({ type: 'uuid', nullable: true }) deploymentId: string | null;
  @Column({ type: 'timestamptz' }) firstSeenAt: Date;
  @Column({ type: 'timestamptz' }) lastSeenAt: Date;
  /** `sync_runs.number` of the last run that listed it. */
  @Column({ type: 'bigint', nullable: true }) lastSeenRun: string | null;
  /** Complete runs in a row that did not list it; at three it is a tombstone. */
  @Column({ type: 'int' }) staleStrikeCount: number;
  @Column({ type: 'timestamptz', nullable: true }) deletedAt: Date | null;
  /** Made for a cost line; the provider never listed it. */
  @Column({ type: 'boolean', default: false }) isFromInvoice: boolean;
}
