/** Announces to every process that rows of a topic changed. Coalesced; may be lost, since a slow poll finds the rows. */
export interface Wakes {
  /** Returns at once. Listeners of this process are called without a round trip. */
  wake(topic: string): void;
  /** Calls `listener` after a wake of that topic, and after a gap in which wakes may have been lost. */
  onWake(topic: string, listener: () => void): () => void;
  close(): Promise<void>;
}

/** Between the topics of one notification. */
const SEPARATOR = ' ';
/** NOTIFY takes less than 8,000 bytes. */
const MAX_MESSAGE_LENGTH = 7_000;

/** The listeners of one process. One notification is under way at a time; topics woken meanwhile go with the next. */
export class WakeListeners {
  private readonly byTopic = new Map<string, Set<() => void>>();
  private readonly unsent = new Set<string>();
  private isSending = false;

  constructor(
    private readonly send: (message: string) => Promise<unknown>,
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

  /** Calls the listeners of a received message's topics. */
  hear(message: string): void {
    for (const topic of message.split(SEPARATOR)) this.hearTopic(topic);
  }

  hearAll(): void {
    for (const topic of [...this.byTopic.keys()]) this.hearTopic(topic);
  }

  wake(topic: string): void {
    this.hearTopic(topic);
    this.unsent.add(topic);
    if (!this.isSending) void this.sendUntilQuiet();
  }

  private async sendUntilQuiet(): Promise<void> {
    this.isSending = true;
    while (this.unsent.size > 0) {
      await this.send(this.nextMessage()).catch(this.onSendError);
    }
    this.isSending = false;
  }

  private nextMessage(): string {
    let message = '';
    for (const topic of this.unsent) {
      if (message !== '' && message.length + topic.length > MAX_MESSAGE_LENGTH) break;
      message += message === '' ? topic : SEPARATOR + topic;
      this.unsent.delete(topic);
    }
    return message;
  }

  private hearTopic(topic: string): void {
    for (const listener of [...(this.byTopic.get(topic) ?? [])]) listener();
  }
}
