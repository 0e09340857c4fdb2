#!/usr/bin/env python3
"""Measures imports of a release build over HTTP on SQLite and on PostgreSQL, beside the bare database's own rate.

    bench/import.py [--rows 100000] [--rounds 3] [--only sqlite|postgres] [--million csv|ndjson] [--dir /var/tmp] [--out target/bench]

A round: a CSV file of new initiatives is posted in atomic mode, and timed from the POST until the job has ended; then the
same file again, all unchanged; then the rows that the product has made of it go into the same table of a copy of the
database in which there is nothing else to do: on SQLite an insert loop of Python's sqlite3 in one transaction, commit
included; on PostgreSQL one COPY by psql. Twice: into the table as it is, with all its indexes and its search index, and
into one that has its primary, unique and foreign keys alone. The import writes events and a report besides. CPU seconds, of the
server and of PostgreSQL together, say the same on a machine that is not quiet.

After the rounds: 50,000 new rows while one client goes on creating agencies, and how long the slowest of these took (docs/importing.md
promises 2 s on SQLite); then how long the first read of the feed and of a report took after them, events being sealed meanwhile.

--million posts a dry run of a million rows and prints the server's peak memory, instead of all that.
"""

import argparse
import contextlib
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import dataset
import load
import run

COLUMNS = [
    "code", "neighborhood_code", "domain", "title", "description", "objective", "starts_on", "due_on", "lead_agency_code",
    "weight", "budget_planned_rial", "budget_spent_rial", "beneficiaries_planned", "beneficiaries_reached",
]
DOMAINS = ["education", "sport", "health", "employment", "women_heads_of_household", "culture"]
FLOOR, SHARE, MEMORY = 30_000, 0.25, 200
# Rows of the file beside which others write, and how long these may wait, in seconds.
BESIDE, PATIENCE = 50_000, 2.0
TICKS = os.sysconf("SC_CLK_TCK")


def main():
    options = arguments()
    subprocess.run(["cargo", "build", "--release", "--locked", "--bin", "mahalleh"], cwd=run.ROOT, check=True)
    results = {"cores": os.cpu_count(), "rows": options.rows, "rounds": options.rounds, "databases": {}}
    kinds = {"sqlite": run.sqlite, "postgres": run.postgres}
    for name in [options.only] if options.only else kinds:
        with tempfile.TemporaryDirectory(prefix="mahalleh-bench-", dir=options.dir) as folder:
            os.chmod(folder, 0o755)
            with kinds[name](Path(folder)) as url:
                results["databases"][name] = measure(name, url, Path(folder), options)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "import.json").write_text(json.dumps(results, indent=2) + "\n")
    print(dry_table(results) if options.million else table(results))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000, help="rows of the file")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, of which the median counts")
    parser.add_argument("--only", choices=["sqlite", "postgres"])
    parser.add_argument("--million", choices=["csv", "ndjson"], help="only the memory of a dry run of a million rows")
    parser.add_argument("--dir", default="/var/tmp", help="where the databases are made")
    parser.add_argument("--out", type=Path, default=run.TARGET / "bench")
    return parser.parse_args()


def measure(name, url, folder, options):
    run.say(f"{name}: preparing")
    # Places and agencies to refer to, and no initiative yet.
    dataset.INITIATIVES_EACH = 0
    environment = run.prepare(url, folder, 1)
    bare = BARE[name](url, folder)
    bind = f"127.0.0.1:{run.free_port()}"
    environment |= {
        "MAHALLEH_BIND": bind,
        "MAHALLEH_MANAGEMENT_BIND": f"127.0.0.1:{run.free_port()}",
        "MAHALLEH_RATE_LIMIT": "off",
        "MAHALLEH_IMPORT_LIMIT": str(2 << 30),
    }
    base = f"http://{bind}"
    with run.running([run.SERVER, "serve"], folder / "server.log", env=environment, cwd=folder) as server:
        run.wait_for(f"{base}/readyz", server)
        login = json.loads(run.ask(f"{base}/api/v1/auth/login", body={"username": run.USER, "password": run.PASSWORD}))
        client = Client(base, login["access_token"], server, folder)
        if options.million:
            return million(client, folder, options)
        return rounds(name, client, bare, folder, options) | beside(name, client, folder)


