import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Tells a process from a later one that was given the same pid; null where no such process lives. */
export function processIdentity(pid: number): string | null {
  return process.platform === 'linux' ? linuxIdentity(pid) : psIdentity(pid);
}

/** The command line with its arguments joined by spaces; null where no such process lives. */
export function commandLine(pid: number): string | null {
  if (process.platform !== 'linux') return ps(pid, 'args=');
  return readProc(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim() ?? null;
}

function linuxIdentity(pid: number): string | null {
  const stat = readProc(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The name in brackets may hold anything, so fields count from its end: state is the 3rd, start time the 22nd.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z') return null; // ended, only not yet collected by its parent
  return `${readProc('/proc/sys/kernel/random/boot_id')?.trim()} ${fields[19]}`;
}

function psIdentity(pid: number): string | null {
  return ps(pid, 'state=')?.startsWith('Z') ? null : ps(pid, 'lstart=');
}

function ps(pid: number, format: string): string | null {
  const { status, stdout } = spawnSync('ps', ['-o', format, '-p', String(pid)], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null; // gone, which is the answer
  }
}
