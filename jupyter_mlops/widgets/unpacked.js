// What a notebook keeps of a large widget is packed; modules.py adds the line that calls this.

/**
 * The widget whose style sheet and module `data` (deflate, base64) holds: each view gets the style sheet.
 *
 * It is unpacked for the first view: anywidget waits two seconds for a widget, and then for none of its messages.
 */
export function unpacked(data) {
  let widget = null;
  const render = async (context) => {
    widget ??= read(data);
    const { css, view } = await widget;
    const style = document.createElement("style");
    style.textContent = css;
    context.el.append(style);
    return view.render(context);
  };
  return { render };
}

async function read(data) {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const [css, code] = (await new Response(stream).text()).split("\0");
  const address = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const { default: view } = await import(address);
  URL.revokeObjectURL(address);
  return { css, view };
}
