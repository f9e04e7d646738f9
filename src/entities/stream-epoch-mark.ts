import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Which epoch this run of the server has. The table is unlogged: a crash recovery and a promotion empty it. */
@Entity('stream_epoch_marks')
export class StreamEpochMark {
  @PrimaryColumn({ type: 'timestamptz' }) serverStartedAt: Date;
  @Column({ type: 'bigint' }) epoch: string;
}
