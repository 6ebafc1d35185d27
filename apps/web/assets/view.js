// Where a picture lies in a pane: scale and offset, in CSS pixels.

const MOST = 32;

/** A picture that can be zoomed and moved within a pane. */
export class View {
  #fitted = true;
  scale = 1;
  x = 0;
  y = 0;

  constructor() {
    this.pane = { width: 1, height: 1 };
    this.picture = { width: 1, height: 1 };
  }

  /** Tells the size of pane and picture; a fitted view stays fitted. */
  resize(pane, picture) {
    const isOther =
      picture.width !== this.picture.width || picture.height !== this.picture.height;
    this.pane = pane;
    this.picture = picture;
    if (this.#fitted || isOther) this.fit();
    else this.#clamp();
  }

  /** The scale at which the whole picture is seen. */
  get least() {
    const { pane, picture } = this;
    return Math.min(pane.width / picture.width, pane.height / picture.height);
  }

  get isFitted() {
    return this.#fitted;
  }

  fit() {
    this.#fitted = true;
    this.scale = this.least;
    this.#clamp();
  }

  /** Zooms by a factor; the point of the pane at `x`, `y` stays where it is. */
  zoom(factor, x = this.pane.width / 2, y = this.pane.height / 2) {
    const scale = Math.min(MOST, Math.max(this.least, this.scale * factor));
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.#fitted = scale <= this.least * 1.0001;
    this.#clamp();
  }

  move(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.#clamp();
  }

  /** Moves so that a point of the picture is seen. */
  reveal([x, y]) {
    const margin = 24;
    const at = [this.x + x * this.scale, this.y + y * this.scale];
    const inside = (value, size) => Math.min(size - margin, Math.max(margin, value));
    this.move(inside(at[0], this.pane.width) - at[0], inside(at[1], this.pane.height) - at[1]);
  }

  /** The point of the picture under a point of the pane. */
  toPicture(x, y) {
    return [(x - this.x) / this.scale, (y - this.y) / this.scale];
  }

  /** No gap on a side while the picture hangs out on the other; centred when it is smaller. */
  #clamp() {
    const place = (offset, pane, size) =>
      size <= pane ? (pane - size) / 2 : Math.min(0, Math.max(pane - size, offset));
    this.x = place(this.x, this.pane.width, this.picture.width * this.scale);
    this.y = place(this.y, this.pane.height, this.picture.height * this.scale);
  }
}
