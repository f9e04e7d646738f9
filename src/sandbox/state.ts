import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from './account.js';

/** What an action brings about when it completes. */
export type Effect =
  | { readonly kind: 'power'; readonly status: 'active' | 'off'; readonly lagMs?: number }
  | { readonly kind: 'resize'; readonly size: string; readonly disk: boolean }
  | { readonly kind: 'rename'; readonly name: string }
  | { readonly kind: 'snapshot'; readonly name: string; readonly lagMs: number }
  | { readonly kind: 'backups'; readonly on: boolean }
  | { readonly kind: 'activate'; readonly addressMs: number }
  | { readonly kind: 'attach'; readonly volumeId: string }
  | { readonly kind: 'detach'; readonly volumeId: string }
  | { readonly kind: 'grow'; readonly volumeId: string; readonly sizeGb: number }
  | { readonly kind: 'assign'; readonly ip: string }
  | { readonly kind: 'unassign'; readonly ip: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'fail' };

/** Something that will have happened at its time; looked at with each request, so that a restart loses nothing. */
export interface Pending {
  readonly dueAt: number;
  readonly change:
    | {
        readonly do: 'complete';
        readonly actionId: string;
        /** The droplet that takes no other action meanwhile; null: none. */
        readonly dropletId: string | null;
        readonly effect: Effect;
      }
    | { readonly do: 'address'; readonly dropletId: string }
    | { readonly do: 'status'; readonly dropletId: string; readonly status: string }
    | { readonly do: 'balance'; readonly loadBalancerId: string }
    | { readonly do: 'spread'; readonly firewallId: string }
    | { readonly do: 'reveal'; readonly key: string };
}

export interface State {
  account: Account;
  pending: Pending[];
  /** `droplets/1`: made, but not shown by lists yet. */
  hidden: Record<string, true>;
}

export function freshState(account: Account): State {
  return bare({ account, pending: [], hidden: {} });
}

/** Takes the prototypes off everything that is looked up by what a client sends: `constructor` is no droplet. */
function bare(state: State): State {
  const { account } = state;
  for (const one of [...Object.values(account), state.hidden]) {
    if (typeof one === 'object' && !Array.isArray(one)) Object.setPrototypeOf(one, null);
  }
  return state;
}

/** Keeps the state in one file; a save is whole or not at all. */
export class StateFile {
  private writing: Promise<void> = Promise.resolve();
  private next: Promise<void> | null = null;
  private latest: State | null = null;

  private constructor(private readonly path: string) {}

  static async open(directory: string): Promise<StateFile> {
    await mkdir(directory, { recursive: true });
    return new StateFile(join(directory, 'state.json'));
  }

  async load(): Promise<State | null> {
    try {
      return bare(JSON.parse(await readFile(this.path, 'utf8')) as State);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw new Error(`${this.path} is no state of a sandbox; remove it to begin anew`, { cause: error });
    }
  }

  /**
   * Resolves once the state as it is now, or is later, is in the file; rejects where it could not be written. Who comes
   * while a write is under way shares the next one.
   */
  save(state: State): Promise<void> {
    this.latest = state;
    this.next ??= this.writing.then(
      () => this.write(),
      () => this.write(),
    );
    return this.next;
  }

  /** Resolves once nothing is being written any more. */
  async saved(): Promise<void> {
    await (this.next ?? this.writing).catch(() => {});
  }

  private write(): Promise<void> {
    this.next = null;
    const text = JSON.stringify(this.latest);
    const draft = `${this.path}.new`;
    this.writing = writeFile(draft, text).then(() => rename(draft, this.path));
    return this.writing;
  }
}
