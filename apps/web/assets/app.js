// Puts the parts together: files come in, frames are fetched, one is shown.

import { model } from "./api.js";
import { sentence, showAnswer } from "./answer.js";
import { drawChart, frameAt } from "./chart.js";
import * as downloads from "./downloads.js";
import { Filmstrip } from "./filmstrip.js";
import { Frames } from "./frames.js";
import { showExample } from "./hero.js";
import { listenForFiles } from "./intake.js";
import { listenToKeys } from "./keys.js";
import { cut } from "./mask.js";
import { outlines, path } from "./outline.js";
import { announce, at, decimal } from "./page.js";
import { listen, own, set, settings, stepThreshold } from "./panel.js";
import { hideProblem, showProblem } from "./problem.js";
import { showReadout } from "./readout.js";
import { copy, curl, python } from "./snippets.js";
import { Viewer } from "./viewer.js";

let rules = null;
let frames = null;
let current = null;

const viewer = new Viewer(at("canvas"), settings, {
  cursor: (point, by) => showReadout(current, point, by),
  zoom: (scale) => (at("zoom").textContent = `${Math.round(scale * 100)} %`),
  swipe: (share) => set((it) => (it.swipe = share), changed),
});
const strip = new Filmstrip((index) => show(frames.list[index]));

/** Starts over with new files. */
async function take(files) {
  frames?.cancel();
  strip.stop();
  hideProblem();
  set((it) => Object.assign(it, { threshold: null, original: false }), changed);
  openViewer();
  serverRules();
  frames = new Frames(files, heard);
  show(frames.list[0]);
  announce(`Looking at ${files.length > 1 ? `${files.length} files` : frames.list[0].name}`);
  const first = frames.list[0];
  first.preview = await createImageBitmap(first.file).catch(() => null);
  if (current === first && !first.image) show(first);
}

/** A frame was answered, refused, or waits for a busy server. */
async function heard(frame) {
  if (frame.status === "done") {
    await cutOut(frame);
    if (frame === current) {
      await show(frame);
      if (!strip.isPlaying) announce(sentence(frame));
    }
  } else if (frame.status === "failed" && frames.list.length === 1) {
    return giveUp(frame);
  } else if (frame === current) {
    await show(frame);
  }
  return showSequence();
}

/** Nothing came of the only file: back to the start, where the next one is chosen. */
function giveUp({ problem, file, name }) {
  current = null;
  closeViewer();
  showProblem(problem, name, () => take([file]));
}

/** Shows a frame: its picture and answer, or that it is on its way, or why there is none. */
async function show(frame) {
  current = frame;
  const isReady = Boolean(frame.image);
  if (isReady) {
    own(frame.answer.threshold);
    await cutOut(frame);
    if (frame !== current) return;
    showAnswer(frame);
  }
  at("viewer").classList.toggle("is-ready", isReady);
  at("working").hidden = isReady || frame.status === "failed";
  at("file-name").textContent =
    frame.index > 0 ? `${frame.name}, frame ${frame.index + 1}` : frame.name;
  viewer.show(frame);
  const isOver = frame.status === "failed";
  if (frame.problem) showProblem(frame.problem, frame.name, isOver && (() => retry(frame)));
  else hideProblem();
  at("snippet").hidden = true;
  // the picture's name for those who cannot see it
  at("canvas").setAttribute("aria-label", `Picture. ${isReady ? sentence(frame) : frame.name}`);
  showSequence();
}

/** Gives a frame its mask, area, state and outline at the threshold that is set. */
async function cutOut(frame) {
  const threshold = settings.threshold ?? frame.answer.threshold;
  if (frame.cut?.threshold === threshold) return;
  const isOwn = threshold === frame.answer.threshold;
  const found = cut(frame, threshold, isOwn ? null : await serverRules());
  const rings = outlines(found.mask, frame.width, frame.height);
  frame.cut = { ...found, threshold, path: path(rings) };
}

/** What the server does after its threshold; asked for once, before the threshold can be moved. */
function serverRules() {
  rules ??= model().then(({ postprocess }) => postprocess);
  rules.catch(() => (rules = null));
  return rules;
}

