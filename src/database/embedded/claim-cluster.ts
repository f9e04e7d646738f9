import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { processIdentity } from './process-identity.js';

/** Which program has the cluster; a record whose process is gone means nobody. */
interface Owner {
  readonly pid: number;
  readonly identity: string;
}

export interface Claim {
  release(): Promise<void>;
}

/**
 * Makes this process the one owner of the cluster in `place`, or says who is. A killed owner's claim lapses by itself.
 * `directory` is what the user calls it.
 */
export async function claimCluster(location: string, directory: string): Promise<Claim> {
  const file = join(location, 'owner.json');
  await guarded(location, async () => {
    const owner = await readOwner(file);
    if (owner && lives(owner)) {
      throw new EmbeddedPostgresError(`${directory} is in use by another arcadia-cloud, process ${owner.pid}.`);
    }
    const draft = await writeDraft(location);
    await rename(draft, file);
  });
  return { release: () => rm(file, { force: true }) };
}

/** Looking and taking are one step: two programs that both found a lapsed claim take it one after the other. */
async function guarded(location: string, work: () => Promise<void>): Promise<void> {
  const guard = join(location, 'owner.guard');
  const draft = await writeDraft(location);
  try {
    while (!(await linked(draft, guard))) {
      const holder = await readOwner(guard);
      if (holder && !lives(holder)) await rm(guard, { force: true });
      else await sleep(20);
    }
    try {
      await work();
    } finally {
      await rm(guard, { force: true });
    }
  } finally {
    await rm(draft, { force: true });
  }
}

/** A link appears with its content or not at all, unlike a file that is created and then written. */
async function linked(draft: string, target: string): Promise<boolean> {
  try {
    await link(draft, target);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function writeDraft(location: string): Promise<string> {
  const draft = join(location, `owner.${randomUUID()}`);
  const owner: Owner = { pid: process.pid, identity: processIdentity(process.pid) ?? '' };
  await writeFile(draft, JSON.stringify(owner));
  return draft;
}

async function readOwner(file: string): Promise<Owner | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Owner;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return null;
    throw error;
  }
}

function lives(owner: Owner): boolean {
  return processIdentity(owner.pid) === owner.identity;
}
