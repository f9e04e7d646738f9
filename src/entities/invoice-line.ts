import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { BillingKind } from '../core/metering/billing-kind.js';
import type { DecimalText } from '../core/money/decimal-text.js';
import type { Currency } from '../core/money/money.js';
import type { LineKind, LineMeta } from '../core/pricing/priced-line.js';

/** A priced line of an invoice, with the proof of its amount. */
@Entity('invoice_lines')
export class InvoiceLine {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' }) id: string;
  @Column({ type: 'uuid' }) invoiceId: string;
  @Column({ type: 'int' }) position: number;
  @Column({ type: 'uuid', nullable: true }) deploymentId: string | null;
  @Column({ type: 'text', nullable: true }) deploymentSlug: string | null;
  @Column({ type: 'text', nullable: true }) deploymentName: string | null;
  @Column({ type: 'text' }) kind: LineKind;
  @Column({ type: 'text', nullable: true }) billingKind: BillingKind | null;
  @Column({ type: 'text' }) description: string;
  @Column({ type: 'numeric' }) quantity: DecimalText;
  @Column({ type: 'text' }) unit: string;
  @Column({ type: 'numeric' }) unitPriceCents: DecimalText;
  @Column({ type: 'bigint' }) amountCents: string;
  @Column({ type: 'text' }) currency: Currency;
  @Column({ type: 'jsonb' }) meta: LineMeta;
}
