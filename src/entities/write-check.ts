import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The one row that readiness writes, to learn whether the database takes writes. */
@Entity('write_checks')
export class WriteCheck {
  @PrimaryColumn({ type: 'smallint', default: 1 }) id: number;
  @Column({ type: 'timestamptz' }) at: Date;
}
