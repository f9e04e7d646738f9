import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One mutation that somebody asked for: who, what, when, inputs without secrets, outcome. */
@Entity('audit_entries')
export class AuditEntry {
  @PrimaryColumn({ type: 'bigint', generated: 'identity' }) id: string;
  @Column({ type: 'timestamptz' }) at: Date;
  @Column({ type: 'text' }) subject: string;
  @Column({ type: 'text' }) tenantId: string;
  @Column({ type: 'text', array: true }) roles: string[];
  @Column({ type: 'text' }) mutation: string;
  @Column({ type: 'jsonb' }) inputs: Record<string, unknown>;
  @Column({ type: 'text' }) requestId: string;
  /** `OK` or the error code; null while it runs, and for ever where it was cut off. */
  @Column({ type: 'text', nullable: true }) outcome: string | null;
  @Column({ type: 'timestamptz', nullable: true }) finishedAt: Date | null;
}
