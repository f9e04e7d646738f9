import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type CommitPosition,
  type CommitSnapshot,
  commitHead,
  compareCommitPositions,
  decodeCommitCursor,
  encodeCommitCursor,
} from '../../src/services/live/commit-order.js';

const SESSIONS = 4;
const READERS = 3;

interface Row extends CommitPosition {
  /** Order of commits, over all crashes. */
  readonly commit: number;
}

interface Transaction {
  readonly xid: bigint;
  readonly rows: CommitPosition[];
  /** The mark that it inserted. */
  opened: bigint | null;
  /** What the session's setting was before. */
  readonly settingBefore: bigint | null;
}

interface Session {
  setting: bigint | null;
  transaction: Transaction | null;
}

/** Postgres as `open_stream_epoch()` and the readers' statements see it. */
class Model {
  rows: Row[] = [];
  epochs: bigint[] = [0n];
  /** The unlogged table: server start → epoch. */
  marks = new Map<number, bigint>();
  sessions: Session[] = [];
  startedAt = 0;
  starts = 0;
  nextXid = 3n;
  durableXid = 3n;
  nextId = 1n;
  commits = 0;
  clock = 1_000n;

  constructor() {
    this.endSessions();
  }

  /** One statement that writes a row. Answers false if it would wait for another transaction. */
  write(session: Session): boolean {
    if (session.setting === null && !this.marks.has(this.startedAt)) {
      const isBlocked = this.sessions.some((other) => other !== session && other.transaction?.opened != null);
      if (isBlocked) return false;
    }
    session.transaction ??= { xid: this.nextXid++, rows: [], opened: null, settingBefore: session.setting };
    session.setting ??= this.marks.get(this.startedAt) ?? this.open(session.transaction);
    session.transaction.rows.push({ epoch: session.setting, xid: session.transaction.xid, id: this.nextId++ });
    return true;
  }

  private open(transaction: Transaction): bigint {
    const next = (this.epochs.at(-1) as bigint) + 1n;
    transaction.opened = next > this.clock ? next : this.clock;
    return transaction.opened;
  }

  commit(session: Session): void {
    const { transaction } = session;
    if (!transaction) return;
    if (transaction.opened !== null) {
      this.epochs.push(transaction.opened);
      this.marks = new Map([[this.startedAt, transaction.opened]]);
    }
    this.commits += 1;
    this.rows.push(...transaction.rows.map((row) => ({ ...row, commit: this.commits })));
    // The flush of this commit takes everything before it along.
    this.durableXid = this.nextXid;
    session.transaction = null;
  }

  abort(session: Session): void {
    if (session.transaction) session.setting = session.transaction.settingBefore;
    session.transaction = null;
  }

  private endSessions(): void {
    this.sessions = Array.from({ length: SESSIONS }, () => ({ setting: null, transaction: null }));
  }

  /** A backend's crash keeps the start time. Some of the ids that never reached the disk are handed out again. */
  crash(isBackend: boolean, share: number): void {
    this.endSessions();
    this.marks.clear();
    this.nextXid -= ((this.nextXid - this.durableXid) * BigInt(share)) / 100n;
    if (!isBackend) this.start();
  }

  restart(): void {
    this.endSessions();
    this.start();
  }

  /** A dump, which holds the unlogged table's rows, is restored into a new cluster. */
  restore(): void {
    this.restart();
    this.nextXid = 3n;
    this.durableXid = 3n;
  }

  /** A standby that lagged by so many commits is promoted: they are lost. */
  failOver(lag: number): void {
    const kept = this.commits - lag;
    this.rows = this.rows.filter((row) => row.commit <= kept);
    const last = this.rows.reduce((max, { epoch }) => (epoch > max ? epoch : max), 0n);
    this.epochs = this.epochs.filter((epoch) => epoch <= last);
    this.nextXid = this.rows.reduce((max, { xid }) => (xid >= max ? xid + 1n : max), 3n);
    this.durableXid = this.nextXid;
    this.endSessions();
    this.marks.clear();
    this.start();
  }

  private start(): void {
    this.startedAt = ++this.starts;
    this.clock += 1n;
  }

  snapshot(): CommitSnapshot & { readonly xmin: bigint } {
    const open = this.sessions.flatMap(({ transaction }) => (transaction ? [transaction.xid] : []));
    const xmin = open.reduce((min, xid) => (xid < min ? xid : min), this.nextXid);
    return {
      currentEpoch: this.marks.get(this.startedAt) ?? null,
      lastEpoch: this.epochs.at(-1) as bigint,
      snapshot: `${xmin}:${this.nextXid}:${open}`,
      xmin,
    };
  }

