// The controls: what they say goes into the settings, and back.

import { at, decimal, fillTrack } from "./page.js";

/** How a frame is shown. A threshold of null is the model's own. */
export const settings = {
  threshold: null,
  overlay: "fill",
  opacity: { fill: 0.35, contour: 1, heat: 0.65 },
  compare: "single",
  swipe: 0.5,
  brightness: 0,
  contrast: 0,
  original: false,
};

let modelsOwn = 0.5;

/** Listens to the controls. `changed("threshold" | "view")` hears of each change. */
export function listen(changed) {
  const onInput = (id, read, what = "view") =>
    at(id).addEventListener("input", ({ target }) => {
      read(target.value);
      show();
      changed(what);
    });
  onInput("threshold", (value) => setThreshold(Number(value)), "threshold");
  onInput("overlay", (value) => (settings.overlay = value));
  onInput("opacity", (value) => (settings.opacity[settings.overlay] = value / 100));
  onInput("compare", (value) => (settings.compare = value));
  onInput("swipe", (value) => (settings.swipe = value / 100));
  onInput("brightness", (value) => (settings.brightness = Number(value)));
  onInput("contrast", (value) => (settings.contrast = Number(value)));

  const onClick = (id, action, what = "view") =>
    at(id).addEventListener("click", () => set(action, changed, what));
  onClick("threshold-reset", () => (settings.threshold = null), "threshold");
  onClick("levels-reset", () => Object.assign(settings, { brightness: 0, contrast: 0 }));
  onClick("original", () => (settings.original = !settings.original));
}

/** Changes settings from elsewhere, a key or the picture, and lets the controls follow. */
export function set(action, changed, what = "view") {
  action(settings);
  show();
  changed(what);
}

/** Moves the threshold by steps of the slider. */
export function stepThreshold(by) {
  const slider = at("threshold");
  setThreshold(Math.min(slider.max, Math.max(slider.min, Number(slider.value) + by)));
}

/** Takes the model's own threshold from an answer. */
export function own(threshold) {
  modelsOwn = threshold;
  show();
}

function setThreshold(value) {
  settings.threshold = Math.abs(value - modelsOwn) < 0.005 ? null : value;
}

/** Lets every control say what is in the settings. */
function show() {
  const { overlay, opacity } = settings;
  const threshold = settings.threshold ?? modelsOwn;
  slider("threshold", threshold, decimal(threshold, 2));
  at("threshold-reset").disabled = settings.threshold === null;
  const share = Math.round((opacity[overlay] ?? 0) * 100);
  slider("opacity", share, `${share} %`);
  at("opacity").disabled = overlay === "none";
  slider("swipe", settings.swipe * 100, `${Math.round(settings.swipe * 100)} %`);
  slider("brightness", settings.brightness, signed(settings.brightness));
  slider("contrast", settings.contrast, signed(settings.contrast));
  check("overlay", overlay);
  check("compare", settings.compare);
  at("swipe-row").hidden = settings.compare !== "swipe";
  at("heat-legend").hidden = overlay !== "heat";
  at("original").setAttribute("aria-pressed", settings.original);
}

function slider(id, value, words) {
  at(id).value = value;
  at(`${id}-value`).textContent = words;
  fillTrack(at(id));
}

function check(name, value) {
  document.querySelector(`input[name="${name}"][value="${value}"]`).checked = true;
}

function signed(value) {
  return value > 0 ? `+${value}` : `${value}`.replace("-", "−");
}
