// Draws a frame with its overlay on the canvas, and tells what the pointer does.

import { fill, grey, heat } from "./overlay.js";
import { Gestures } from "./gestures.js";
import { View } from "./view.js";

const AMBER = "rgb(255 176 32)";
const PALE = "rgb(255 252 235)";
const GAP = 6;

export class Viewer {
  #canvas;
  #context;
  #settings;
  #heard;
  #view = new View();
  #frame = null;
  #outline = null;
  #cursor = null;
  #picture = new Layer();
  #overlay = new Layer();
  #drawn = 0;

  /** `heard` has `cursor(point or null, by)`, `zoom(scale)` and `swipe(share)`. */
  constructor(canvas, settings, heard) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.#settings = settings;
    this.#heard = heard;
    new ResizeObserver(() => this.draw()).observe(canvas);
    new Gestures(canvas, {
      hover: (x, y) => this.#hover(x, y),
      leave: () => this.cursor(null),
      move: (dx, dy) => this.#change(() => this.#view.move(dx, dy)),
      zoom: (factor, x, y) => this.zoom(factor, ...this.#inPane(x, y)),
      onDivider: (x) => this.#onDivider(x),
      divide: (x) => heard.swipe(Math.min(1, Math.max(0, x / canvas.clientWidth))),
    });
  }

  /** Shows a frame with what is cut out of it. */
  show(frame) {
    this.#frame = frame;
    this.#outline = frame.cut ? new Path2D(frame.cut.path) : null;
    if (!frame?.cut) this.#cursor = null;
    this.draw();
  }

  /** Draws with the next picture of the screen. */
  draw() {
    cancelAnimationFrame(this.#drawn);
    this.#drawn = requestAnimationFrame(() => this.#draw());
  }

  zoom(factor, x, y) {
    this.#change(() => this.#view.zoom(factor, x, y));
  }

  /** Zooms around the cursor if there is one. */
  zoomHere(factor) {
    if (!this.#cursor) return this.zoom(factor);
    const [x, y] = this.#cursor;
    const { scale, x: left, y: top } = this.#view;
    return this.zoom(factor, left + (x + 0.5) * scale, top + (y + 0.5) * scale);
  }

  fit() {
    this.#change(() => this.#view.fit());
  }

  /** Moves the cursor by pixels of the picture, and the picture with it. */
  step(dx, dy) {
    if (!this.#frame?.cut) return;
    const { width, height } = this.#frame;
    const [x, y] = this.#cursor ?? [width >> 1, height >> 1];
    const inside = (value, size) => Math.min(size - 1, Math.max(0, value));
    this.#view.reveal([x + dx, y + dy]);
    this.cursor([inside(x + dx, width), inside(y + dy, height)], "keys");
  }

  cursor(point, by = "pointer") {
    this.#cursor = point;
    this.#heard.cursor(point, by);
    this.draw();
  }

  #change(action) {
    action();
    this.#heard.zoom(this.#view.scale);
    this.#canvas.classList.toggle("movable", !this.#view.isFitted);
    this.draw();
  }

  #hover(x, y) {
    if (!this.#frame?.cut) return;
    const { width, height } = this.#frame;
    const [column, row] = this.#view.toPicture(...this.#inPane(x, y)).map(Math.floor);
    const isOutside = column < 0 || row < 0 || column >= width || row >= height;
    this.cursor(isOutside ? null : [column, row]);
  }

  /** The point of its pane under a point of the canvas. */
  #inPane(x, y) {
    const panes = this.#panes();
    const pane = panes.findLast((it) => x >= it.x && y >= it.y) ?? panes[0];
    return [x - pane.x, y - pane.y];
  }

  #onDivider(x) {
    const at = this.#settings.swipe * this.#canvas.clientWidth;
    return this.#settings.compare === "swipe" && Math.abs(x - at) < 18;
  }

