// The figures of a run, brought when they are asked for: a saved notebook has them in its static card already.

import { make } from "./dom.js";
import { note, part } from "./run_card_sections.js";
import { plainText } from "./words.js";

// As in images.py. In an img element an SVG runs no script and loads nothing.
const PICTURE = /^data:image\/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/]*={0,2}$/;

export function figuresSection({ figures, not_kept: notKept }, ask) {
  if (!figures.length && !notKept.length) return null;
  const place = make("div", "mlops-card-figures");
  const said = make("p", "mlops-card-small");
  said.setAttribute("role", "status");
  const missing = note(notKept.length ? `Not kept: ${notKept.join(", ")}.` : "");
  const node = part("Figures", figures.map((name) => plainText(name, 40)).join(", "), said, place, missing);
  let isAsked = false;
  node.addEventListener("toggle", async () => {
    if (!node.open || isAsked || !figures.length) return;
    isAsked = true;
    said.textContent = "Reading the figures…";
    try {
      const { pictures } = await ask("figures");
      place.append(...figures.map((name) => figure(name, pictures[name])));
      said.textContent = "";
    } catch (error) {
      isAsked = false; // opening it again asks again
      said.textContent = error.message;
    }
  });
  return node;
}

function figure(name, uri) {
  const node = make("figure");
  if (uri && PICTURE.test(uri)) {
    const image = make("img");
    image.src = uri;
    image.alt = plainText(name);
    node.append(image, make("figcaption", "mlops-card-small", plainText(name)));
  } else {
    node.append(make("figcaption", "mlops-card-small", `${plainText(name)}: not drawn here; it is among the run's files.`));
  }
  return node;
}
