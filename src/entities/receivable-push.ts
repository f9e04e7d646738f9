import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What finance has of one of our invoices, and what it is owed. The row appears with the invoice's number. */
@Entity('receivable_pushes')
export class ReceivablePush {
  @PrimaryColumn({ type: 'uuid' }) invoiceId: string;
  @Column({ type: 'text' }) owedStatus: 'issued' | 'paid' | 'void';
  @Column({ type: 'text', nullable: true }) pushedStatus: 'issued' | 'paid' | 'void' | null;
  @Column({ type: 'text', nullable: true }) financeInvoiceId: string | null;
  @Column({ type: 'timestamptz', nullable: true }) pushedAt: Date | null;
  @Column({ type: 'int' }) attempts: number;
  @Column({ type: 'timestamptz', nullable: true }) nextAttemptAt: Date | null;
  @Column({ type: 'text', nullable: true }) error: string | null;
  @Column({ type: 'timestamptz', nullable: true }) leaseUntil: Date | null;
}
