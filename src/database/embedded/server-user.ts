import { spawnSync } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';

/** Whom the server runs as; null: as ourselves. */
export type ServerUser = { readonly uid: number; readonly gid: number } | null;

const NAME = 'postgres';

/** The first that the image knows wins: shadow's, Debian's and Alpine's ways to make a system user with its own group. */
const WAYS_TO_CREATE: readonly (readonly (readonly string[])[])[] = [
  [
    ['groupadd', '--system', '--force', NAME],
    ['useradd', '--system', '--gid', NAME, '--no-create-home', '--shell', '/bin/false', NAME],
  ],
  [['adduser', '--system', '--group', '--no-create-home', NAME]],
  [
    ['addgroup', '-S', NAME],
    ['adduser', '-S', '-D', '-H', '-G', NAME, NAME],
  ],
];

/**
 * Postgres refuses to run as root, so root runs it as the owner of the cluster, or for a new one as the system user
 * `postgres`, which is created where missing.
 */
export async function serverUserFor(dataDirectory: string): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return null;
  const existing = await stat(dataDirectory).catch(() => null);
  if (existing && existing.uid !== 0) return { uid: existing.uid, gid: existing.gid };
  return lookUp() ?? createUser();
}

/** Whether that user may walk into a directory or run a file, asked of the system itself: modes, ACLs and mounts count. */
export function mayUse(user: NonNullable<ServerUser>, path: string): boolean {
  const asked = ['-c', '[ -x "$1" ]', 'sh', path];
  return spawnSync('/bin/sh', asked, { ...user, cwd: '/', stdio: 'ignore' }).status === 0;
}

function createUser(): NonNullable<ServerUser> {
  const problems: string[] = [];
  for (const way of WAYS_TO_CREATE) {
    for (const [command = '', ...args] of way) {
      const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8' });
      if (error) problems.push(error.message);
      else if (status !== 0) problems.push(`${command}: ${stderr.trim()}`);
    }
    const user = lookUp();
    if (user) return user;
  }
  throw new EmbeddedPostgresError(
    `Postgres does not run as root, and the system user ${NAME} could not be created (${problems.join('; ')}); ` +
      'create it, run as another user, or set DATABASE_URL.',
  );
}

function lookUp(): ServerUser {
  const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, NAME], { encoding: 'utf8' }));
  if (uid?.status !== 0 || gid?.status !== 0) return null;
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}
