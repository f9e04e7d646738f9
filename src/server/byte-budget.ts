/** Bytes that owners may hold at once, each of them and all together. */
export class ByteBudget {
  private total = 0;
  private readonly held = new Map<string, number>();

  constructor(private readonly limits: { readonly perOwner: number; readonly perProcess: number }) {}

  /** False, and nothing is reserved: it would exceed a limit. What is reserved is released in the same amount. */
  reserve(owner: string, bytes: number): boolean {
    const own = (this.held.get(owner) ?? 0) + bytes;
    if (own > this.limits.perOwner || this.total + bytes > this.limits.perProcess) return false;
    this.held.set(owner, own);
    this.total += bytes;
    return true;
  }

  release(owner: string, bytes: number): void {
    const own = (this.held.get(owner) ?? 0) - bytes;
    if (own > 0) this.held.set(owner, own);
    else this.held.delete(owner);
    this.total -= bytes;
  }
}
