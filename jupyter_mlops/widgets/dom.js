// What every widget's module shares: elements whose text is only ever text, and names cut to fit.

/** An element with a class, and a text that is only ever text. */
export function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/** `text` on one line with its middle cut beyond `limit`: endings tell names apart. */
export function cutMiddle(text, limit) {
  if (text.length <= limit) return text;
  const tail = Math.floor(limit / 3);
  const start = text.slice(0, limit - tail - 1).replace(/[\uD800-\uDBFF]$/, "");
  return `${start}…${text.slice(-tail).replace(/^[\uDC00-\uDFFF]/, "")}`;
}

/** A tick box with its label: `node`, and the `box` in it. */
export function labelled(text, onChange) {
  const node = make("label", "mlops-choice");
  const box = make("input");
  box.type = "checkbox";
  box.addEventListener("change", onChange);
  node.append(box, make("bdi", "", text));
  return { node, box };
}

/** A button that says `text`. */
export function button(text, onClick, className = "") {
  const node = make("button", `mlops-button ${className}`.trim(), text);
  node.type = "button";
  node.addEventListener("click", onClick);
  return node;
}
