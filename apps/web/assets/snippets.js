// The same request from a shell or from Python.

/** A curl command for the frame on the screen. */
export function curl(frame, threshold) {
  const url = `${location.origin}/api/v1/segment${query(frame, threshold)}`;
  return [...fetchSample(frame), `curl -F ${shell(`image=@${frame.name}`)} ${shell(url)}`].join("\n");
}

/** A Python program for the frame on the screen. */
export function python(frame, threshold) {
  const url = JSON.stringify(`${location.origin}/api/v1/segment${query(frame, threshold)}`);
  return [
    ...fetchSample(frame).map((line) => `# first: ${line}`),
    "import requests",
    "",
    `with open(${JSON.stringify(frame.name)}, "rb") as image:`,
    `    response = requests.post(${url}, files={"image": image}, timeout=30)`,
    "response.raise_for_status()",
    "answer = response.json()",
    'print(answer["state"], answer["area_px"], answer["polygons"])',
  ].join("\n");
}

/** Copies text, also where the page is served without TLS and has no clipboard. */
export async function copy(text, shownIn) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  getSelection().selectAllChildren(shownIn);
  if (!document.execCommand("copy")) throw new Error("not allowed");
  return undefined;
}

function query({ index, region }, threshold) {
  const parts = [];
  if (index > 0) parts.push(`frame=${index}`);
  if (region !== null) parts.push(`region=${region}`);
  if (threshold !== null) parts.push(`threshold=${threshold}`);
  return parts.length ? `?${parts.join("&")}` : "";
}

function fetchSample({ file }) {
  return file.sample ? [`curl -O ${shell(new URL(file.sample, location.origin).href)}`] : [];
}

function shell(words) {
  return `'${words.replaceAll("'", `'\\''`)}'`;
}
