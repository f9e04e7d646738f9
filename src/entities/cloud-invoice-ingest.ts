import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** One go at an invoice's lines: it writes them, then they go live together, or are dropped. */
@Entity('cloud_invoice_ingests')
export class CloudInvoiceIngest {
  @PrimaryGeneratedColumn('identity', { type: 'bigint' }) id: string;
  @Column({ type: 'uuid' }) invoiceId: string;
  @Column({ type: 'text' }) state: 'writing' | 'live' | 'dropped';
  @Column({ type: 'timestamptz' }) startedAt: Date;
}
