// Mouse, pen and fingers on the picture: hover, drag, pinch, wheel, double click.

export class Gestures {
  #element;
  #heard;
  #down = new Map();
  #dividing = false;

  /** `heard` has hover, leave, move, zoom, onDivider and divide; all in CSS pixels of `element`. */
  constructor(element, heard) {
    this.#element = element;
    this.#heard = heard;
    const on = (type, listener) => element.addEventListener(type, listener, { passive: false });
    on("pointerdown", (event) => this.#press(event));
    on("pointermove", (event) => this.#drag(event));
    on("pointerup", (event) => this.#release(event));
    on("pointercancel", (event) => this.#release(event));
    on("pointerleave", (event) => event.pointerType === "mouse" && heard.leave());
    on("dblclick", (event) => heard.zoom(2, ...this.#at(event)));
    on("wheel", (event) => this.#wheel(event));
  }

  #at({ clientX, clientY }) {
    const { left, top } = this.#element.getBoundingClientRect();
    return [clientX - left, clientY - top];
  }

  #press(event) {
    const at = this.#at(event);
    this.#element.setPointerCapture(event.pointerId);
    this.#down.set(event.pointerId, at);
    this.#dividing = this.#down.size === 1 && this.#heard.onDivider(at[0]);
    this.#heard.hover(...at);
  }

  #drag(event) {
    const at = this.#at(event);
    const before = this.#down.get(event.pointerId);
    if (!before) return this.#heard.hover(...at);
    const other = [...this.#down].find(([id]) => id !== event.pointerId)?.[1];
    this.#down.set(event.pointerId, at);
    if (other) return this.#pinch(before, at, other);
    if (this.#dividing) return this.#heard.divide(at[0]);
    this.#element.classList.add("moving");
    return this.#heard.move(at[0] - before[0], at[1] - before[1]);
  }

  #pinch(before, at, other) {
    const distance = ([x, y]) => Math.hypot(x - other[0], y - other[1]) || 1;
    this.#heard.move((at[0] - before[0]) / 2, (at[1] - before[1]) / 2);
    const middle = [(at[0] + other[0]) / 2, (at[1] + other[1]) / 2];
    this.#heard.zoom(distance(at) / distance(before), ...middle);
  }

  #release(event) {
    this.#down.delete(event.pointerId);
    this.#dividing = false;
    this.#element.classList.remove("moving");
  }

  /** Trackpads say a pinch as Ctrl and wheel; a wheel alone scrolls the page as everywhere. */
  #wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.#heard.zoom(Math.exp(-event.deltaY / 240), ...this.#at(event));
  }
}
