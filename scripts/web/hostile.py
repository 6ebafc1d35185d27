"""Sends a server everything that is wrong, and checks that it stays well.

    cargo build --release --bin nerveseg-web
    python scripts/web/hostile.py

starts the server, sends the files of `hostile_files.py`, the requests of `hostile_requests.py` and
mutations of good files, and after each a good request. Every answer must be a problem (RFC 9457)
with a 4xx status, in time; the server and its children together must stay below a bound on memory;
every good request must succeed. Standard library only.
"""

import argparse
import contextlib
import gzip
import http.client
import json
import os
import random
import re
import signal
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hostile_files import corpus, costly_dicom, good_png, harmless, mutate
from hostile_requests import broken_http, forms, queries
from watched_server import ANSWER_TIMEOUT, Failure, Memory, Server, check

ROOT = Path(__file__).resolve().parents[2]
SEGMENT = "/api/v1/segment"
BODY_TIMEOUT = 2
LEAKS = re.compile(rb"panicked|\.rs\b|/root/|/home/|/usr/|/proc/|RUST_BACKTRACE|stack backtrace")


class Run:
    """Counts what was answered."""

    def __init__(self, server, memory):
        self.server, self.memory = server, memory
        self.statuses = {}
        self.slowest = (0.0, "")
        self.good = good_png()

    @contextlib.contextmanager
    def timed(self, name):
        """Yields a function that takes the status of the answer."""
        self.memory.doing = name
        begin = time.monotonic()
        yield self.count
        self.slowest = max(self.slowest, (time.monotonic() - begin, name))

    def count(self, status):
        self.statuses[status] = self.statuses.get(status, 0) + 1

    def refused(self, name, body, headers=(), path=SEGMENT, may_work=False):
        """Sends a body and checks that it is refused as it should be."""
        try:
            with self.timed(name) as count:
                status, head, answer = self.server.request("POST", path, body, headers)
                count(status)
        except (OSError, http.client.HTTPException) as error:
            raise Failure(f"{name}: no answer ({error!r})") from error
        if may_work and status == 200:
            return
        check(400 <= status < 500, f"{name}: status {status}, {answer[:200]}")
        check(not LEAKS.search(answer), f"{name}: tells too much, {answer[:500]}")
        kind = head.get_content_type()
        check(kind == "application/problem+json", f"{name}: answered with {kind}")
        check(json.loads(answer)["status"] == status, f"{name}: {answer[:200]}")

    def broken(self, name, *parts, pause=0.0):
        """Sends broken HTTP; closing the connection is an answer too."""
        with self.timed(name) as count:
            status = self.server.raw(*parts, pause=pause)
            count(status)
        fine = status is None or 400 <= status < 500
        check(fine, f"{name}: status {status}")

    def works(self, after):
        """A good request succeeds."""
        status, _, answer = self.server.request("POST", SEGMENT, self.good)
        check(status == 200, f"good request after {after}: {status} {answer[:200]}")


def send_corpus(run):
    for name, data in corpus():
        run.refused(name, data)
        run.works(name)


def send_forms(run):
    heads = {"Content-Type": "multipart/form-data; boundary=b"}
    for name, body in forms():
        run.refused(name, body, heads)
        run.works(name)
    for kind in ["form-data", "form-data; boundary=", "mixed; boundary=b"]:
        heads = {"Content-Type": f"multipart/{kind}"}
        run.refused(f"form of type {kind}", b"--b\r\n\r\n\r\n--b--\r\n", heads)


def send_queries(run):
    for name, query in queries():
        run.refused(name, run.good, path=f"{SEGMENT}?{query}")
    bomb = gzip.compress(bytes(64 << 20))
    run.refused("gzip bomb", bomb, {"Content-Encoding": "gzip"})
    nest = b'{"inputs":' + b"[" * 100_000
    run.refused("nested json", nest, {"Content-Type": "application/json"}, "/v2/models/x/infer")
    run.works("queries")


