// What is measured inside JupyterLab's page. Each side says how its content, its filter and its rows are found.

(() => {
  const NAME = /run-\d{5}/;
  // Some widgets draw in a shadow root: look through all of them.
  function* all(node) {
    for (const child of node.querySelectorAll("*")) {
      yield child;
      if (child.shadowRoot) yield* all(child.shadowRoot);
    }
  }
  const every = (root, wanted) => {
    const found = [...root.querySelectorAll(wanted)];
    return found.length ? found : [...all(root)].filter((node) => node.matches(wanted));
  };
  const first = (root, wanted) => every(root, wanted)[0];
  const text = (node) => (node ? node.textContent.trim() : "");
  const rows = (selector) => (root) =>
    every(root, selector).slice(0, 12).map(text).filter((told) => NAME.test(told)).join("|");
  const header = (selector) => (root) => every(root, selector).find((node) => /^metric_03/.test(text(node)));
  // A canvas shows its rows when there is ink well below the header.
  const inked = (root) => {
    const canvas = first(root, ".lm-DataGrid canvas, canvas.lm-DataGrid-canvas, .lm-DataGrid-viewport canvas");
    if (!canvas || canvas.width < 100 || canvas.height < 60) return "";
    const ratio = canvas.width / Math.max(1, canvas.clientWidth);
    const { data } = canvas.getContext("2d").getImageData(0, 30 * ratio, 300, 60);
    let dark = 0;
    let sum = 0;
    for (let at = 0; at < data.length; at += 4) {
      if (data[at + 3] > 128 && data[at] + data[at + 1] + data[at + 2] < 300) {
        dark += 1;
        sum = (sum * 31 + at) % 1_000_000_007;
      }
    }
    return dark > 40 ? String(sum) : "";
  };
  const drawn = (selector) => (root) => (first(root, selector) ? "drawn" : "");

  const SIDES = {
    ours: {
      rows: rows("[role=rowheader]"),
      filter: "input.mlops-filter",
      sort: header("[role=columnheader] .mlops-label, [role=columnheader]"),
      scroll: ".mlops-grid",
    },
    itables: {
      rows: rows("tbody tr"),
      filter: ".dt-search input",
      sort: (root) => first(header("th")(root), ".dt-column-order"),
    },
    ipydatagrid: { rows: inked, wheel: ".lm-DataGrid" },
    quak: {
      rows: rows("tbody tr"),
      sort: (root) => first(header("th")(root), ".sort-button"),
      scroll: ".table-container",
    },
    table: { rows: drawn(".main-svg .column-cell, .main-svg .cell-text") },
    parallel: { rows: drawn(".main-svg .axis-title, .gl-canvas") },
  };

  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const tasks = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) tasks.push([performance.timeOrigin + entry.startTime, entry.duration]);
  }).observe({ entryTypes: ["longtask"] });

  /** Until `told()` is another text than `before` and not empty: the time of the frame after the one that shows it. */
  async function changed(told, before) {
    for (;;) {
      await frame();
      const now = told();
      if (now && now !== before) break;
    }
    return frame();
  }

  window.mlopsBench = {
    result: undefined,
    root: () => window.jupyterapp.shell.currentWidget.content.widgets[1].outputArea.node,
    told: (side) => SIDES[side].rows(window.mlopsBench.root()),

    /** Run the cell and note when its content has been on screen for two frames. */
    async show(side) {
      this.result = undefined;
      const notebook = window.jupyterapp.shell.currentWidget.content;
      notebook.activeCellIndex = 1;
      notebook.deselectAll();
      const began = Date.now();
      window.jupyterapp.commands.execute("notebook:run-cell");
      await changed(() => this.told(side), "");
      this.result = { began, shown: Date.now() };
    },

    /** Milliseconds of the longest task since a time. */
    longest: (since) => Math.max(0, ...tasks.filter(([at]) => at >= since - 5).map(([, took]) => took)),
    /** Milliseconds without a long task since a time. */
    quiet: (since) => Date.now() - Math.max(since, ...tasks.map(([at, took]) => at + took)),
    nodes: () => [...all(window.mlopsBench.root())].length,

    /** Wait for an event, then for other rows; the time between. */
    async after(side, event) {
      this.result = undefined;
      const before = this.told(side);
      const began = await new Promise((done) => {
        window.addEventListener(event, (heard) => done(heard.timeStamp), { capture: true, once: true });
        this.result = "listening";
      });
      const seen = await changed(() => this.told(side), before);
      this.result = seen - began;
    },

    /** The element that a side filters with, sorts by, or scrolls. */
    find(side, what) {
      const wanted = SIDES[side][what];
      if (!wanted) return undefined;
      return typeof wanted === "string" ? first(this.root(), wanted) : wanted(this.root());
    },

    /** Scroll steadily; milliseconds between frames. */
    async scroll(side, milliseconds) {
      this.result = undefined;
      const box = this.find(side, "scroll");
      const wheel = this.find(side, "wheel");
      const gaps = [];
      const began = await frame();
      let before = began;
      while (before - began < milliseconds) {
        const now = await frame();
        const pixels = 3 * (now - before); // 3,000 px a second: about a hundred rows
        gaps.push(now - before);
        if (box) box.scrollTop += pixels;
        else wheel.dispatchEvent(new WheelEvent("wheel", { deltaY: pixels, bubbles: true, cancelable: true }));
        before = now;
      }
      this.result = { gaps: gaps.slice(1), moved: box ? box.scrollTop : 0 };
    },
  };
})();