def rounds(name, client, bare, folder, options):
    found = {"new": [], "again": [], "bare": [], "plain": []}
    used = {"new": [], "again": []}
    peak = 0
    for number in range(options.rounds):
        file = folder / f"{number}.csv"
        write_csv(file, f"b{number}", options.rows)
        run.say(f"{name}, round {number + 1}: {options.rows:,} new rows, {file.stat().st_size / 1e6:.0f} MB")
        for what, outcome in (("new", "created"), ("again", "unchanged")):
            client.settle()
            before = client.cpu()
            job, seconds, memory = client.post(file, "csv")
            used[what].append(client.cpu() - before)
            if job["state"] != "succeeded" or job[outcome] != options.rows:
                raise RuntimeError(f"{what}: {job}")
            found[what].append(options.rows / seconds)
            peak = max(peak, memory)
        run.say(f"{name}, round {number + 1}: the same rows by the bare database")
        for which in ("bare", "plain"):
            found[which].append(options.rows / bare(which, f"b{number}-%", options.rows))
    rates = {what: round(statistics.median(rates)) for what, rates in found.items()}
    ratios = {f"to_{which}": round(rates["new"] / rates[which], 3) for which in ("bare", "plain")}
    cpu = {f"cpu_{what}": round(statistics.median(seconds), 2) for what, seconds in used.items()}
    return {**rates, **ratios, **cpu, "peak_memory_mib": peak, "runs": found, "cpu": used}


def beside(name, client, folder):
    """Others write and read while a file is imported: the slowest of their writes, their pages, and the first reads after it, in seconds."""
    file = folder / "beside.csv"
    write_csv(file, "w", BESIDE)
    run.say(f"{name}: {BESIDE:,} rows while another client writes")
    client.settle()
    over, waits, pages = threading.Event(), [], []

    def create(body):
        # 503 after five seconds is a wait, too; it shows as such.
        with contextlib.suppress(RuntimeError):
            client.ask("/agencies", body=body)

    def write():
        while not over.is_set():
            body = {"code": f"w-{len(waits)}", "name": f"دستگاه {len(waits)}", "kind": "other"}
            waits.append(timed(lambda: create(body)))
            time.sleep(0.01)

    def read():
        while not over.is_set():
            pages.append(timed(lambda: client.ask("/initiatives?limit=50&with_total=true&status=approved")))
            time.sleep(0.01)

    others = [threading.Thread(target=work) for work in (write, read)]
    for other in others:
        other.start()
    try:
        job, seconds, _ = client.post(file, "csv")
    finally:
        over.set()
        for other in others:
            other.join()
    if job["state"] != "succeeded" or job["created"] != BESIDE:
        raise RuntimeError(f"beside: {job}")
    report = timed(lambda: client.ask("/reports/overview"))
    feed = timed(lambda: client.ask("/events?limit=1"))
    return {
        "beside": {
            "rows": BESIDE, "seconds": round(seconds, 2), "writes": len(waits), "slowest_write": round(max(waits), 2),
            "page": round(statistics.median(pages), 4), "slowest_page": round(max(pages), 3),
            "first_report": round(report, 2), "first_feed": round(feed, 2),
        }
    }


def timed(work):
    began = time.monotonic()
    work()
    return time.monotonic() - began


def million(client, folder, options):
    file = folder / f"million.{options.million}"
    (write_csv if options.million == "csv" else write_ndjson)(file, "m", 1_000_000)
    run.say(f"a dry run of a million rows, {file.stat().st_size / 1e6:.0f} MB of {options.million}")
    job, seconds, memory = client.post(file, options.million, dry_run=True)
    if job["state"] != "succeeded" or job["created"] != 1_000_000:
        raise RuntimeError(str(job))
    return {"per_second": round(1_000_000 / seconds), "peak_memory_mib": memory}


