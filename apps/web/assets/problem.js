// What went wrong, in the server's words, and a way to go on.

import { at } from "./page.js";

/** Shows a problem with a file; `again` is what to do when the reader wants to try once more. */
export function showProblem({ title, detail, isPassing, retryAfter }, fileName, again) {
  const words = document.createElement("p");
  const head = document.createElement("strong");
  head.textContent = `${fileName}: ${title}.`.replace("..", ".");
  const waiting = isPassing && !again ? ` Trying again in ${retryAfter ?? "a few"} s.` : "";
  words.append(head, ` ${detail}${waiting}`);
  const buttons = again ? [button("Try again", again)] : [];
  at("problem").replaceChildren(words, ...buttons, button("Dismiss", hideProblem));
  at("problem").hidden = false;
}

export function hideProblem() {
  at("problem").hidden = true;
}

function button(words, action) {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = words;
  element.addEventListener("click", action);
  return element;
}
