// The answer in words and numbers.

import { at, count, decimal, setIcon } from "./page.js";

export const STATES = {
  nerve: {
    words: "Nerve found",
    short: "nerve",
    icon: "i-nerve",
    more: "The outline is where it sees the brachial plexus.",
  },
  no_nerve: {
    words: "No nerve found",
    short: "none",
    icon: "i-no-nerve",
    more: "It looked at the whole frame and sees no brachial plexus. The heat map shows what it did see.",
  },
  unsure: {
    words: "Unsure: ask a human",
    short: "unsure",
    icon: "i-unsure",
    more: "It cannot tell whether there is a nerve. Look at the heat map and decide yourself.",
  },
};

const DOUBT =
  "No pixel reaches the threshold, though the presence score says that there is a nerve. Look at the heat map.";

/** Area in mm² of so many pixels, or null when the scale is not known. */
export function squareMillimetres({ spacing_mm: spacing }, area) {
  return spacing ? area * spacing[0] * spacing[1] : null;
}

/** A state for people. */
export function stateWords(state) {
  return STATES[state].words;
}

/** Writes the answer about a frame into the panel, as it is at the threshold on the screen. */
export function showAnswer({ answer, cut: { area, state } }) {
  const { words, icon, more } = STATES[state];
  at("answer").closest(".answer").dataset.state = state;
  at("answer-words").textContent = words;
  setIcon("answer-icon", icon);
  const isDoubtful = state === "no_nerve" && answer.presence >= 0.5;
  at("answer-more").textContent = isDoubtful ? DOUBT : more;
  at("not-ultrasound").hidden = answer.is_ultrasound;
  at("objection").textContent = answer.objection ? `${answer.objection}.` : "";
  at("regions").hidden = !(answer.regions > 1);
  at("region-words").textContent = regionOf(answer);
  at("presence").textContent = score(answer.presence);
  at("presence-meter").value = answer.presence;
  showArea(answer, area);
  showTimings(answer.timings_ms);
  at("model-name").textContent = `${answer.model.name} ${answer.model.version}`;
}

function showArea(answer, area) {
  at("area").replaceChildren(count(area), small(" px"));
  const real = squareMillimetres(answer, area);
  const words =
    real === null ? [small("scale not known")] : [real ? decimal(real, 1) : "0", small(" mm²")];
  at("area-mm2").replaceChildren(...words);
}

/** Which of several views on one screen it is. */
function regionOf({ region, regions }) {
  return regions > 1 ? `Region ${region + 1} of ${regions}` : "";
}

/** The answer as a sentence to be read aloud. */
export function sentence({ name, answer, cut: { area, state } }) {
  const doubt = answer.is_ultrasound ? "" : " This is not like the neck scans that the model knows.";
  const real = squareMillimetres(answer, area);
  const size = real === null ? "" : `, ${decimal(real, 1)} square millimetres`;
  const measured = state === "no_nerve" ? "" : ` Area ${area} pixels${size}.`;
  const presence = `Presence ${score(answer.presence)}.`;
  const region = regionOf(answer);
  const place = region && ` ${region}.`;
  return `${name}: ${STATES[state].words}.${doubt}${place} ${presence}${measured}`;
}

/** Never 0 or 1 for what is not quite. */
function score(presence) {
  if (presence > 0.99) return "score over 0.99";
  return presence < 0.01 ? "score under 0.01" : `score ${decimal(presence, 2)}`;
}

function showTimings(timings) {
  const rows = ["decode", "queue", "network", "total"].map((stage) => {
    const row = document.createElement("div");
    const name = document.createElement("dt");
    const bar = document.createElement("dd");
    const value = document.createElement("dd");
    name.textContent = stage;
    bar.className = "share";
    bar.style.setProperty("--share", timings[stage] / timings.total);
    value.textContent = `${decimal(timings[stage], 1)} ms`;
    row.append(name, bar, value);
    return row;
  });
  at("timings").replaceChildren(...rows);
}

function small(words) {
  const element = document.createElement("small");
  element.textContent = words;
  return element;
}
