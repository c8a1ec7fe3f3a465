import { File } from './file.js';
import { bytesSource, viewOf } from './source.js';

/** Django's `ContentFile`: text or bytes in memory. It can be read and written again and again; closing it does nothing. */
export class ContentFile<Content extends string | Uint8Array = string> extends File<
  Content extends string ? string : Buffer
> {
  #bytes: Buffer;

  /** Text is read as text and stored as UTF-8. */
  constructor(content: Content, name?: string, options: { readonly contentType?: string } = {}) {
    const bytes = typeof content === 'string' ? Buffer.from(content) : viewOf(content);
    super(bytesSource(bytes), name, { ...options, mode: typeof content === 'string' ? 'r' : 'rb' });
    this.#bytes = bytes;
  }

  override writable(): boolean {
    return true;
  }

  /** Writes at the present position, over what is there. Returns how many bytes that were. */
  override async write(content: string | Uint8Array): Promise<number> {
    const written = viewOf(typeof content === 'string' ? Buffer.from(content) : content);
    const start = this.tell();
    const gap = Buffer.alloc(Math.max(0, start - this.#bytes.length));
    const after = this.#bytes.subarray(start + written.length);
    this.#bytes = Buffer.concat([this.#bytes.subarray(0, start), gap, written, after]);
    this.replaceSource(bytesSource(this.#bytes), start + written.length);
    return written.length;
  }

  /** Does nothing, as in Django: the content can still be read after it was saved. */
  override async close(): Promise<void> {
    // Nothing is held.
  }

  override toString(): string {
    return 'Raw content';
  }
}
