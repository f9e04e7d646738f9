import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Transaction ids can go back: a crash hands out again those that never reached the disk, and a new cluster starts low.
 * So rows of live streams are ordered by (stream_epoch, xid, id), and each time the server starts, recovers from a crash
 * or is promoted, the first transaction that writes such a row opens a new epoch. Rows written before get epoch 0.
 */
export class StreamEpochs1763600001300 implements MigrationInterface {
  name = 'StreamEpochs1763600001300';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table stream_epochs (
        -- Milliseconds since 1970 when it was opened, or one more than the last: a number that was used in a history
        -- that is lost (a failover, a restored backup) is not used again.
        epoch bigint primary key,
        opened_at timestamptz not null default clock_timestamp(),
        server_started_at timestamptz not null
      );
      insert into stream_epochs values (0, clock_timestamp(), pg_postmaster_start_time());

      -- The epoch of the server as it runs now. Unlogged: every crash recovery and every promotion empties it, also one
      -- within a running postmaster. A clean restart and a restored dump keep the row, but not the start time.
      create unlogged table stream_epoch_marks (
        server_started_at timestamptz primary key,
        epoch bigint not null
      );

      -- The first writers after a start meet at the mark's primary key: one opens the epoch, the others wait for its end.
      create function open_stream_epoch() returns bigint language plpgsql as $$
      declare
        current bigint;
      begin
        -- A row that a subscriber has seen must survive a crash, so its commit waits for the disk.
        if current_setting('synchronous_commit') = 'off' then
          perform set_config('synchronous_commit', 'on', true);
        end if;
        select mark.epoch into current from stream_epoch_marks mark
        where mark.server_started_at = pg_postmaster_start_time();
        if current is null then
          insert into stream_epoch_marks (server_started_at, epoch)
          select pg_postmaster_start_time(),
            greatest(coalesce(max(epoch), 0) + 1, (extract(epoch from clock_timestamp()) * 1000)::bigint)
          from stream_epochs
          on conflict do nothing
          returning epoch into current;
          if current is null then
            select mark.epoch into strict current from stream_epoch_marks mark
            where mark.server_started_at = pg_postmaster_start_time();
          else
            insert into stream_epochs (epoch, server_started_at) values (current, pg_postmaster_start_time());
            delete from stream_epoch_marks where server_started_at <> pg_postmaster_start_time();
          end if;
        end if;
        -- For the session: it ends with any crash, and a rollback takes this back together with the mark.
        perform set_config('arcadia.stream_epoch', current::text, false);
        return current;
      end $$;
    `);
    for (const [table, condition] of STREAMS) {
      await db.query(`
        alter table ${table} add column stream_epoch bigint not null default 0;
        alter table ${table} alter column stream_epoch set default case
          when current_setting('synchronous_commit') = 'off' then open_stream_epoch()
          else coalesce(nullif(current_setting('arcadia.stream_epoch', true), '')::bigint, open_stream_epoch())
        end;
        drop index ${table}_stream;
        create index ${table}_stream on ${table} (stream_epoch, xid, id) ${condition};
      `);
    }
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}

const STREAMS = [
  ['sync_events', ''],
  ['cloud_resource_events', 'where run_id is not null'],
  ['saga_events', ''],
] as const;
