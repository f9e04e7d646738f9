import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One run of the Postgres server, within which transaction ids only grow. Opened by `open_stream_epoch()`. */
@Entity('stream_epochs')
export class StreamEpoch {
  /** Milliseconds since 1970 when it was opened, or one more than the last. */
  @PrimaryColumn({ type: 'bigint' }) epoch: string;
  @Column({ type: 'timestamptz' }) openedAt: Date;
  @Column({ type: 'timestamptz' }) serverStartedAt: Date;
}
