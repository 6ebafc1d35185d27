// Ways in: drop, paste, choose, or click a sample.

import { download } from "./api.js";
import { at } from "./page.js";

/** Calls `take(files)` however the files come; `fail(problem, name)` when a sample does not. */
export function listenForFiles(take, fail) {
  const input = at("file");
  input.multiple = true;
  input.required = false;
  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = "";
    if (files.length) take(files);
  });
  at("open").addEventListener("click", () => input.click());
  at("upload").addEventListener("submit", (event) => event.preventDefault());
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    input.click();
  });

  dropOn(document.documentElement, take);
  document.addEventListener("paste", ({ clipboardData }) => {
    if (clipboardData.files.length) take([...clipboardData.files]);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-sample]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    sample(link.dataset).then(
      (file) => take([file]),
      (problem) => fail(problem, link.dataset.sample),
    );
  });
}

/** A sample as a file that remembers where it is from. */
export async function sample({ sample: name, url }) {
  const blob = await download(url);
  return Object.assign(new File([blob], name, { type: blob.type }), { sample: url });
}

function dropOn(page, take) {
  const carriesFiles = ({ dataTransfer }) => dataTransfer.types.includes("Files");
  page.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    page.classList.add("dragging");
  });
  page.addEventListener("dragleave", ({ relatedTarget }) => {
    if (!relatedTarget) page.classList.remove("dragging");
  });
  page.addEventListener("drop", (event) => {
    page.classList.remove("dragging");
    if (!carriesFiles(event)) return;
    event.preventDefault();
    // by name, as frames of a clip are numbered
    const byName = (a, b) => a.name.localeCompare(b.name, "en", { numeric: true });
    const files = [...event.dataTransfer.files].sort(byName);
    if (files.length) take(files);
  });
}
