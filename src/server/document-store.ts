import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';

/** Text of the stored documents. A query takes 100 times its text when it is parsed, and 60 times more once compiled. */
export const MAX_STORED_BYTES = 500_000;

interface Stored {
  readonly document: DocumentNode;
  /** Apollo's own names of it. */
  readonly keys: Set<string>;
}

/**
 * Valid documents by their text, the least recently used dropped first once their texts are longer than
 * MAX_STORED_BYTES. What else is known of a document (its compiled query, its cost) hangs from the document in a
 * WeakMap and goes with it. It is Apollo's document store too: Apollo looks up a hash of the text.
 */
export class DocumentStore {
  private readonly byText = new LRUCache<string, Stored>({
    maxSize: MAX_STORED_BYTES,
    sizeCalculation: (_, text) => text.length,
    dispose: ({ keys }) => {
      for (const key of keys) this.textByKey.delete(key);
    },
  });
  private readonly textByKey = new Map<string, string>();

  find(text: string): DocumentNode | undefined {
    return this.byText.get(text)?.document;
  }

  add(text: string, document: DocumentNode): void {
    if (text !== '' && !this.byText.has(text)) this.byText.set(text, { document, keys: new Set() });
  }

  async get(key: string): Promise<DocumentNode | undefined> {
    const text = this.textByKey.get(key);
    return text === undefined ? undefined : this.find(text);
  }

  async set(key: string, document: DocumentNode): Promise<void> {
    const text = document.loc?.source.body;
    if (text === undefined) return;
    this.add(text, document);
    const stored = this.byText.peek(text);
    if (!stored) return;
    stored.keys.add(key);
    this.textByKey.set(key, text);
  }

  async delete(key: string): Promise<boolean> {
    return this.textByKey.delete(key);
  }
}
