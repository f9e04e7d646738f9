import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from './account.js';

/** What an action brings about when it completes. */
export type Effect =
  | { readonly kind: 'power'; readonly status: 'active' | 'off' }
  | { readonly kind: 'resize'; readonly size: string; readonly disk: boolean }
  | { readonly kind: 'rename'; readonly name: string }
  | { readonly kind: 'snapshot'; readonly name: string; readonly lagMs: number }
  | { readonly kind: 'backups'; readonly on: boolean }
  | { readonly kind: 'activate'; readonly addressMs: number }
  | { readonly kind: 'none' };

/** Something that will have happened at its time; looked at with each request, so that a restart loses nothing. */
export interface Pending {
  readonly dueAt: number;
  readonly change:
    | { readonly do: 'complete'; readonly actionId: string; readonly dropletId: string; readonly effect: Effect }
    | { readonly do: 'address'; readonly dropletId: string }
    | { readonly do: 'reveal'; readonly key: string };
}

export interface State {
  account: Account;
  pending: Pending[];
  /** `droplets/1`: made, but not shown by lists yet. */
  hidden: Record<string, true>;
}

export function freshState(account: Account): State {
  return { account, pending: [], hidden: {} };
}

/** Keeps the state in one file; a save is whole or not at all, and done before the answer that depends on it is sent. */
export class StateFile {
  private saving: Promise<void> = Promise.resolve();

  private constructor(private readonly path: string) {}

  static async open(directory: string): Promise<StateFile> {
    await mkdir(directory, { recursive: true });
    return new StateFile(join(directory, 'state.json'));
  }

  async load(): Promise<State | null> {
    try {
      return JSON.parse(await readFile(this.path, 'utf8')) as State;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  save(state: State): Promise<void> {
    const text = JSON.stringify(state);
    this.saving = this.saving.then(async () => {
      const draft = `${this.path}.new`;
      await writeFile(draft, text);
      await rename(draft, this.path);
    });
    return this.saving;
  }
}
