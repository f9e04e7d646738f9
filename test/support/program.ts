import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { JWT_SECRET } from './app.js';

const MAX_OUTPUT = 100_000;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface LaunchedProgram {
  readonly process: ChildProcess;
  /** The last of what it has said. */
  output(): string;
  /** Sends the signal and resolves once the process is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** What was wrong with its end: nobody asked for it, or it was asked to stop and did not do so in order. */
  badEnd(): string | null;
}

export interface Program extends LaunchedProgram {
  /** Of a program that serves the API. */
  readonly url: string;
}

const launched = new Set<ChildProcess>();

/** For a process that goes without ending its programs one by one. */
export function killAllPrograms(): void {
  for (const child of launched) child.kill('SIGKILL');
}

/** The program as a process of its own; resolves once it listens or works. */
export async function startProgram(
  command: 'api' | 'worker',
  environment: Readonly<Record<string, string>>,
): Promise<Program> {
  return launchProgram(command, environment).ready;
}

/** The same from its first moment; `ready` rejects where the program ends before it listens or works. */
export function launchProgram(
  command: 'api' | 'worker',
  environment: Readonly<Record<string, string>>,
): LaunchedProgram & { readonly ready: Promise<Program> } {
  const child = spawn(process.execPath, ['--import', './scripts/swc-register.js', 'src/main.ts', command], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      ARCADIA_JWT_SECRET: JWT_SECRET,
      RATE_LIMIT_PER_MINUTE: '100000',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  launched.add(child);
  child.once('exit', () => launched.delete(child));
  let output = '';
  let asked: NodeJS.Signals | null = null;
  const program: LaunchedProgram = {
    process: child,
    output: () => output,
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      asked = signal;
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    },
    badEnd() {
      const end = child.signalCode ?? child.exitCode;
      if (end === null || end === asked || (asked !== null && end === 0)) return null;
      return `the ${command} ended with ${end}${asked ? ` when it got ${asked}` : ''}: ${output.slice(-3_000)}`;
    },
  };
  const ready = new Promise<Program>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output = `${output}${chunk}`.slice(-MAX_OUTPUT);
      const listening = /"url":"(http:[^"]+)","msg":"listening"/.exec(output);
      if (listening) resolve({ ...program, url: listening[1] as string });
      if (output.includes('"msg":"working"')) resolve({ ...program, url: '' });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`the program ended with ${code}: ${output}`)));
  });
  return { ...program, ready };
}
