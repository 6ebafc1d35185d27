// The real server on a free port, for one test file.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../../../../", import.meta.url);
const PROGRAM =
  process.env.NERVESEG_WEB ?? fileURLToPath(new URL("target/release/nerveseg-web", ROOT));

/** A file of the samples, as a path. */
export const sample = (name) => fileURLToPath(new URL(`assets/samples/${name}`, ROOT));

/** Starts the server on a free port and waits until it is ready: `{url, stop}`. */
export async function start(...flags) {
  return startAt(`http://127.0.0.1:${await freePort()}`, ...flags);
}

/** Starts the server at a known address. */
export async function startAt(url, ...flags) {
  const listen = ["--listen", url.slice("http://".length)];
  // a slow machine is given time: only the tests of a busy server want to see 503
  const patience = ["--deadline-seconds", "60", "--dicom-timeout-seconds", "60"];
  const quiet = ["--log", "warn", "--drain-seconds", "0"];
  const server = spawn(PROGRAM, [...listen, ...patience, ...quiet, ...flags], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const gone = once(server, "exit");
  const stop = async () => {
    server.kill("SIGTERM");
    await gone;
  };
  for (let tries = 0; tries < 200; tries++) {
    if (server.exitCode !== null) throw new Error(`${PROGRAM} exited with ${server.exitCode}`);
    const response = await fetch(`${url}/health/ready`).catch(() => null);
    if (response?.ok) return { url, stop };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await stop();
  throw new Error(`${PROGRAM} was not ready within 10 s`);
}

/** What the API says about a file, asked without a browser. */
export async function ask(url, file, query = "") {
  const body = await readFile(file);
  const headers = { "Content-Type": "application/octet-stream" };
  const response = await fetch(`${url}/api/v1/segment${query}`, { method: "POST", body, headers });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  return response.json();
}

async function freePort() {
  const socket = createServer().listen(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  await once(socket, "close");
  return port;
}
