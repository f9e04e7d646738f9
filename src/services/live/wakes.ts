/** Says "rows of this topic changed" to every process. Coalesced, and allowed to get lost: the rows tell, a slow poll covers. */
export interface Wakes {
  /** Returns at once; this process's own listeners hear it without a round trip. */
  wake(topic: string): void;
  /** Calls `listener` after a wake of that topic, and after a gap in which wakes may have been lost. */
  onWake(topic: string, listener: () => void): () => void;
  close(): Promise<void>;
}

/** The listeners of one process, and at most one notification under way a topic. */
export class WakeListeners {
  private readonly byTopic = new Map<string, Set<() => void>>();
  private readonly sending = new Map<string, { again: boolean }>();

  constructor(
    private readonly send: (topic: string) => Promise<void>,
    private readonly onSendError: (error: unknown) => void,
  ) {}

  add(topic: string, listener: () => void): () => void {
    const listeners = this.byTopic.get(topic) ?? new Set();
    this.byTopic.set(topic, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.byTopic.get(topic) === listeners) this.byTopic.delete(topic);
    };
  }

  hear(topic: string): void {
    for (const listener of [...(this.byTopic.get(topic) ?? [])]) listener();
  }

  hearAll(): void {
    for (const topic of [...this.byTopic.keys()]) this.hear(topic);
  }

  wake(topic: string): void {
    this.hear(topic);
    const underWay = this.sending.get(topic);
    if (underWay) {
      underWay.again = true;
      return;
    }
    void this.sendUntilQuiet(topic);
  }

  private async sendUntilQuiet(topic: string): Promise<void> {
    const state = { again: true };
    this.sending.set(topic, state);
    while (state.again) {
      state.again = false;
      await this.send(topic).catch(this.onSendError);
    }
    this.sending.delete(topic);
  }
}
