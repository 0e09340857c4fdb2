#!/usr/bin/env python3
"""Holds a running server to its document by requests that nobody thought of (schemathesis), as each role and as nobody.

fuzz.py short: what CI runs, the same each time.
fuzz.py long [--rounds N] [--seed N] [--minutes N]: each caller twice, once by single requests and once by ways from operation to
operation, as many as the minutes allow, another seed a round.

Every run has a fresh demo of its own in a temporary folder, on SQLite unless --database names a server of PostgreSQL, where
each run makes a database and removes it. A run fails by any finding of schemathesis, a panic or a 5xx in the server's log, a
broken chain of events, a server that does not end in order, and by a caller who was locked out on the way: then the rest of
it would have tried nothing but 401.
"""
import argparse
import concurrent.futures
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
PASSWORD = "mahalleh-demo"
NOBODY = "nobody"
CALLERS = ["province", "agency-education", "manager-sheikhabad", "viewer", NOBODY]
EVERYTHING = "examples,coverage,fuzzing,stateful"
# Shapes are refused alike whoever asks, so in CI the phase that walks all of them goes with the one who may do most, and with
# nobody; it is half of the time.
BRIEF = "examples,fuzzing,stateful"
# Less than an access token lives, in minutes.
LONGEST = 13


def main():
    options = parsed()
    plan = short() if options.form == "short" else long(options)
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        done = list(pool.map(lambda one: run(options, *one), plan))
    failed = [name for name, fine in done if not fine]
    print(f"{len(done) - len(failed)} of {len(done)} runs without a finding, {time.monotonic() - began:.0f} s", flush=True)
    sys.exit(f"FAILED: {', '.join(failed)}" if failed else 0)


def parsed():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("form", choices=["short", "long"])
    parser.add_argument("--mahalleh", required=True, help="the binary")
    parser.add_argument("--schemathesis", required=True, help="the command")
    parser.add_argument("--database", help="postgres://user:password@host:port, where databases can be made")
    parser.add_argument("--rounds", type=int, default=1, help="of the long form (1)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the long form's first round (the time)")
    parser.add_argument("--minutes", type=int, default=LONGEST, help=f"a run of the long form takes, at most {LONGEST} ({LONGEST})")
    parser.add_argument("--examples", type=int, default=100, help="requests an operation in the long form (100)")
    parser.add_argument("--callers", default=",".join(CALLERS), help="of the long form (all)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="runs at a time (one a core)")
    return parser.parse_args()


def short():
    """Who runs what in CI; the longest first, so that no core waits for it at the end."""
    settings = ["-n", "30", "--seed", "1", "--generation-deterministic"]
    phases = {"province": EVERYTHING, NOBODY: EVERYTHING}
    order = sorted(CALLERS, key=lambda caller: caller not in phases)
    return [(caller, [*settings, "--phases", phases.get(caller, BRIEF)], "") for caller in order]


def long(options):
    """Shapes and single operations, then nothing but ways through the links, each with a seed of its own."""
    plan = []
    for round in range(options.rounds):
        seed = options.seed + round
        common = ["--seed", str(seed), "--generation-database", "none", "--max-time", str(options.minutes * 60)]
        for caller in options.callers.split(","):
            plan.append((caller, [*common, "-n", str(options.examples), "--phases", "examples,coverage,fuzzing"], f" seed {seed}"))
            plan.append((caller, [*common, "-n", str(options.examples), "--phases", "stateful"], f" seed {seed} stateful"))
    return plan


def run(options, caller, settings, note):
    """One run of schemathesis against a server of its own; its name, and whether nothing was found."""
    name = caller + note
    with tempfile.TemporaryDirectory(prefix="mahalleh-fuzz-") as folder, Server(options, folder) as server:
        token = None if caller == NOBODY else server.log_in(caller)
        who = [] if token is None else ["--header", f"Authorization: Bearer {token}"]
        command = [options.schemathesis, "--config-file", HERE / "schemathesis.toml", "run", f"{server.base}/openapi.json"]
        command += ["--checks", "all", "--workers", "1", "--no-color", *who, *settings]
        began = time.monotonic()
        found = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        faults = [] if found.returncode == 0 else [found.stdout.replace(token or NOBODY, "...")]
        if token is not None and server.status("/api/v1/me", token) != 200:
            faults.append("The caller was locked out on the way; what came after that tried nothing.")
        faults += server.end()
        took = time.monotonic() - began
    tried = re.search(r"^\s*([0-9,]+) generated", found.stdout, re.MULTILINE)
    told = f"{name}: {tried[1] if tried else 'no'} requests, {took:.0f} s: {'FOUND' if faults else 'nothing found'}"
    print("\n".join([told, *faults]), flush=True)
    return name, not faults and tried is not None


class Server:
    """A demo with data of its own."""

    def __init__(self, options, folder):
        self.options, self.folder = options, Path(folder)
        address, management = free_address(), free_address()
        self.base = f"http://{address}"
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("MAHALLEH_", "DATABASE_URL"))},
            "MAHALLEH_RATE_LIMIT": "off",
            "MAHALLEH_BIND": address,
            "MAHALLEH_MANAGEMENT_BIND": management,
            "MAHALLEH_LOG": "info",
            "NO_COLOR": "1",
            "DATABASE_URL": f"sqlite:{folder}/mahalleh.db",
        }
        self.made = None
        if options.database:
            self.made = f"mahalleh_fuzz_{address.rsplit(':')[-1]}"
            self.environment["DATABASE_URL"] = f"{options.database}/{self.made}"
            self.administer(f"create database {self.made}")

    def __enter__(self):
        self.log = (self.folder / "server.log").open("w+")
        command = [self.options.mahalleh, "demo"]
        self.process = subprocess.Popen(command, cwd=self.folder, env=self.environment, stdout=self.log, stderr=self.log)
        for _ in range(600):
            if self.process.poll() is not None or self.status("/readyz") == 200:
                break
            time.sleep(0.1)
        else:
            sys.exit("The server was not ready within a minute.")
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()
        if self.made:
            self.administer(f"drop database if exists {self.made} with (force)")

    def administer(self, statement):
        subprocess.run(["psql", "--quiet", f"{self.options.database}/postgres", "--command", statement], check=True)

    def status(self, path, token=None):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            with urllib.request.urlopen(urllib.request.Request(self.base + path, headers=headers), timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as refused:
            return refused.code
        except OSError:
            return None

    def log_in(self, caller):
        body = json.dumps({"username": caller, "password": PASSWORD}).encode()
        request = urllib.request.Request(f"{self.base}/api/v1/auth/login", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["access_token"]

    def end(self):
        """Stops it as a service manager does, and says what was wrong with it."""
        faults = []
        if self.process.poll() is not None:
            faults.append(f"The server ended by itself with {self.process.returncode}.")
        else:
            self.process.send_signal(signal.SIGTERM)
            try:
                if self.process.wait(60) != 0:
                    faults.append(f"The server ended with {self.process.returncode}.")
            except subprocess.TimeoutExpired:
                faults.append("The server did not end within a minute.")
        self.log.seek(0)
        wrong = [line for line in self.log if "panicked" in line or re.search(r"status=5\d\d", line)]
        faults += [f"{len(wrong)} lines of the log, as: {wrong[0]}"] if wrong else []
        verified = subprocess.run([self.options.mahalleh, "verify-events"], env=self.environment, capture_output=True, text=True, check=False)
        if verified.returncode != 0:
            faults.append(f"The chain of events: {verified.stdout}{verified.stderr}")
        return faults


def free_address():
    """One that nobody has just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


if __name__ == "__main__":
    main()
