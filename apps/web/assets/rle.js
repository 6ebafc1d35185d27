// Run lengths as the competition writes them: column-major, counted from 1, "start length" pairs.

/** The mask (0 or 1 a pixel, row by row) that `runs` describe. */
export function decode(runs, width, height) {
  const mask = new Uint8Array(width * height);
  const numbers = runs.split(" ").filter(Boolean).map(Number);
  for (let i = 0; i < numbers.length; i += 2) {
    const first = numbers[i] - 1;
    for (let n = first; n < first + numbers[i + 1]; n++) {
      mask[(n % height) * width + Math.floor(n / height)] = 1;
    }
  }
  return mask;
}

/** The run lengths of `mask`; an empty string for an empty one. */
export function encode(mask, width, height) {
  const runs = [];
  let start = -1;
  const total = width * height;
  for (let n = 0; n <= total; n++) {
    const inside = n < total && mask[(n % height) * width + Math.floor(n / height)];
    if (inside && start < 0) start = n;
    if (!inside && start >= 0) {
      runs.push(start + 1, n - start);
      start = -1;
    }
  }
  return runs.join(" ");
}
