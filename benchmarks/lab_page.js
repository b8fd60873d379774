// What is measured inside JupyterLab's page, with and without the extension.

(() => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  // A frame's callbacks run before it is painted; a message that they send arrives after.
  const painted = async () => {
    await frame();
    const { port1, port2 } = new MessageChannel();
    return new Promise((done) => {
      port1.onmessage = () => done(performance.now());
      port2.postMessage(0);
    });
  };
  const notebook = () => window.jupyterapp.shell.currentWidget.content;

  window.mlopsLab = {
    keys: [],
    gaps: [],

    /** Begin to type in a cell: from each key's time stamp to the paint of the frame after it. */
    async type(at) {
      const panel = notebook();
      panel.activeCellIndex = at;
      panel.scrollToItem(at, "center");
      // A cell out of view has no editor.
      while (!panel.widgets[at].editor) await frame();
      panel.mode = "edit";
      panel.widgets[at].editor.focus();
      await frame();
      this.keys = [];
      const note = async (pressed) => {
        const place = this.keys.push(null) - 1;
        this.keys[place] = (await painted()) - pressed.timeStamp;
      };
      window.addEventListener("keydown", note, { capture: true });
      this.isTyping = true;
      this.end = () => window.removeEventListener("keydown", note, { capture: true });
    },

    source: (at) => notebook().widgets[at].model.sharedModel.source,

    /** Scroll the notebook steadily; milliseconds between frames. */
    async scroll(milliseconds, speed) {
      const box = notebook().node.querySelector(".jp-WindowedPanel-outer");
      box.scrollTop = 0;
      this.gaps = [];
      const began = await frame();
      let before = began;
      const gaps = [];
      while (before - began < milliseconds) {
        const now = await frame();
        gaps.push(now - before);
        box.scrollTop += (speed * (now - before)) / 1000;
        before = now;
      }
      this.moved = box.scrollTop;
      this.gaps = gaps.slice(1);
    },

    /** Open the sidebar; milliseconds until runs have been painted. */
    async openPanel() {
      this.opened = undefined;
      const began = performance.now();
      window.jupyterapp.commands.execute("jupyter-mlops:open-panel");
      while (!document.querySelector("#jp-mlops-panel .jp-mlops-run-name")) await frame();
      this.opened = (await painted()) - began;
    },
  };
})();
