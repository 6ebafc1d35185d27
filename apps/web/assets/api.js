// Talks to the server: one frame in, one answer out.

/** A refusal the server explained (RFC 9457), or a connection that failed. */
export class Problem extends Error {
  constructor({ status = 0, title, detail = "", retryAfter = null }) {
    super(detail ? `${title}: ${detail}` : title);
    Object.assign(this, { status, title, detail, retryAfter });
  }

  /** Whether the same request may succeed a little later. */
  get isPassing() {
    return this.status === 503 || this.status === 429;
  }
}

/** Segments one frame of a file. `include` names the pictures that shall come along. */
export async function segment(file, { name = "frame", frame = 0, region = null, include = "", signal } = {}) {
  const form = new FormData();
  form.append("image", file, name);
  const query = new URLSearchParams({ frame });
  if (region !== null) query.set("region", region);
  if (include) query.set("include", include);
  const response = await reach(`/api/v1/segment?${query}`, { method: "POST", body: form, signal });
  return response.json();
}

/** What the server says about its model. */
export async function model() {
  return (await reach("/api/v1/model")).json();
}

/** A sample picture, as a file. */
export async function download(url) {
  return (await reach(url)).blob();
}

async function reach(url, options = {}) {
  let response;
  try {
    response = await fetch(url, { headers: { Accept: "application/json" }, ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({
      title: "The server cannot be reached",
      detail: "Check the connection and try again.",
    });
  }
  if (!response.ok) throw await problem(response);
  return response;
}

async function problem(response) {
  const body = await response.json().catch(() => ({}));
  const seconds = Number(response.headers.get("Retry-After"));
  // without a type of its own, the title only repeats the status in HTTP's words
  const isPlain = (body.type ?? "about:blank") === "about:blank";
  const words = isPlain && body.detail ? [body.detail] : [body.title, body.detail];
  return new Problem({
    status: response.status,
    title: words[0] ?? `The server answered ${response.status}`,
    detail: words[1] ?? "",
    retryAfter: seconds > 0 ? seconds : null,
  });
}
