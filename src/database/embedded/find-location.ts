import { createHash } from 'node:crypto';
import { chmod, chown, mkdir, mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { copiedBinaries, packagedBinaries } from './binaries.js';
import { mayUse, type ServerUser, serverUserFor } from './server-user.js';

/** Where a cluster lives and who runs it. */
export interface Location {
  /** As the user calls it. */
  readonly directory: string;
  /** Holds `data`, the password and the claim: the directory itself, unless the server's user may not enter that. */
  readonly root: string;
  readonly binaries: string;
  readonly user: ServerUser;
  readonly temporary: boolean;
  /** In the user's directory, where the cluster is elsewhere: removed with it, it tells that the cluster shall go too. */
  readonly note: string | null;
}

/** Every user may walk in; root alone writes. */
const COPY_DIRECTORY = '/var/lib/arcadia-cloud';

export async function findLocation(directory: string | undefined, log: (line: string) => void): Promise<Location> {
  if (directory === undefined) return temporaryLocation();
  await mkdir(resolve(directory), { recursive: true });
  const real = await realpath(directory);
  const copyDirectory = join(COPY_DIRECTORY, createHash('sha256').update(real).digest('hex').slice(0, 12));
  const user = await serverUserFor(join(real, 'data'));
  const native = packagedBinaries();
  if (user === null) return { directory, root: real, binaries: native, user, temporary: false, note: null };

  const moved = mayUse(user, real) ? null : copyDirectory;
  const binaries = await reachableBinaries(native, user);
  if (moved !== null) {
    await makePassable(COPY_DIRECTORY);
    await makePassable(moved);
  }
  if (moved !== null || binaries !== native) {
    const what = [moved && `its data is kept in ${moved}`, binaries !== native && `its programs run from ${binaries}`];
    log(`the system user of Postgres may not enter ${moved ? real : native}: ${what.filter(Boolean).join(', ')}`);
  }
  return { directory, root: moved ?? real, binaries, user, temporary: false, note: moved && join(real, 'moved-to') };
}

async function temporaryLocation(): Promise<Location> {
  const user = await serverUserFor('');
  const parent = user === null || mayUse(user, tmpdir()) ? tmpdir() : COPY_DIRECTORY;
  if (parent === COPY_DIRECTORY) await makePassable(COPY_DIRECTORY);
  const root = await mkdtemp(join(parent, 'arcadia-postgres-'));
  if (user) await chown(root, user.uid, user.gid); // the supervisor, who is that user, shall be able to remove it
  const binaries = await reachableBinaries(packagedBinaries(), user);
  return { directory: root, root, binaries, user, temporary: true, note: null };
}

async function reachableBinaries(native: string, user: ServerUser): Promise<string> {
  if (user === null || mayUse(user, join(native, 'bin', 'postgres'))) return native;
  await makePassable(COPY_DIRECTORY);
  return copiedBinaries(native, COPY_DIRECTORY);
}

/** Open to every user, whatever the umask. */
async function makePassable(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o755);
}
