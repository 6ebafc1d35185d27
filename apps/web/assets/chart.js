// Area over frames: how the nerve comes and goes in a clip.

import { squareMillimetres } from "./answer.js";
import { at, count, decimal } from "./page.js";

const WIDTH = 600;
const HEIGHT = 110;
const TOP = 8;

/** Draws the areas of the frames that have an answer. */
export function drawChart(list, current) {
  const inMillimetres = list.every(({ answer }) => !answer || answer.spacing_mm);
  const value = ({ answer, cut: { area } }) =>
    inMillimetres ? squareMillimetres(answer, area) : area;
  const points = list.flatMap((frame, i) =>
    frame.cut ? [{ x: x(i, list.length), value: value(frame), frame, i }] : [],
  );
  const most = Math.max(...points.map((point) => point.value), 1);
  const y = (area) => HEIGHT - (area / most) * (HEIGHT - TOP);
  const line = points.map((point) => `${point.x} ${y(point.value)}`).join("L");
  const here = x(list.indexOf(current), list.length);
  const shapes = [
    shape("ground", `M0 ${HEIGHT}H${WIDTH}`),
    shape("here", `M${here} 0V${HEIGHT}`),
  ];
  if (points.length) {
    const ends = `L${points.at(-1).x} ${HEIGHT}L${points[0].x} ${HEIGHT}Z`;
    shapes.unshift(shape("area", `M${line}${ends}`), shape("curve", `M${line}`));
  }
  at("chart").replaceChildren(...shapes);
  at("chart-words").textContent = words(points, inMillimetres);
}

/** The frame under a click on the chart, of so many. */
export function frameAt(event, total) {
  const { left, width } = at("chart").getBoundingClientRect();
  return Math.round(((event.clientX - left) / width) * (total - 1));
}

function x(index, total) {
  return (index / Math.max(1, total - 1)) * WIDTH;
}

function words(points, inMillimetres) {
  if (!points.length) return "";
  const unit = inMillimetres ? "mm²" : "px";
  const largest = points.reduce((best, point) => (point.value > best.value ? point : best));
  const empty = points.filter((point) => point.value === 0).length;
  const size = inMillimetres ? decimal(largest.value, 1) : count(largest.value);
  if (empty === points.length) return `No area in any of ${points.length} frames.`;
  return `Largest ${size} ${unit} in frame ${largest.i + 1}; none in ${empty} of ${points.length}.`;
}

function shape(name, data) {
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("class", name);
  path.setAttribute("d", data);
  return path;
}
