import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { commandLine, processIdentity } from './process-identity.js';

/** Stands on the command line of every server that we start, and so tells ours from anybody else's. */
export const CLUSTER_NAME = 'arcadia-cloud';

/** Fast shutdown first, then immediate (the next start recovers from the log), and a kill for one that is frozen. */
const ESCALATION = [
  { signal: 'SIGINT', seconds: 30 },
  { signal: 'SIGQUIT', seconds: 10 },
  { signal: 'SIGKILL', seconds: 10 },
] as const;

/**
 * Leaves the data directory without a server. Only for the claimed owner of the cluster: what still runs there belongs
 * to a program that was killed, and is either stopping already or lost its supervisor too.
 */
export async function endStaleServer(dataDirectory: string, log: (line: string) => void): Promise<void> {
  const lockFile = join(dataDirectory, 'postmaster.pid');
  const pid = Number.parseInt(await readFile(lockFile, 'utf8').catch(() => ''), 10);
  if (Number.isNaN(pid)) return;
  const command = commandLine(pid);
  if (command === null || command === '') return; // Postgres itself clears a lock file whose process is gone
  if (!command.includes(dataDirectory)) {
    // The pid means another process by now, and Postgres would take that for a living server.
    await rm(lockFile, { force: true });
    return;
  }
  if (!command.includes(`cluster_name=${CLUSTER_NAME}`)) {
    throw new EmbeddedPostgresError(`${dataDirectory} is served by process ${pid}, which this program did not start.`);
  }
  log(`waiting for the Postgres server ${pid} of a program that was killed to end`);
  await endServer(pid);
}

export async function endServer(pid: number): Promise<void> {
  const identity = processIdentity(pid);
  const lives = () => identity !== null && processIdentity(pid) === identity;
  for (const { signal, seconds } of ESCALATION) {
    if (!lives()) return;
    send(pid, signal);
    for (let waited = 0; waited < seconds * 1000 && lives(); waited += 50) await sleep(50);
  }
  if (lives()) throw new EmbeddedPostgresError(`the Postgres server ${pid} does not end`);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