  /** One pane, or two side by side or stacked, whichever shows the picture larger. */
  #panes() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (this.#settings.compare !== "side") return [{ x: 0, y: 0, width, height }];
    const [half, low] = [(width - GAP) / 2, (height - GAP) / 2];
    const size = this.#size();
    const beside = Math.min(half / size.width, height / size.height);
    const stacked = Math.min(width / size.width, low / size.height);
    if (stacked > beside) {
      return [
        { x: 0, y: 0, width, height: low },
        { x: 0, y: low + GAP, width, height: low },
      ];
    }
    return [
      { x: 0, y: 0, width: half, height },
      { x: half + GAP, y: 0, width: half, height },
    ];
  }

  #size() {
    const { width, height } = this.#frame?.cut ? this.#frame : (this.#frame?.preview ?? {});
    return { width: width ?? 4, height: height ?? 3 };
  }

  #draw() {
    const { clientWidth, clientHeight } = this.#canvas;
    const dense = devicePixelRatio || 1;
    const [width, height] = [clientWidth * dense, clientHeight * dense].map(Math.round);
    if (!width || !height) return;
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    this.#context.setTransform(dense, 0, 0, dense, 0, 0);
    this.#context.clearRect(0, 0, clientWidth, clientHeight);
    if (!this.#frame) return;

    const panes = this.#panes();
    this.#view.resize({ width: panes[0].width, height: panes[0].height }, this.#size());
    if (!this.#frame.cut) return this.#drawPreview();
    this.#heard.zoom(this.#view.scale);
    this.#prepare();

    const { compare, original, swipe } = this.#settings;
    if (compare === "side") {
      this.#pane(panes[0], false, "Original");
      this.#pane(panes[1], !original, "With overlay");
    } else if (compare === "swipe" && !original) {
      const at = swipe * clientWidth;
      this.#pane({ ...panes[0], width: at }, false, "Original");
      this.#pane({ ...panes[0], from: at }, true);
      this.#divider(at, clientHeight);
    } else {
      this.#pane(panes[0], !original, original ? "Original" : "");
    }
  }

  /** Refreshes the layers that the settings have changed. */
  #prepare() {
    const { image, probabilities, width, height, cut } = this.#frame;
    const { brightness, contrast, overlay } = this.#settings;
    this.#picture.keep([image, brightness, contrast], width, height, () =>
      grey(image, brightness, contrast),
    );
    if (overlay === "fill") {
      this.#overlay.keep([cut.mask], width, height, () => fill(cut.mask));
    } else if (overlay === "heat") {
      this.#overlay.keep([probabilities], width, height, () => heat(probabilities));
    }
  }

  #pane({ x, y, width, height, from = 0 }, withOverlay, label = "") {
    const context = this.#context;
    context.save();
    context.beginPath();
    context.rect(x + from, y, width - from, height);
    context.clip();
    context.translate(x + this.#view.x, y + this.#view.y);
    context.scale(this.#view.scale, this.#view.scale);
    // from four times on, pixels are shown as they are
    context.imageSmoothingEnabled = this.#view.scale < 4;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.#picture.canvas, 0, 0);
    if (withOverlay) this.#drawOverlay();
    if (this.#cursor) this.#drawCursor();
    context.restore();
    if (label) this.#label(label, x + 12, y + 12);
  }

  #drawOverlay() {
    const { overlay, opacity } = this.#settings;
    if (overlay === "none") return;
    const context = this.#context;
    const share = opacity[overlay];
    if (overlay !== "contour") {
      context.globalAlpha = share;
      context.drawImage(this.#overlay.canvas, 0, 0);
    }
    context.globalAlpha = overlay === "contour" ? share : Math.min(1, share * 3);
    context.lineJoin = "round";
    this.#stroke("rgb(0 0 0 / 55%)", 4);
    this.#stroke(overlay === "heat" ? PALE : AMBER, 1.75);
    context.globalAlpha = 1;
  }

  #stroke(colour, width) {
    this.#context.strokeStyle = colour;
    this.#context.lineWidth = width / this.#view.scale;
    this.#context.stroke(this.#outline);
  }

  #drawCursor() {
    const [x, y] = this.#cursor.map((value) => value + 0.5);
    const arm = 9 / this.#view.scale;
    const gap = 3 / this.#view.scale;
    this.#context.beginPath();
    for (const side of [-1, 1]) {
      this.#context.moveTo(x + side * gap, y);
      this.#context.lineTo(x + side * arm, y);
      this.#context.moveTo(x, y + side * gap);
      this.#context.lineTo(x, y + side * arm);
    }
    for (const [colour, width] of [["rgb(0 0 0 / 70%)", 3.5], [PALE, 1.25]]) {
      this.#context.strokeStyle = colour;
      this.#context.lineWidth = width / this.#view.scale;
      this.#context.stroke();
    }
  }

  #divider(at, height) {
    const context = this.#context;
    context.fillStyle = PALE;
    context.fillRect(at - 1, 0, 2, height);
    context.beginPath();
    context.arc(at, height / 2, 13, 0, 2 * Math.PI);
    context.fill();
    context.strokeStyle = "#14171a";
    context.lineWidth = 2;
    context.beginPath();
    for (const side of [-1, 1]) {
      context.moveTo(at + side * 3, height / 2 - 4);
      context.lineTo(at + side * 7, height / 2);
      context.lineTo(at + side * 3, height / 2 + 4);
    }
    context.stroke();
  }

  #label(words, x, y) {
    const context = this.#context;
    context.font = "13px system-ui, sans-serif";
    context.textBaseline = "top";
    const { width } = context.measureText(words);
    context.fillStyle = "rgb(22 25 27 / 88%)";
    context.beginPath();
    context.roundRect(x, y, width + 18, 25, 8);
    context.fill();
    context.fillStyle = PALE;
    context.fillText(words, x + 9, y + 6);
  }

  #drawPreview() {
    const { preview } = this.#frame;
    if (!preview) return;
    const { x, y, scale } = this.#view;
    this.#context.globalAlpha = 0.5;
    this.#context.drawImage(preview, x, y, preview.width * scale, preview.height * scale);
    this.#context.globalAlpha = 1;
  }
}

/** A canvas off the screen that is painted again only when what it shows has changed. */
class Layer {
  canvas = document.createElement("canvas");
  #key = [];

  keep(key, width, height, paint) {
    if (key.length === this.#key.length && key.every((part, i) => part === this.#key[i])) return;
    this.#key = key;
    this.canvas.width = width;
    this.canvas.height = height;
    this.canvas.getContext("2d").putImageData(new ImageData(paint(), width, height), 0, 0);
  }
}
