// Which of several cells a line of metadata belongs to: a copied cell brings the line along, but did not run.

/** Remembers which cell had a line first. */
export class Copies {
  private readonly owners = new Map<string, string>();

  /** A cell's own line: its run was told by the kernel. */
  own(line: string, cell: string): void {
    this.owners.set(line, cell);
  }

  /** Whether a cell has its line from another that is still there; else it is the owner from now on. */
  isCopy(line: string, cell: string, isThere: (cell: string) => boolean): boolean {
    const owner = this.owners.get(line);
    if (owner !== undefined && owner !== cell && isThere(owner)) {
      return true;
    }
    this.owners.set(line, cell);
    return false;
  }
}
