// The example on the first page: a sample, segmented now, its outline drawn on it.

import { segment } from "./api.js";
import { sample } from "./intake.js";
import { path } from "./outline.js";
import { at, decimal } from "./page.js";

/** Shows a real answer where there was a picture. Without one the picture stays. */
export async function showExample() {
  const figure = at("hero");
  if (!figure) return;
  try {
    const file = await sample(figure.dataset);
    const answer = await segment(file, { name: file.name });
    draw(figure, answer);
  } catch {
    // the page is whole without it
  }
}

function draw(figure, { width, height, polygons, state, timings_ms: timings }) {
  if (state !== "nerve") return;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const outline = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("preserveAspectRatio", "xMidYMid slice");
  svg.setAttribute("aria-hidden", "true");
  outline.setAttribute("class", "outline");
  outline.setAttribute("pathLength", "1");
  outline.setAttribute("d", path(polygons));
  svg.append(outline);
  figure.querySelector(".glass").append(svg);
  figure.querySelector("img").alt += ", with the nerve outlined";
  at("hero-caption").textContent =
    `Outlined just now, in ${decimal(timings.total, 0)} ms. Nobody has checked it.`;
}
