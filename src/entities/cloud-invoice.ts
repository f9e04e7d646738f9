import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Currency } from '../core/money/money.js';
import type { Period } from '../core/time/period.js';

export const INGEST_STATUSES = ['discovered', 'ingesting', 'ingested', 'failed'] as const;
export type IngestStatus = (typeof INGEST_STATUSES)[number];

/** The provider's bill to us. A period can have several. */
@Entity('cloud_invoices')
export class CloudInvoice {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column({ type: 'text' }) provider: string;
  /** The provider's UUID of it. */
  @Column({ type: 'text' }) providerId: string;
  @Column({ type: 'date' }) period: Period;
  @Column({ type: 'text' }) currency: Currency;
  /** As the provider states it. */
  @Column({ type: 'bigint' }) totalCents: string;
  @Column({ type: 'timestamptz' }) issuedAt: Date;
  @Column({ type: 'timestamptz' }) discoveredAt: Date;

  @Column({ type: 'text' }) ingestStatus: IngestStatus;
  /** How often it was started; it tells a worker that lost its lease from the one that has it. */
  @Column({ type: 'int' }) ingestAttempt: number;
  @Column({ type: 'timestamptz' }) ingestQueuedAt: Date;
  @Column({ type: 'text', nullable: true }) ingestLeaseOwner: string | null;
  @Column({ type: 'timestamptz', nullable: true }) ingestLeaseUntil: Date | null;
  @Column({ type: 'timestamptz', nullable: true }) ingestedAt: Date | null;
  @Column({ type: 'text', nullable: true }) ingestError: string | null;
  /** In a row. */
  @Column({ type: 'int' }) ingestFailures: number;
  /** Null: only an operator or the next billing history tries again. */
  @Column({ type: 'timestamptz', nullable: true }) ingestRetryAt: Date | null;

  /** `cloud_invoice_ingests.id` of the lines that count; null before the first ingest. */
  @Column({ type: 'bigint', nullable: true }) liveIngestId: string | null;
  @Column({ type: 'int' }) lineCount: number;
  @Column({ type: 'int' }) matchedCount: number;
  @Column({ type: 'bigint', nullable: true }) linesTotalCents: string | null;
  @Column({ type: 'bigint', nullable: true }) taxCents: string | null;
  /** Lines less stated total; null where they agree. */
  @Column({ type: 'bigint', nullable: true, insert: false, update: false }) totalDifferenceCents: string | null;

  @Column({ type: 'text', nullable: true }) financeInvoiceId: string | null;
  @Column({ type: 'timestamptz', nullable: true }) pushedToFinanceAt: Date | null;
  /** The ingest that finance has; a push is owed while it is not the live one. */
  @Column({ type: 'bigint', nullable: true }) pushedIngestId: string | null;
  /** That failed since finance last took it. */
  @Column({ type: 'int' }) financeAttempts: number;
  @Column({ type: 'timestamptz', nullable: true }) financeNextAttemptAt: Date | null;
  @Column({ type: 'text', nullable: true }) financeError: string | null;
  @Column({ type: 'timestamptz', nullable: true }) financeLeaseUntil: Date | null;
}
