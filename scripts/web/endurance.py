"""Keeps a server busy for minutes and watches its memory; then kills it under load.

    cargo build --release --bin nerveseg-web
    python scripts/web/endurance.py [--minutes 10] [--rate 400]

sends frames at a rate above what the server can do, and prints its resident memory every minute.
Every answer must be 200 or 503. Then it kills the server with SIGKILL while clients wait, starts it
again, and prints how long it was away. Needs oha (cargo install oha --locked).
"""

import argparse
import contextlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from watched_server import Failure, Memory, Server, check

ROOT = Path(__file__).resolve().parents[2]
FRAME = ROOT / "assets/samples/phantom-nerve.png"


def load(server, seconds, rate):
    """Clients that send `rate` frames a second."""
    url = f"http://127.0.0.1:{server.port}/api/v1/segment"
    options = ["--no-tui", "--output-format", "json", "-z", f"{seconds}s", "-c", "256", "-q", str(rate)]
    body = ["-m", "POST", "-D", str(FRAME), "-T", "application/octet-stream"]
    return subprocess.Popen(["oha", *options, *body, url], stdout=subprocess.PIPE)


def endure(server, minutes, rate):
    memory = Memory(server.process.pid)
    print(f"at rest: {memory.now():.0f} MiB")
    clients = load(server, 60 * minutes, rate)
    for minute in range(1, minutes + 1):
        time.sleep(60)
        print(f"minute {minute}: {memory.now():.0f} MiB", flush=True)
    codes = json.loads(clients.communicate()[0])["statusCodeDistribution"]
    check(set(codes) <= {"200", "503"} and codes.get("200"), f"unexpected answers: {codes}")
    memory.alive = False
    per_second = ", ".join(f"{n / 60 / minutes:.0f} x {code}" for code, n in sorted(codes.items()))
    print(f"most: {memory.peak[0]:.0f} MiB; a second: {per_second}")


def survive(program, server, rate):
    clients = load(server, 3, rate)
    time.sleep(1.5)
    server.process.send_signal(signal.SIGKILL)
    server.process.wait(10)
    clients.communicate()
    begin = time.monotonic()
    again = Server(program)
    ready = time.monotonic() - begin
    status = again.request("POST", "/api/v1/segment", FRAME.read_bytes())[0]
    answered = time.monotonic() - begin
    check(status == 200, f"after the restart a good frame gets {status}")
    print(f"killed under load: ready after {1e3 * ready:.0f} ms, first answer after {1e3 * answered:.0f} ms")
    again.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "target/release/nerveseg-web"))
    parser.add_argument("--minutes", type=int, default=10)
    parser.add_argument("--rate", type=int, default=400, help="frames a second")
    options = parser.parse_args()
    server = Server(options.program, "--device", "cpu")
    try:
        endure(server, options.minutes, options.rate)
        survive(options.program, server, options.rate)
    except Failure as failure:
        sys.exit(str(failure))
    finally:
        with contextlib.suppress(OSError):
            server.process.kill()


if __name__ == "__main__":
    main()