  /** The readers' statement: `AFTER` in `commit-stream.ts`. */
  readAfter(position: CommitPosition, limit: number): Row[] {
    const { currentEpoch, xmin } = this.snapshot();
    return this.rows
      .filter((row) => compareCommitPositions(row, position) > 0)
      .filter(
        ({ epoch, xid }) => currentEpoch === null || epoch < currentEpoch || (epoch === currentEpoch && xid < xmin),
      )
      .sort(compareCommitPositions)
      .slice(0, limit);
  }

  /** What `checkStreamStart` says. */
  resume(epoch: bigint): CommitPosition | null {
    if (this.epochs.includes(epoch)) return null;
    const next = this.epochs.find((known) => known > epoch) ?? (this.epochs.at(-1) as bigint);
    return { epoch: next, xid: 0n, id: 0n };
  }
}

/** A subscriber: live from where it began, and perhaps moved by its cursor. */
class Reader {
  readonly seen: Row[] = [];
  private readonly head: ReturnType<typeof commitHead> | null;
  private readonly since: number;
  private position: CommitPosition;
  private isPast: (row: Row) => boolean;
  wasTold = false;
  hasMoved = false;

  constructor(private readonly model: Model) {
    this.head = commitHead(model.snapshot());
    this.since = model.commits;
    this.position = this.head.position;
    this.isPast = this.head.isPast;
  }

  poll(limit: number): void {
    for (const row of this.model.readAfter(this.position, limit)) {
      this.position = row;
      if (!this.isPast(row)) this.seen.push(row);
    }
  }

  /** To another process, by the cursor of its last event. */
  move(): void {
    const last = this.seen.at(-1);
    if (!last) return;
    this.position = decodeCommitCursor(encodeCommitCursor(last), 'after');
    this.isPast = () => false;
    this.hasMoved = true;
    const resumed = this.model.resume(this.position.epoch);
    if (resumed === null) return;
    this.position = resumed;
    this.wasTold = true;
  }

  check(): void {
    const missed = this.model.rows.filter((row) => row.commit > this.since && !this.seen.includes(row));
    expect(missed).toEqual([]);
    if (!this.hasMoved) expect(this.seen.filter((row) => row.commit <= this.since)).toEqual([]);
    if (this.wasTold) return;
    for (const [place, row] of this.seen.entries()) {
      const before = this.seen[place - 1];
      if (before) expect(compareCommitPositions(before, row)).toBeLessThan(0);
    }
  }
}

const session = fc.nat(SESSIONS - 1);
const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('write' as const), session }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('commit' as const), session }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('abort' as const), session }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('burn' as const), count: fc.integer({ min: 1, max: 50 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('crash' as const), isBackend: fc.boolean(), share: fc.nat(100) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('restart' as const, 'restore' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('failOver' as const), lag: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('subscribe' as const), reader: fc.nat(READERS - 1) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('poll' as const),
      reader: fc.nat(READERS - 1),
      limit: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('move' as const), reader: fc.nat(READERS - 1) }) },
);

function play(
  steps: readonly (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[],
  model = new Model(),
): void {
  const readers: (Reader | null)[] = Array.from({ length: READERS }, () => null);
  const all: Reader[] = [];
  for (const each of steps) {
    if (each.kind === 'write') model.write(model.sessions[each.session] as Session);
    else if (each.kind === 'commit') model.commit(model.sessions[each.session] as Session);
    else if (each.kind === 'abort') model.abort(model.sessions[each.session] as Session);
    else if (each.kind === 'burn') model.nextXid += BigInt(each.count);
    else if (each.kind === 'crash') model.crash(each.isBackend, each.share);
    else if (each.kind === 'failOver') {
      model.failOver(each.lag);
      for (const reader of all) reader.move();
    } else if (each.kind === 'subscribe') {
      const reader = new Reader(model);
      readers[each.reader] = reader;
      all.push(reader);
    } else if (each.kind === 'poll') readers[each.reader]?.poll(each.limit);
    else if (each.kind === 'move') readers[each.reader]?.move();
    else model[each.kind]();
  }
  for (const each of model.sessions) model.commit(each);
  for (const reader of all) {
    reader.poll(Number.POSITIVE_INFINITY);
    reader.check();
  }
}

it('every subscriber gets every committed event once, in order, over crashes, restarts, restores and failovers', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => play(steps)),
    { numRuns: Number(process.env['STREAM_MODEL_RUNS'] ?? 2_000) },
  );
});

it('the model finds the loss where transaction ids alone make the order', () => {
  class WithoutEpochs extends Model {
    override write(writer: Session): boolean {
      writer.setting = 0n;
      return super.write(writer);
    }
    override snapshot() {
      return { ...super.snapshot(), currentEpoch: 0n };
    }
  }
  const found = fc.check(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => play(steps, new WithoutEpochs())),
    { numRuns: 2_000 },
  );
  expect(found.failed).toBe(true);
});
