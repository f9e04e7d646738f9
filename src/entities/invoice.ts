import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { DeploymentUsage, InvoiceStatus } from '../core/invoices/invoice.js';
import type { Currency } from '../core/money/money.js';
import type { Period } from '../core/time/period.js';

/** Our bill to a tenant: one a tenant and period. */
@Entity('invoices')
export class Invoice {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column({ type: 'text' }) tenantId: string;
  @Column({ type: 'date' }) period: Period;
  @Column({ type: 'text' }) status: InvoiceStatus;
  @Column({ type: 'text', nullable: true }) number: string | null;
  @Column({ type: 'text' }) currency: Currency;
  @Column({ type: 'bigint' }) subtotalCents: string;
  @Column({ type: 'bigint' }) taxCents: string;
  @Column({ type: 'bigint' }) totalCents: string;
  @Column({ type: 'timestamptz' }) draftedAt: Date;
  @Column({ type: 'timestamptz', nullable: true }) issuedAt: Date | null;
  @Column({ type: 'timestamptz', nullable: true }) paidAt: Date | null;
  @Column({ type: 'timestamptz', nullable: true }) voidedAt: Date | null;
  @Column({ type: 'text', nullable: true }) voidReason: string | null;
  /** Usage on billed days that no price covers. */
  @Column({ type: 'jsonb' }) unpriced: readonly DeploymentUsage[];
}
