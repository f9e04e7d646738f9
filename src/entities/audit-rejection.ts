import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How often one caller's mutation ended with one error code within an hour. */
@Entity('audit_rejections')
export class AuditRejection {
  @PrimaryColumn({ type: 'timestamptz' }) hour: Date;
  @PrimaryColumn({ type: 'text' }) subject: string;
  @PrimaryColumn({ type: 'text' }) tenantId: string;
  @PrimaryColumn({ type: 'text' }) mutation: string;
  @PrimaryColumn({ type: 'text' }) outcome: string;
  @Column({ type: 'int' }) count: number;
  @Column({ type: 'timestamptz' }) lastAt: Date;
}
