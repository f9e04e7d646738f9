import { setTimeout as sleep } from 'node:timers/promises';
import { ZONE } from '../world.js';
import { type AskedFor, askUntilAnswered, type Load, type Note } from './storm-load.js';
import type { StormWorld } from './storm-world.js';

const SAGA = `query($id: ID!) {
  saga(id: $id) { status error deployment { slug state resources(first: 20) { nodes { kind providerId } } } }
}`;
const FINISHED = ['COMPLETED', 'ROLLED_BACK', 'FAILED'];
const SETTLE_MS = 90_000;

/** What the account held before anything was asked for. */
export interface Golden {
  readonly droplets: number;
  readonly records: number;
}

export async function readGolden(world: StormWorld): Promise<Golden> {
  const [droplets, { records }] = await Promise.all([
    world.tellSandbox('GET', 'state/droplets'),
    world.tellSandbox('GET', `state/domains/${ZONE}`),
  ]);
  return { droplets: Object.keys(droplets).length, records: records.length };
}

/**
 * Waits until every saga has ended and every subscriber has noted it, for a while; then what is wrong, judged by the
 * provider's account, the API and the subscribers' own notes alone.
 */
export async function checkStorm(world: StormWorld, load: Load, golden: Golden): Promise<string[]> {
  const deadline = AbortSignal.timeout(SETTLE_MS);
  const sagas = new Map<string, any>();
  for (const { sagaId } of load.all) {
    for (;;) {
      const { saga } = await askUntilAnswered(world, SAGA, { id: sagaId }, deadline).catch(() => ({ saga: null }));
      sagas.set(sagaId, saga);
      if (FINISHED.includes(saga?.status) || deadline.aborted) break;
      await sleep(100);
    }
  }
  const isNoted = ({ notes, hasEnded, sagaId }: AskedFor) =>
    hasEnded &&
    load.notesOfAll.every((all) =>
      all.some((note) => note.sagaId === sagaId && note.cursor && note.sequence === notes.length),
    );
  while (!load.all.every(isNoted) && !deadline.aborted) await sleep(200);

  const [droplets, { records }] = await Promise.all([
    world.tellSandbox('GET', 'state/droplets'),
    world.tellSandbox('GET', `state/domains/${ZONE}`),
  ]);
  const wrong: string[] = [];
  let [wantedDroplets, wantedRecords] = [golden.droplets, golden.records];
  for (const asked of load.all) {
    const { slug, sagaId, hasName } = asked;
    const say = (what: string) => wrong.push(`${slug} (saga ${sagaId}): ${what}`);
    const saga = sagas.get(sagaId);
    if (saga?.status !== 'COMPLETED' && saga?.status !== 'ROLLED_BACK') say(`is ${saga?.status}: ${saga?.error}`);
    const stands = saga?.status === 'COMPLETED';
    const tag = `arcadia-saga-${sagaId.slice(0, 8)}`;
    const own = Object.values<any>(droplets).filter((droplet) => droplet.tags.includes(tag));
    if (own.length !== (stands ? 1 : 0)) say(`is ${saga?.status} and has ${own.length} droplets`);
    const names = records.filter((record: any) => record.name === slug).length;
    if (names !== (stands && hasName ? 1 : 0)) say(`is ${saga?.status} and has ${names} records`);
    if (stands) {
      wantedDroplets += 1;
      if (hasName) wantedRecords += 1;
      if (saga.deployment.state !== 'ACTIVE') say(`its deployment is ${saga.deployment.state}`);
      const linked = saga.deployment.resources.nodes.filter(({ kind }: any) => kind === 'DROPLET');
      if (String(linked.map(({ providerId }: any) => providerId)) !== String(own.map(({ id }) => id))) {
        say(`its deployment has the droplets ${linked.map(({ providerId }: any) => providerId)}, not ${own[0]?.id}`);
      }
    }
    if (!asked.hasEnded) say(`its stream never ended, after ${asked.notes.length} events`);
    checkNotes('its stream', asked.notes, asked, say);
    for (const [place, notes] of load.notesOfAll.entries()) {
      const of = notes.filter((note) => note.sagaId === sagaId);
      checkNotes(`the stream of all sagas of api-${place}`, of, asked, say);
    }
  }
  const [droplet, record] = [Object.keys(droplets).length, records.length];
  if (droplet !== wantedDroplets) wrong.push(`there are ${droplet} droplets, not ${wantedDroplets}`);
  if (record !== wantedRecords) wrong.push(`there are ${record} records, not ${wantedRecords}`);
  return wrong;
}

/** 1, 2, 3, … once each, and as many as anybody noted. */
function checkNotes(
  stream: string,
  notes: readonly Note[],
  { notes: own }: AskedFor,
  say: (what: string) => void,
): void {
  const sequences = notes.map(({ sequence }) => sequence);
  const isWhole = sequences.every((sequence, place) => sequence === place + 1);
  if (!isWhole) say(`${stream} said ${sequences}`);
  else if (notes.length < own.length) say(`${stream} said ${notes.length} of ${own.length} events`);
  else if (!FINISHED.includes(notes.at(-1)?.type ?? ''))
    say(`${stream} stopped at ${notes.at(-1)?.type}, event ${notes.length}`);
}