/** A control was moved. */
async function changed(what) {
  const frame = current;
  if (what !== "threshold" || !frame?.image) return viewer.draw();
  try {
    await cutOut(frame);
  } catch (problem) {
    return showProblem(problem, frame.name);
  }
  return frame === current ? show(frame) : undefined;
}

/** Once the threshold rests, the other frames follow. */
async function recutAll() {
  for (const frame of frames.list) if (frame.image) await cutOut(frame);
  showSequence();
}

function showSequence() {
  strip.update(frames.list, current);
  at("save-csv").hidden = frames.list.length < 2;
  if (frames.list.length > 1) drawChart(frames.list, current);
  if (frames.leftOut) at("chart-words").append(` ${frames.leftOut} more frames were left out.`);
}

function retry(frame) {
  frames.retry(frame);
  show(frame);
}

function openViewer() {
  if (!history.state?.isResult) history.pushState({ isResult: true }, "");
  reopen();
}

function reopen() {
  at("landing").hidden = true;
  at("viewer").hidden = false;
  scrollTo(0, 0);
  at("canvas").focus({ preventScroll: true });
}

function closeViewer() {
  frames?.cancel();
  strip.stop();
  hideProblem();
  at("viewer").hidden = true;
  at("landing").hidden = false;
  at("file").focus({ preventScroll: true });
}

async function copyCode(write, language) {
  const text = write(current, settings.threshold);
  at("snippet").textContent = text;
  at("snippet").hidden = false;
  await copy(text, at("snippet")).then(
    () => announce(`Copied as ${language}`),
    () => announce("Copying is not allowed; the code is shown below the buttons"),
  );
}

listen(changed);
// after the panel's own listeners: these see what it has set
at("threshold").addEventListener("change", recutAll);
at("threshold-reset").addEventListener("click", recutAll);

const onClick = (id, action) => at(id).addEventListener("click", action);
onClick("save-mask", () => current.image && downloads.saveMask(current));
onClick("save-overlay", () => current.image && downloads.saveOverlay(current, settings));
onClick("save-probabilities", () => current.image && downloads.saveProbabilities(current));
onClick("save-json", () => current.image && downloads.saveJson(current));
onClick("save-csv", () => downloads.saveTable(frames.list));
onClick("copy-curl", () => copyCode(curl, "curl"));
onClick("copy-python", () => copyCode(python, "Python"));
onClick("zoom-in", () => viewer.zoomHere(1.5));
onClick("zoom-out", () => viewer.zoomHere(1 / 1.5));
onClick("fit", () => viewer.fit());
onClick("next-region", () => {
  const { file, answer } = current;
  frames.look(file, (answer.region + 1) % answer.regions);
  show(current);
});
onClick("back", () => history.back());
onClick("keys-open", () => at("keys").showModal());
onClick("chart", (event) => show(frames.list[frameAt(event, frames.list.length)]));
addEventListener("popstate", ({ state }) => {
  if (!state?.isResult) closeViewer();
  else if (current?.image) reopen();
});

const choose = (name, value) => () => set((it) => (it[name] = value), changed);
const toggle = (name, value, off) => () =>
  set((it) => (it[name] = it[name] === value ? off : value), changed);
const nudge = (by) => async () => {
  if (!current.image) return;
  set(() => stepThreshold(by), () => {});
  await changed("threshold");
  await recutAll();
  announce(`Threshold ${decimal(current.cut.threshold, 2)}, area ${current.cut.area} pixels`);
};
listenToKeys(
  {
    1: choose("overlay", "fill"),
    2: choose("overlay", "contour"),
    3: choose("overlay", "heat"),
    4: choose("overlay", "none"),
    s: toggle("compare", "side", "single"),
    w: toggle("compare", "swipe", "single"),
    "[": nudge(-0.01),
    "]": nudge(0.01),
    "+": () => viewer.zoomHere(1.5),
    "=": () => viewer.zoomHere(1.5),
    "-": () => viewer.zoomHere(1 / 1.5),
    0: () => viewer.fit(),
    ",": () => strip.step(-1),
    ".": () => strip.step(1),
    p: () => strip.toggle(),
    "?": () => at("keys").showModal(),
  },
  { o: (isDown) => set((it) => (it.original = isDown), changed) },
  (dx, dy) => viewer.step(dx, dy),
);

listenForFiles(take, showProblem);
showExample();
