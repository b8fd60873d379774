// What a notebook keeps of a large widget is packed; modules.py adds the line that calls this.

/** The widget whose style sheet and module `data` (deflate, base64) holds: each view gets the style sheet. */
export async function unpacked(data) {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const [css, code] = (await new Response(stream).text()).split("\0");
  const address = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const { default: widget } = await import(address);
  URL.revokeObjectURL(address);
  const render = (context) => {
    const style = document.createElement("style");
    style.textContent = css;
    context.el.append(style);
    return widget.render(context);
  };
  return { render };
}