# The file.


def rows(prefix, count):
    for n in range(count):
        work, place = dataset.WORKS[n % len(dataset.WORKS)], dataset.PLACES[n % len(dataset.PLACES)]
        yield [
            f"{prefix}-{n:07}", f"n-{n % dataset.NEIGHBORHOODS:03}", DOMAINS[n % len(DOMAINS)], f"{work} {place} {n}",
            f"{work} برای ساکنان {place}، هفته‌ای سه جلسه.", "دسترسی بهتر ساکنان", "2026-12-01", f"2027-{n % 12 + 1:02}-28",
            f"agency-{n % dataset.AGENCIES:03}", n % 100 + 1, 1_000_000 * (n % 5000 + 1), None, n % 2000, None,
        ]


def write_csv(path, prefix, count):
    with open(path, "w", encoding="utf-8", newline="") as out:
        out.write(",".join(COLUMNS) + "\n")
        out.writelines(",".join("" if cell is None else str(cell) for cell in row) + "\n" for row in rows(prefix, count))


def write_ndjson(path, prefix, count):
    with open(path, "w", encoding="utf-8") as out:
        for row in rows(prefix, count):
            out.write(json.dumps(dict(zip(COLUMNS, row)), ensure_ascii=False) + "\n")


# The server.


class Client:
    def __init__(self, base, token, server, folder):
        self.base, self.token, self.server = base, token, server
        # PostgreSQL's first process, where there is one.
        self.cluster = folder / "pg" / "postmaster.pid"

    def ask(self, path, body=None):
        return json.loads(run.ask(f"{self.base}/api/v1{path}", self.token, body=body))

    def settle(self):
        """Waits until every event is sealed, so that nothing of it falls into the next measurement."""
        self.ask("/events?limit=1")

    def cpu(self):
        """CPU seconds so far of the server, and of PostgreSQL's processes, those that have ended too."""
        fields = lambda pid: Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        spent = sum(map(int, fields(self.server.pid)[11:13]))
        if self.cluster.exists():
            first = self.cluster.read_text().split("\n", 1)[0]
            spent += sum(map(int, fields(first)[11:15]))
            for pid in Path(f"/proc/{first}/task/{first}/children").read_text().split():
                try:
                    spent += sum(map(int, fields(pid)[11:15]))
                except FileNotFoundError:
                    pass
        return spent / TICKS

    def post(self, file, form, dry_run=False):
        """The job when it has ended, the seconds from the POST to its end, and the server's peak memory meanwhile."""
        # From here on the peak is counted anew.
        Path(f"/proc/{self.server.pid}/clear_refs").write_text("5")
        address = f"{self.base}/api/v1/imports?dataset=initiatives&mode=atomic&format={form}&dry_run={str(dry_run).lower()}"
        began = time.monotonic()
        with open(file, "rb") as body:
            request = urllib.request.Request(address, data=body, method="POST")
            request.add_header("Content-Type", "application/octet-stream")
            request.add_header("Content-Length", str(file.stat().st_size))
            request.add_header("Authorization", f"Bearer {self.token}")
            request.add_header("Prefer", "wait=30")
            with urllib.request.urlopen(request, timeout=600) as answer:
                job = json.loads(answer.read())
        while job["state"] in ("queued", "running"):
            time.sleep(0.05)
            job = json.loads(run.ask(f"{self.base}/api/v1/imports/{job['id']}", self.token))
        seconds = time.monotonic() - began
        status = Path(f"/proc/{self.server.pid}/status").read_text().splitlines()
        (kib,) = [line.split()[1] for line in status if line.startswith("VmHWM:")]
        return job, seconds, round(int(kib) / 1024)


# The bare databases: copies, and what puts rows that the product has made into them, in seconds. One has the table as the
# product has it, in the other it has its keys alone.

DROP = {
    "sqlite": "SELECT 'DROP ' || type || ' \"' || name || '\"' FROM sqlite_master"
    " WHERE tbl_name = 'initiatives' AND type IN ('index', 'trigger') AND sql IS NOT NULL",
    "postgres": "SELECT 'DROP INDEX ' || quote_ident(indexname) || ';' FROM pg_indexes"
    " WHERE tablename = 'initiatives' AND indexname NOT IN (SELECT conname FROM pg_constraint)",
}


