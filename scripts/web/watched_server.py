"""A server that is started, spoken to, watched and stopped."""

import contextlib
import http.client
import re
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

ANSWER_TIMEOUT = 15


class Failure(Exception):
    """The server did not stay well."""


def check(condition, message):
    if not condition:
        raise Failure(message)


class Server:
    """A server of our own, on a free port."""

    def __init__(self, program, *options):
        self.log = tempfile.TemporaryFile()
        command = [program, "--listen", "127.0.0.1:0", *options]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT)
        self.port = self.wait_for_address()
        self.wait_until_ready()

    def output(self):
        self.log.seek(0)
        return self.log.read()

    def wait_for_address(self):
        for _ in range(600):
            if match := re.search(rb"127\.0\.0\.1:([1-9]\d*)", self.output()):
                return int(match[1])
            check(self.process.poll() is None, f"it ended:\n{self.output().decode()}")
            time.sleep(0.1)
        raise Failure("it prints no address")

    def wait_until_ready(self):
        for _ in range(600):
            with contextlib.suppress(OSError):
                if self.request("GET", "/health/ready")[0] == 200:
                    return
            time.sleep(0.1)
        raise Failure("it does not get ready")

    def request(self, method, path, body=None, headers=()):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_TIMEOUT)
        with contextlib.closing(connection):
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                # a server may refuse before it has read everything
                connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()

    def raw(self, *parts, pause=0.0):
        """Sends bytes as they are, and gives the status, or None if the connection is closed."""
        with socket.create_connection(("127.0.0.1", self.port), ANSWER_TIMEOUT) as connection:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                for part in parts:
                    connection.sendall(part)
                    time.sleep(pause)
            with contextlib.suppress(ConnectionResetError):
                if match := re.match(rb"HTTP/1\.[01] (\d{3}) ", connection.recv(4096)):
                    return int(match[1])
            return None

    def stop(self):
        self.process.terminate()
        code = self.process.wait(60)
        check(code == 0, f"it ended with {code} after SIGTERM")


class Memory(threading.Thread):
    """Watches the resident memory of a process and its children."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.alive = pid, True
        self.doing = "the start"
        self.peak = (0.0, self.doing)
        self.start()

    def run(self):
        while self.alive:
            self.peak = max(self.peak, (self.now(), self.doing))
            time.sleep(0.01)

    def now(self):
        """MiB; of a child the most it ever had, so that a short peak is not missed."""
        children = (self.of(child, "VmHWM") for child in self.children())
        return self.of(self.pid, "VmRSS") + sum(children)

    def children(self):
        """Processes that read a DICOM now."""
        found = []
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{self.pid}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
        # until it becomes another program, a child has the memory of its parent
        return [child for child in found if b"dicom-child" in self.read(child, "cmdline")]

    def of(self, pid, kind):
        match = re.search(rb"%s:\s+(\d+) kB" % kind.encode(), self.read(pid, "status"))
        return int(match[1]) / 1024 if match else 0

    @staticmethod
    def read(pid, name):
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/{name}").read_bytes()
        return b""
