// The border of a mask as closed rings of pixel corners, in the same form as the server's.

const STEPS = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
];

/** Outer rings of the regions of `mask`, clockwise, with a corner only where they turn. */
export function outlines(mask, width, height) {
  const inside = (x, y) => x >= 0 && y >= 0 && x < width && y < height && mask[y * width + x] === 1;
  const seen = new Uint8Array(mask.length);
  const rings = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (inside(x, y) && !inside(x, y - 1) && !seen[y * width + x]) {
        const ring = follow(inside, x, y, (tx, ty) => (seen[ty * width + tx] = 1));
        if (twiceTheArea(ring) > 0) rings.push(ring);
      }
    }
  }
  return rings;
}

/** Walks along a border, the region to the right, from a top left corner until it is back. */
function follow(inside, startX, startY, passed) {
  let [x, y, heading] = [startX, startY, 0];
  const ring = [];
  do {
    if (heading === 0) passed(x, y);
    x += STEPS[heading][0];
    y += STEPS[heading][1];
    const [left, right] = ahead(inside, x, y, heading);
    const next = left ? (heading + 3) % 4 : right ? heading : (heading + 1) % 4;
    if (next !== heading) ring.push([x, y]);
    heading = next;
  } while (x !== startX || y !== startY || heading !== 0);
  return ring;
}

/** The two pixels ahead of a walker at a corner, to the left and to the right of the way. */
function ahead(inside, x, y, heading) {
  const pixels = [inside(x, y - 1), inside(x, y), inside(x - 1, y), inside(x - 1, y - 1)];
  return [pixels[heading], pixels[(heading + 1) % 4]];
}

function twiceTheArea(ring) {
  return ring.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = ring[(i + 1) % ring.length];
    return sum + x * nextY - nextX * y;
  }, 0);
}

/** Rings as SVG path data with their corners cut, so that stairs look smooth; off by a pixel at most. */
export function path(rings) {
  return rings.map((ring) => `M${bevel(ring).map((point) => point.join(" ")).join("L")}Z`).join("");
}

/** Cuts each corner: up to the middle of its sides if one of them is a step of a pixel or two. */
function bevel(ring) {
  return ring.flatMap((corner, i) => {
    const sides = [ring.at(i - 1), ring[(i + 1) % ring.length]];
    const lengths = sides.map(([x, y]) => Math.abs(x - corner[0]) + Math.abs(y - corner[1]));
    const isStep = Math.min(...lengths) <= 2;
    return sides.map(([x, y], side) => {
      const share = isStep ? 0.5 : Math.min(0.5, 1 / lengths[side]);
      return [corner[0] + (x - corner[0]) * share, corner[1] + (y - corner[1]) * share];
    });
  });
}