def bare_sqlite(url, folder):
    path = url.removeprefix("sqlite:")
    copies = {"bare": folder / "bare.db", "plain": folder / "plain.db"}
    with sqlite3.connect(path) as source:
        for copy in copies.values():
            source.execute("VACUUM INTO ?", (str(copy),))
    with sqlite3.connect(copies["plain"]) as plain:
        for (drop,) in plain.execute(DROP["sqlite"]).fetchall():
            plain.execute(drop)

    def insert(which, codes, count):
        with sqlite3.connect(path) as source:
            made = source.execute("SELECT * FROM initiatives WHERE code LIKE ?", (codes,)).fetchall()
        assert len(made) == count
        bare = sqlite3.connect(copies[which])
        # As an import has it, too.
        for setting in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "cache_size = -65536"):
            bare.execute(f"PRAGMA {setting}")
        began = time.monotonic()
        bare.executemany(f"INSERT INTO initiatives VALUES ({', '.join('?' * len(made[0]))})", made)
        bare.commit()
        seconds = time.monotonic() - began
        bare.close()
        return seconds

    return insert


def bare_postgres(url, folder):
    server = url.rsplit("/", 1)[0]
    for which in ("bare", "plain"):
        load.psql(f"{server}/template1", "-qc", f"CREATE DATABASE {which} TEMPLATE postgres")
    load.psql(f"{server}/plain", "-qc", load.psql(f"{server}/plain", "-Atc", DROP["postgres"]))
    file = folder / "made"

    def insert(which, codes, count):
        load.psql(url, "-qc", f"\\copy (SELECT * FROM initiatives WHERE code LIKE '{codes}') TO '{file}'")
        began = time.monotonic()
        said = load.psql(f"{server}/{which}", "-c", f"\\copy initiatives FROM '{file}'")
        seconds = time.monotonic() - began
        assert said.strip() == f"COPY {count}", said
        return seconds

    return insert


BARE = {"sqlite": bare_sqlite, "postgres": bare_postgres}


# The report.


def table(results):
    rows, rounds = results["rows"], results["rounds"]
    lines = [
        f"{results['cores']} cores, {rows:,} initiatives by CSV over HTTP, atomic, medians of {rounds} rounds.",
        "",
        "| database | new rows a second | CPU, s | again, all unchanged | CPU, s | bare database | ratio | bare, keys alone | ratio | peak memory |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, one in results["databases"].items():
        rates = f"{one['new']:,} | {one['cpu_new']:.1f} | {one['again']:,} | {one['cpu_again']:.1f} | {one['bare']:,} | {one['to_bare']:.2f}"
        lines.append(f"| {name} | {rates} | {one['plain']:,} | {one['to_plain']:.2f} | {one['peak_memory_mib']} MiB |")
    lines.append(f"| floor | {FLOOR:,} | | as new | | | {SHARE} | | | {MEMORY} MiB |")
    lines += [
        "",
        f"| database | {BESIDE:,} rows, s | writes of others meanwhile | slowest, s | a page meanwhile, ms | slowest, ms"
        " | first report after, s | first feed after, s |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, one in results["databases"].items():
        wait = one["beside"]
        pages = f"{1000 * wait['page']:.1f} | {1000 * wait['slowest_page']:.0f}"
        figures = f"{wait['seconds']} | {wait['writes']:,} | {wait['slowest_write']} | {pages} | {wait['first_report']} | {wait['first_feed']}"
        lines.append(f"| {name} | {figures} |")
    lines.append(f"| floor, SQLite | | | {PATIENCE} | | | | |")
    return "\n".join(lines)


def dry_table(results):
    lines = [
        f"{name}: {one['per_second']:,} rows a second, peak memory {one['peak_memory_mib']} MiB (floor {MEMORY})"
        for name, one in results["databases"].items()
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
