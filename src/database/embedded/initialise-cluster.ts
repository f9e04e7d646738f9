import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import type { Location } from './find-location.js';
import { supervise } from './supervise.js';

export const SUPERUSER = 'postgres';

const UNFINISHED = 'data.unfinished-';

export interface Cluster {
  readonly dataDirectory: string;
  readonly password: string;
}

/**
 * Finds the cluster, or makes it. A cluster takes its final name once it is complete, so that what a killed
 * initialisation left behind is never taken for one.
 */
export async function initialiseCluster(location: Location, durable: boolean): Promise<Cluster> {
  const dataDirectory = join(location.root, 'data');
  if (location.note !== null) await deleteUnlessOwned(location, location.note, dataDirectory);
  const exists = await isThere(join(dataDirectory, 'PG_VERSION'));
  const password = await passwordOf(location, exists);
  if (!exists) {
    const left = (await readdir(location.root)).filter((name) => name === 'data' || name.startsWith(UNFINISHED));
    for (const name of left) await rm(join(location.root, name), { recursive: true, force: true, maxRetries: 5 });
    // A name of its own: the processes of a killed initialisation may take a moment to end.
    const unfinished = await mkdtemp(join(location.root, UNFINISHED));
    await giveToServer(location, unfinished);
    await initdb(location, unfinished, durable);
    await rename(unfinished, dataDirectory);
  }
  return { dataDirectory, password };
}

async function initdb(location: Location, directory: string, durable: boolean): Promise<void> {
  const said: string[] = [];
  const command = [
    join(location.binaries, 'bin', 'initdb'),
    `--pgdata=${directory}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${join(location.root, 'password')}`,
    '--auth=scram-sha-256',
    // Postgres's own locale: the same order and case rules on every machine.
    ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
    ...(durable ? [] : ['--no-sync']),
  ];
  const process = await supervise(command, {
    user: location.user,
    onLine: (line) => said.push(line),
    removeAtEnd: location.temporary ? location.root : '',
  });
  await process.ended;
  await process.stop({ keep: true });
  if (!said.some((line) => line.startsWith('Success.'))) {
    throw new EmbeddedPostgresError(`initdb failed in ${location.directory}: ${said.slice(-5).join(' ')}`);
  }
}

/** Made once and kept beside the cluster, readable by the server's user alone. */
async function passwordOf(location: Location, clusterExists: boolean): Promise<string> {
  const file = join(location.root, 'password');
  if (await isThere(file)) return (await readFile(file, 'utf8')).trim();
  if (clusterExists) {
    throw new EmbeddedPostgresError(`${file} is missing; put it back, or remove ${location.directory} to start anew.`);
  }
  const password = randomBytes(24).toString('base64url');
  const draft = `${file}.draft`;
  await rm(draft, { force: true });
  await writeFile(draft, `${password}\n`, { mode: 0o600 });
  await giveToServer(location, draft);
  await rename(draft, file);
  return password;
}

async function deleteUnlessOwned(location: Location, note: string, dataDirectory: string): Promise<void> {
  if (await isThere(note)) return;
  for (const part of [dataDirectory, join(location.root, 'password')]) await rm(part, { recursive: true, force: true });
  await writeFile(note, `${location.root}\n`);
  await chmod(note, 0o644);
}

async function giveToServer(location: Location, path: string): Promise<void> {
  if (location.user) await chown(path, location.user.uid, location.user.gid);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
