import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import type { ServerUser } from './server-user.js';

export interface Supervised {
  readonly pid: number;
  /** Resolves once the command and all its children have ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Asks the command to end, waits until it has, and removes `removeAtEnd` unless that is to be kept. */
  stop(options?: { keep: boolean }): Promise<void>;
  /** From here on the command does not keep our process alive. */
  unref(): void;
}

export interface SuperviseOptions {
  readonly user: ServerUser;
  readonly onLine: (line: string) => void;
  /** A directory that goes with the command, even where we are killed; empty: none. */
  readonly removeAtEnd: string;
}

/**
 * Starts the command and then blocks on a pipe that our program holds. However the program ends, the kernel closes the
 * pipe; the shell then interrupts the command (for Postgres a fast shutdown), insists after half a minute, and goes.
 * A command that ended by itself stays a zombie of this shell, so that its pid cannot come to mean another process.
 */
const SUPERVISOR = `
remove=$1; shift
"$@" </dev/null 1>&2 &
command=$!
echo "$command"
exec >/dev/null 2>&1
read -r word
kill -INT "$command"
tenths=0
while kill -0 "$command"; do
  sleep 0.1
  tenths=$((tenths + 1))
  if [ "$tenths" -eq 300 ]; then kill -QUIT "$command"; fi
  if [ "$tenths" -eq 400 ]; then kill -KILL "$command"; fi
done
if [ -n "$remove" ] && [ "$word" != keep ]; then rm -rf -- "$remove"; fi
`;

/** Nothing of our environment, which holds secrets. */
const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' };

export async function supervise(command: readonly string[], options: SuperviseOptions): Promise<Supervised> {
  const shell = spawn('/bin/sh', ['-c', SUPERVISOR, 'arcadia-postgres', options.removeAtEnd, ...command], {
    ...options.user,
    cwd: '/',
    env: ENVIRONMENT,
    // A session of its own: what the terminal or a supervisor sends to our process group is ours to answer first.
    detached: true,
    stdio: 'pipe',
  });
  const exited = new Promise<void>((resolve) => shell.once('exit', () => resolve()));
  const output = createInterface({ input: shell.stderr }).on('line', options.onLine);
  const ended = once(output, 'close').then(() => undefined);
  shell.stdin.on('error', () => undefined); // a shell that is gone shows by its exit

  const pid = await new Promise<number>((resolve, reject) => {
    shell.once('error', (error) => reject(new EmbeddedPostgresError(`cannot run /bin/sh: ${error.message}`)));
    createInterface({ input: shell.stdout })
      .once('line', (line) => resolve(Number(line)))
      .once('close', () => reject(new EmbeddedPostgresError('the supervising shell ended before it began')));
  });

  return {
    pid,
    ended,
    async stop({ keep } = { keep: false }) {
      shell.ref();
      shell.stdin.end(keep ? 'keep\n' : '');
      await exited;
    },
    unref() {
      shell.unref();
      for (const pipe of [shell.stdin, shell.stdout, shell.stderr]) (pipe as { unref?(): void }).unref?.();
    },
  };
}
