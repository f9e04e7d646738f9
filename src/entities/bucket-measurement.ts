import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How far the objects of a bucket have been summed. */
@Entity('bucket_measurements')
export class BucketMeasurement {
  @PrimaryColumn({ type: 'text' }) region: string;
  @PrimaryColumn({ type: 'text' }) bucket: string;
  /** The last key of the sum under way; null: none is. */
  @Column({ type: 'text', nullable: true }) afterKey: string | null;
  @Column({ type: 'bigint' }) objects: string;
  @Column({ type: 'numeric' }) bytes: string;
  @Column({ type: 'timestamptz', nullable: true }) measuredAt: Date | null;
}
