import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { JWT_SECRET } from './app.js';

const MAX_OUTPUT = 100_000;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Program {
  readonly process: ChildProcess;
  /** Of a program that serves the API. */
  readonly url: string;
  /** The last of what it has said. */
  output(): string;
  /** Sends the signal and resolves once the process is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** The program as a process of its own; resolves once it listens or works. */
export async function startProgram(
  command: 'api' | 'worker',
  environment: Readonly<Record<string, string>>,
): Promise<Program> {
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
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output = `${output}${chunk}`.slice(-MAX_OUTPUT);
      const listening = /"url":"(http:[^"]+)","msg":"listening"/.exec(output);
      if (listening) resolve(listening[1] as string);
      if (output.includes('"msg":"working"')) resolve('');
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`the program ended with ${code}: ${output}`)));
  });
  return {
    process: child,
    url,
    output: () => output,
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    },
  };
}
