import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** The mirror of a DigitalOcean project, and whose it is. */
@Entity('cloud_projects')
export class CloudProject {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column({ type: 'text' }) provider: string;
  @Column({ type: 'text' }) providerId: string;
  @Column({ type: 'text' }) name: string;
  @Column({ type: 'text', nullable: true }) description: string | null;
  /** What the provider says it is for. */
  @Column({ type: 'text', nullable: true }) providerPurpose: string | null;
  /** What an operator said it is for; stands before the provider's and is never touched by a sync. */
  @Column({ type: 'text', nullable: true }) classifiedPurpose: string | null;
  @Column({ type: 'text', nullable: true }) environment: string | null;
  @Column({ type: 'boolean' }) isDefault: boolean;
  @Column({ type: 'text', nullable: true }) tenantId: string | null;
  @Column({ type: 'timestamptz' }) firstSeenAt: Date;
  @Column({ type: 'timestamptz' }) lastSeenAt: Date;
  /** `sync_runs.number` of the last run that listed it. */
  @Column({ type: 'bigint', nullable: true }) lastSeenRun: string | null;
  @Column({ type: 'int' }) staleStrikeCount: number;
  @Column({ type: 'timestamptz', nullable: true }) deletedAt: Date | null;
}
