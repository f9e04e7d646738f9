import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** The spec of a resource under drift control. */
@Entity('cloud_provisioned')
export class CloudProvisioned {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column({ type: 'uuid' }) resourceId: string;
  /** By the name of a resource's column or attribute. */
  @Column({ type: 'jsonb' }) spec: Record<string, unknown>;
  @Column({ type: 'int' }) specVersion: number;
  @Column({ type: 'uuid', nullable: true }) sagaId: string | null;
  @Column({ type: 'timestamptz' }) createdAt: Date;
  @Column({ type: 'timestamptz' }) updatedAt: Date;
}
