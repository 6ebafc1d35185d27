// Reads and writes PNG without a canvas, whose pixels browsers may round or blur on purpose.

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];

/** The pixels of an 8-bit grey PNG: `{width, height, pixels}`. */
export async function readGrey(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let width = 0;
  let height = 0;
  const data = [];
  for (let at = SIGNATURE.length; at < bytes.length; ) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (type === "IHDR") {
      width = view.getUint32(at + 8);
      height = view.getUint32(at + 12);
      const [depth, colour, , , interlaced] = bytes.subarray(at + 16, at + 21);
      if (depth !== 8 || colour !== 0 || interlaced) throw new Error("expected 8-bit grey PNG");
    } else if (type === "IDAT") {
      data.push(bytes.subarray(at + 8, at + 8 + length));
    }
    at += length + 12;
  }
  const rows = await through(new Blob(data), new DecompressionStream("deflate"));
  return { width, height, pixels: unfilter(rows, width, height) };
}

/** A PNG of `channels` (1: grey, 3: colour) bytes a pixel, as a blob; `texts` go into the file. */
export async function writePng(pixels, width, height, channels = 1, texts = {}) {
  const stride = width * channels;
  const rows = new Uint8Array((stride + 1) * height);
  for (let y = 0; y < height; y++) {
    rows.set(pixels.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1);
  }
  const head = new Uint8Array(13);
  const view = new DataView(head.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  head.set([8, channels === 3 ? 2 : 0, 0, 0, 0], 8);
  const body = await through(new Blob([rows]), new CompressionStream("deflate"));
  const said = Object.entries(texts).map(([keyword, text]) => chunk("iTXt", words(keyword, text)));
  const parts = [new Uint8Array(SIGNATURE), chunk("IHDR", head), ...said, chunk("IDAT", body)];
  return new Blob([...parts, chunk("IEND", new Uint8Array())], { type: "image/png" });
}

/** An international text, neither compressed nor translated. */
function words(keyword, text) {
  return new TextEncoder().encode(`${keyword}\0\0\0\0\0${text}`);
}

async function through(blob, transform) {
  return new Uint8Array(await new Response(blob.stream().pipeThrough(transform)).arrayBuffer());
}

/** Undoes the filter of each row (PNG, chapter 9) for one byte a pixel. */
function unfilter(rows, width, height) {
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const filter = rows[y * (width + 1)];
    const from = y * (width + 1) + 1;
    const to = y * width;
    for (let x = 0; x < width; x++) {
      const left = x ? pixels[to + x - 1] : 0;
      const up = y ? pixels[to + x - width] : 0;
      const corner = x && y ? pixels[to + x - width - 1] : 0;
      pixels[to + x] = rows[from + x] + predict(filter, left, up, corner);
    }
  }
  return pixels;
}

function predict(filter, left, up, corner) {
  switch (filter) {
    case 0:
      return 0;
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    default:
      return nearest(left, up, corner);
  }
}

function nearest(left, up, corner) {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

function chunk(type, data) {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set([...type].map((letter) => letter.charCodeAt(0)), 4);
  bytes.set(data, 8);
  view.setUint32(data.length + 8, crc(bytes.subarray(4, data.length + 8)));
  return bytes;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = (value >>> 8) ^ TABLE[(value ^ byte) & 255];
  return ~value >>> 0;
}
