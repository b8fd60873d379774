// A panel's part in the one brush of a comparison: each panel draws its own, and the last one counts.

export class BrushShare {
  constructor(view) {
    this.view = view;
    this.mine = null;
  }

  /** False if the brush that this panel set was ended, or another panel has set one. */
  get holds() {
    return this.waiting !== undefined || this.view.brushed === this.mine;
  }

  /** The rows that the filter keeps and no brush but this panel's leaves out. */
  rows() {
    const rows = this.view.filteredRows();
    const { brushed } = this.view;
    return brushed && !this.holds ? rows.filter((row) => brushed.has(row)) : rows;
  }

  /** Narrow the comparison to `rows` (null ends it), once a frame, however quickly the mouse moves. */
  tell(rows) {
    this.told = rows;
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = undefined;
      this.view.brush(this.told);
      this.mine = this.view.brushed;
    });
  }

  close() {
    cancelAnimationFrame(this.waiting);
  }
}
