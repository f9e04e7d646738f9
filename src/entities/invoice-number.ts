import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The last number given in a year. */
@Entity('invoice_numbers')
export class InvoiceNumber {
  @PrimaryColumn({ type: 'int' }) year: number;
  @Column({ type: 'int' }) lastNumber: number;
}
