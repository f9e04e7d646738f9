import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config.js';

/** The shared secret: the configured one, else one that is generated once and stored under the data directory. */
export async function loadJwtSecret({ jwt, dataDir }: Pick<Config, 'jwt' | 'dataDir'>): Promise<string> {
  if (jwt.secret !== null) return jwt.secret;
  const path = join(dataDir, 'jwt-secret');
  const stored = await readFile(path, 'utf8').catch(onAbsence);
  if (stored !== null) return stored.trim();
  await mkdir(dataDir, { recursive: true });
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, `${randomBytes(48).toString('base64url')}\n`, { mode: 0o600 });
  // Of two programs that start at once one makes it, and both read that one.
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  return (await readFile(path, 'utf8')).trim();
}

function onAbsence(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
