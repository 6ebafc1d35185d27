// Small things every module needs from the page.

/** The element with an id. */
export const at = (id) => document.getElementById(id);

/** Says something to people who do not see the screen. */
export function announce(words) {
  at("live").textContent = words;
}

/** A whole number with thin spaces: 12 345. */
export function count(number) {
  return Math.round(number).toLocaleString("en").replaceAll(",", "\u202f");
}

/** A number with so many digits behind the point. */
export function decimal(number, digits) {
  return number.toFixed(digits);
}

/** Colours the track of a range input up to its thumb. */
export function fillTrack(input) {
  const { min, max, value } = input;
  const share = max > min ? (value - min) / (max - min) : 0;
  input.style.setProperty("--at", `${share * 100}%`);
}

/** Points a `<use>` at another symbol. */
export function setIcon(id, symbol) {
  at(id).setAttribute("href", `#${symbol}`);
}
