// Drawing with SVG, for every widget. Colours come from style sheets, so pictures follow the theme by themselves.

const SVG = "http://www.w3.org/2000/svg";

/** An SVG element; `text` is only ever text. */
export function draw(tag, attributes = {}, text = "") {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text) element.textContent = text;
  return element;
}

/** A picture of `width` by `height` pixels that `label` describes to those who do not see it. */
export function pictureOf(width, height, label, className) {
  const node = draw("svg", { width, height, viewBox: `0 0 ${width} ${height}`, class: className });
  if (label) {
    node.setAttribute("role", "img");
    node.setAttribute("aria-label", label);
  } else {
    node.setAttribute("aria-hidden", "true");
  }
  return node;
}
