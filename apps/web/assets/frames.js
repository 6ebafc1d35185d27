// The frames on the page: one for each picture, several for a clip, fetched in order.

import { Problem, segment } from "./api.js";
import { readGrey } from "./png.js";

const AT_ONCE = 2;
const MOST_FRAMES = 300;
const MOST_TRIES = 6;

/** Frames of one choice of files. `changed` hears of every frame that is added, done or failed. */
export class Frames {
  list = [];
  #changed;
  #stop = new AbortController();
  #running = 0;

  constructor(files, changed) {
    this.#changed = changed;
    this.list = files.map((file) => waiting(file, 0));
    this.#work();
  }

  /** Frames left out because there are too many. */
  leftOut = 0;

  /** Forgets what is still to be done. */
  cancel() {
    this.#stop.abort();
  }

  /** Tries a failed frame again. */
  retry(frame) {
    frame.status = "waiting";
    frame.problem = null;
    this.#work();
  }

  /** Looks at another region of tissue, on every frame of a file. */
  look(file, region) {
    for (const frame of this.list.filter((it) => it.file === file)) {
      Object.assign(frame, { region, image: null, cut: null, problem: null });
      // one on its way is asked for again when it is back
      if (frame.status !== "working") frame.status = "waiting";
    }
    this.#work();
  }

  #work() {
    while (this.#running < AT_ONCE && !this.#stop.signal.aborted) {
      const frame = this.list.find(({ status }) => status === "waiting");
      if (!frame) return;
      frame.status = "working";
      this.#running++;
      this.#fetch(frame).finally(() => {
        this.#running--;
        this.#work();
      });
    }
  }

  async #fetch(frame) {
    const { region } = frame;
    try {
      await this.#patiently(frame);
      if (frame.region !== region) return this.#again(frame);
      frame.status = "done";
      this.#expand(frame);
    } catch (problem) {
      if (this.#stop.signal.aborted) return;
      if (frame.region !== region) return this.#again(frame);
      frame.status = "failed";
      frame.problem = problem instanceof Problem ? problem : unreadable(problem);
    }
    if (!this.#stop.signal.aborted) this.#changed(frame);
  }

  /** What came back is of a region that nobody wants any more. */
  #again(frame) {
    Object.assign(frame, { status: "waiting", image: null, cut: null, problem: null });
  }

  /** Waits and tries again while the server is busy. */
  async #patiently(frame) {
    for (let tries = 1; ; tries++) {
      try {
        return await fill(frame, this.#stop.signal);
      } catch (problem) {
        if (!problem.isPassing || tries === MOST_TRIES) throw problem;
        frame.problem = problem;
        this.#changed(frame);
        await pause((problem.retryAfter ?? tries) * 1000, this.#stop.signal);
        frame.problem = null;
      }
    }
  }

  /** The first frame of a clip says how many there are: the others line up behind it. */
  #expand(first) {
    if (first.index > 0 || first.isExpanded || first.answer.frames < 2) return;
    first.isExpanded = true;
    const room = MOST_FRAMES - this.list.length + 1;
    const count = Math.min(first.answer.frames, Math.max(room, 1));
    this.leftOut += first.answer.frames - count;
    const others = Array.from({ length: count - 1 }, (_, i) => waiting(first.file, i + 1, first.region));
    this.list.splice(this.list.indexOf(first) + 1, 0, ...others);
  }
}

/** A region of null is the largest. */
function waiting(file, index, region = null) {
  const name = file.name || "pasted picture";
  return { file, name, index, region, status: "waiting", problem: null };
}

/** Asks the server about a frame and unpacks the pictures. */
async function fill(frame, signal) {
  const { file, name, index, region } = frame;
  // both: the browser may not be able to read the file itself, as TIFF and DICOM
  const { image_png, probabilities_png, ...answer } = await segment(file, {
    name,
    frame: index,
    region,
    include: "image,probabilities",
    signal,
  });
  const packed = bytes(probabilities_png);
  const [image, probabilities] = await Promise.all([readGrey(bytes(image_png)), readGrey(packed)]);
  Object.assign(frame, {
    answer,
    width: image.width,
    height: image.height,
    image: image.pixels,
    probabilities: probabilities.pixels,
    probabilitiesFile: new Blob([packed], { type: "image/png" }),
  });
}

function bytes(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function unreadable(error) {
  return new Problem({ title: "The answer cannot be read", detail: error.message });
}

function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
