"""Starts the server and asks it through foreign clients: Triton's, and Schemathesis.

    cargo build --release --bin nerveseg-web
    pip install 'tritonclient[http]==2.73.0' pillow==13.0.0 schemathesis==4.32.5
    python scripts/web/clients_check.py [PROGRAM]
"""

import subprocess
import sys
from pathlib import Path

from watched_server import Server

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "target/release/nerveseg-web")
    server = Server(program, "--device", "cpu")
    address = f"127.0.0.1:{server.port}"
    frame = str(ROOT / "assets/samples/phantom-nerve.png")
    try:
        triton = [sys.executable, str(HERE / "tritonclient_check.py"), address, frame]
        subprocess.run(triton, check=True)
        subprocess.run([str(HERE / "schemathesis_check"), f"http://{address}"], check=True)
    finally:
        server.stop()


if __name__ == "__main__":
    main()
