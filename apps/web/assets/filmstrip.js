// The strip of frames below the picture: thumbnails, previous, play, next, and a slider.

import { STATES } from "./answer.js";
import { grey } from "./overlay.js";
import { at, fillTrack, setIcon } from "./page.js";

const FRAMES_A_SECOND = 8;
const WIDTH = 160;

export class Filmstrip {
  #select;
  #tiles = new Map();
  #timer = 0;
  #count = 0;
  #current = 0;

  /** `select(index)` hears which frame is asked for. */
  constructor(select) {
    this.#select = select;
    at("previous").addEventListener("click", () => this.step(-1));
    at("next").addEventListener("click", () => this.step(1));
    at("play").addEventListener("click", () => this.toggle());
    at("seek").addEventListener("input", ({ target }) => this.#go(target.value - 1));
  }

  /** Lets the strip agree with the list of frames and the one that is shown. */
  update(list, current) {
    this.#count = list.length;
    this.#current = list.indexOf(current);
    const isSequence = list.length > 1;
    at("sequence").hidden = !isSequence;
    at("viewer").classList.toggle("has-sequence", isSequence);
    if (!isSequence) return this.stop();
    for (const frame of this.#tiles.keys()) if (!list.includes(frame)) this.#drop(frame);
    list.forEach((frame, index) => this.#tile(frame, index, frame === current));
    this.#transport();
    return undefined;
  }

  step(by) {
    this.stop();
    this.#go(this.#current + by);
  }

  toggle() {
    if (this.#timer) return this.stop();
    if (this.#count < 2) return undefined;
    const next = () => this.#go((this.#current + 1) % this.#count);
    this.#timer = setInterval(next, 1000 / FRAMES_A_SECOND);
    return this.#showPlaying();
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.#showPlaying();
  }

  get isPlaying() {
    return this.#timer !== 0;
  }

  #go(index) {
    if (index >= 0 && index < this.#count) this.#select(index);
  }

  #showPlaying() {
    setIcon("play-icon", this.isPlaying ? "i-pause" : "i-play");
    at("play").setAttribute("aria-label", this.isPlaying ? "Pause" : "Play");
  }

  #transport() {
    const seek = at("seek");
    seek.max = this.#count;
    seek.value = this.#current + 1;
    fillTrack(seek);
    at("position").textContent = `${this.#current + 1} of ${this.#count}`;
    at("previous").disabled = this.#current <= 0;
    at("next").disabled = this.#current >= this.#count - 1;
  }

  #drop(frame) {
    this.#tiles.get(frame).item.remove();
    this.#tiles.delete(frame);
  }

  #tile(frame, index, isCurrent) {
    const tile = this.#tiles.get(frame) ?? this.#create(frame);
    const { item, button, state } = tile;
    if (at("filmstrip").children[index] !== item) {
      at("filmstrip").insertBefore(item, at("filmstrip").children[index] ?? null);
    }
    if (tile.status !== frame.status) {
      tile.status = frame.status;
      tile.name.textContent = title(frame);
      state.replaceChildren(...stateOf(frame));
      if (frame.image) drawThumbnail(tile.canvas, frame);
    }
    if (isCurrent && button.ariaCurrent !== "true") scrollTo(item);
    button.setAttribute("aria-current", isCurrent);
  }

  #create(frame) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    const canvas = document.createElement("canvas");
    const [name, state] = [document.createElement("span"), document.createElement("span")];
    button.type = "button";
    [canvas.width, canvas.height] = [WIDTH, (WIDTH * 3) / 4];
    state.className = "state";
    button.append(canvas, name, state);
    button.addEventListener("click", () => {
      this.stop();
      this.#select([...at("filmstrip").children].indexOf(item));
    });
    item.append(button);
    const tile = { item, button, canvas, name, state, status: "" };
    this.#tiles.set(frame, tile);
    return tile;
  }
}

function title(frame) {
  const isOfClip = frame.index > 0 || frame.answer?.frames > 1;
  return isOfClip ? `Frame ${frame.index + 1}` : frame.name;
}

function stateOf(frame) {
  if (frame.status !== "done") {
    return [{ waiting: "waiting", working: "looking", failed: "failed" }[frame.status]];
  }
  const { icon, short } = STATES[frame.answer.state];
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#${icon}`);
  svg.append(use);
  return [svg, short];
}

function drawThumbnail(canvas, { image, width, height }) {
  const whole = new OffscreenCanvas(width, height);
  whole.getContext("2d").putImageData(new ImageData(grey(image, 0, 0), width, height), 0, 0);
  const context = canvas.getContext("2d");
  const scale = Math.max(canvas.width / width, canvas.height / height);
  const [w, h] = [width * scale, height * scale];
  context.imageSmoothingQuality = "high";
  context.drawImage(whole, (canvas.width - w) / 2, (canvas.height - h) / 2, w, h);
}

/** Only along the strip: the page itself stays where it is. */
function scrollTo(item) {
  const strip = at("filmstrip");
  strip.scrollLeft = item.offsetLeft - strip.offsetLeft - (strip.clientWidth - item.clientWidth) / 2;
}
