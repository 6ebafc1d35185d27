// Single keys while the result is on the screen. They can be switched off.

import { at } from "./page.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** `actions` maps keys to functions; `hold` maps keys to functions of whether they are down. */
export function listenToKeys(actions, hold, moveCursor) {
  const canvas = at("canvas");
  canvas.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const by = event.shiftKey ? 10 : 1;
    moveCursor(arrow[0] * by, arrow[1] * by);
  });
  document.addEventListener("keydown", (event) => {
    if (!isForUs(event)) return;
    const key = event.key.toLowerCase();
    if (key in hold && !event.repeat) hold[key](true);
    if (!(key in actions)) return;
    event.preventDefault();
    actions[key]();
  });
  document.addEventListener("keyup", ({ key }) => hold[key.toLowerCase()]?.(false));
  addEventListener("blur", () => Object.values(hold).forEach((release) => release(false)));
}

function isForUs(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || !at("keys-on").checked) return false;
  return !at("viewer").hidden && !at("keys").open;
}
