import type { DocumentNode } from 'graphql';

/** Text of the stored documents. A query takes 100 times its text when it is parsed, and 60 times more once compiled. */
export const MAX_STORED_BYTES = 500_000;

interface Stored {
  readonly document: DocumentNode;
  /** Apollo's own names of it. */
  readonly keys: Set<string>;
}

/**
 * Valid documents by their text, the least recently used dropped first once their texts are more than
 * MAX_STORED_BYTES. What else is known of a document (its compiled query, its cost) hangs from the document in a
 * WeakMap and goes with it. It is Apollo's document store too: Apollo asks by a hash of the text.
 */
export class DocumentStore {
  private readonly byText = new Map<string, Stored>();
  private readonly textByKey = new Map<string, string>();
  private bytes = 0;

  find(text: string): DocumentNode | undefined {
    const stored = this.byText.get(text);
    if (stored === undefined) return undefined;
    this.byText.delete(text);
    this.byText.set(text, stored);
    return stored.document;
  }

  add(text: string, document: DocumentNode): void {
    if (this.byText.has(text)) return;
    this.byText.set(text, { document, keys: new Set() });
    this.bytes += text.length;
    for (const [oldest, { keys }] of this.byText) {
      if (this.bytes <= MAX_STORED_BYTES) return;
      this.byText.delete(oldest);
      for (const key of keys) this.textByKey.delete(key);
      this.bytes -= oldest.length;
    }
  }

  async get(key: string): Promise<DocumentNode | undefined> {
    const text = this.textByKey.get(key);
    return text === undefined ? undefined : this.find(text);
  }

  async set(key: string, document: DocumentNode): Promise<void> {
    const text = document.loc?.source.body;
    if (text === undefined) return;
    this.add(text, document);
    this.byText.get(text)?.keys.add(key);
    if (this.byText.has(text)) this.textByKey.set(key, text);
  }

  async delete(key: string): Promise<boolean> {
    return this.textByKey.delete(key);
  }
}
