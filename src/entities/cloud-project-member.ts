import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ResourceKind } from '../core/inventory/resource-kind.js';

/** That a project holds a thing of the account, as the project's member list last said. */
@Entity('cloud_project_members')
export class CloudProjectMember {
  @PrimaryColumn({ type: 'text' }) provider: string;
  @PrimaryColumn({ type: 'text' }) providerKind: string;
  @PrimaryColumn({ type: 'text' }) providerId: string;
  @PrimaryColumn({ type: 'text' }) kind: ResourceKind;
  @Column({ type: 'uuid' }) cloudProjectId: string;
  @Column({ type: 'bigint' }) lastSeenRun: string;
}