def send_broken_http(run):
    for name, parts, pause in broken_http(BODY_TIMEOUT):
        run.broken(name, *parts, pause=pause)
        run.works(name)


def send_slow_crowd(run, count):
    """Many who never finish do not keep out one who does."""
    head = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" % SEGMENT.encode()
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            address = ("127.0.0.1", run.server.port)
            connection = stack.enter_context(socket.create_connection(address, ANSWER_TIMEOUT))
            connection.sendall(head)
        run.works(f"{count} open uploads")


def send_costly_crowd(run, count):
    """The most that a DICOM may cost, many times at once; some readers are killed meanwhile."""
    run.memory.doing = f"{count} costly uploads"
    body = costly_dicom(2048)

    def send(_):
        return run.server.request("POST", SEGMENT, body)[0]

    with ThreadPoolExecutor(count) as pool:
        answers = [pool.submit(send, number) for number in range(count)]
        killed = set()
        while not all(answer.done() for answer in answers):
            for child in run.memory.children():
                if len(killed) < 3 and child not in killed:
                    os.kill(child, signal.SIGKILL)
                    killed.add(child)
            time.sleep(0.01)
    statuses = [answer.result() for answer in answers]
    for status in statuses:
        run.count(status)
        check(status in (200, 422, 503), f"costly upload: {status}")
    check(killed, "no child was there to be killed")
    check(statuses.count(422) <= len(killed), f"{len(killed)} were killed: {statuses}")
    run.works(f"{count} costly uploads")


def send_mutations(run, count, seed):
    rng = random.Random(seed)
    originals = [*harmless()]
    folders = [ROOT / "assets/samples", ROOT / "crates/nerveseg-dicom/tests/data"]
    for folder in folders:
        for path in sorted(folder.glob("*")):
            if path.suffix in {".png", ".jpg", ".tif", ".bmp", ".dcm"}:
                originals.append((path.name, path.read_bytes()))
    for name, data in originals:
        status, _, answer = run.server.request("POST", SEGMENT, data)
        check(status == 200, f"{name} as it is: {status} {answer[:200]}")
    for number in range(count):
        name, data = originals[number % len(originals)]
        run.refused(f"mutation {number} of {name}", mutate(data, rng), may_work=True)
        if number % 20 == 19:
            run.works(f"mutation {number}")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", default=str(ROOT / "target/release/nerveseg-web"))
    parser.add_argument("--mutations", type=int, default=2000, help="how many (2000)")
    parser.add_argument("--seed", type=int, default=1, help="which (1)")
    parser.add_argument("--max-rss-mib", type=float, default=600, help="bound on memory (600)")
    return parser.parse_args()


def main():
    options = arguments()
    begin = time.monotonic()
    server = Server(options.server, "--body-timeout-seconds", str(BODY_TIMEOUT))
    memory = Memory(server.process.pid)
    run = Run(server, memory)
    try:
        run.works("the start")
        idle = memory.now()
        send_corpus(run)
        send_forms(run)
        send_queries(run)
        send_broken_http(run)
        send_slow_crowd(run, 200)
        send_costly_crowd(run, 24)
        send_mutations(run, options.mutations, options.seed)
        check(server.process.poll() is None, "the server has ended")
        rest = memory.now()
        memory.alive = False
        server.stop()
        check(not LEAKS.search(server.output()), "the log has a panic in it")
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        print(server.output()[-2000:].decode(errors="replace"), file=sys.stderr)
        return 1
    finally:
        server.process.kill()
    statuses = sorted(run.statuses.items(), key=str)
    print("answers:", ", ".join(f"{count} x {status}" for status, count in statuses))
    print(f"slowest: {run.slowest[0]:.2f} s, {run.slowest[1]}")
    peak, cause = memory.peak
    print(f"memory: {idle:.0f} MiB at first, {peak:.0f} at most ({cause}), {rest:.0f} at last")
    print(f"every good request succeeded; {time.monotonic() - begin:.0f} s")
    if peak > options.max_rss_mib:
        print(f"error: more than {options.max_rss_mib:.0f} MiB", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
