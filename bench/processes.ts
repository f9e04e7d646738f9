import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

export interface BenchProcess {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** A TypeScript program as a process of its own; resolves with the first address that it prints. */
export async function startProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<BenchProcess> {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--max-semi-space-size=64', '--import', './scripts/swc-register.js', ...args],
    {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const url = await new Promise<string>((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk;
      const found = /"url":"(http:[^"]+)","msg":"listening"/.exec(output) ?? /^(http:\/\/\S+)$/m.exec(output);
      if (found) resolve(found[1] as string);
    });
    child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}: ${output}`)));
  });
  return {
    url,
    pid: child.pid as number,
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

export const BENCH_SECRET = 'a secret that only benchmarks know, 48 bytes long';

/** The API alone, as it runs in production, with limits on and set beyond what is measured. */
export function startApi(databaseUrl: string): Promise<BenchProcess> {
  return startProcess(['src/main.ts', 'api'], {
    DATABASE_URL: databaseUrl,
    DO_API_URL: 'http://127.0.0.1:9',
    PORT: '0',
    ARCADIA_JWT_SECRET: BENCH_SECRET,
    RATE_LIMIT_PER_MINUTE: '100000000',
    SOCKETS_PER_TENANT: '1000000',
  });
}
