#!/usr/bin/env python3
"""Measures a release build on SQLite and on PostgreSQL, beside a handler that answers the same bytes from memory.

    bench/run.py [--seconds 8] [--rounds 3] [--only sqlite|postgres] [--times 1] [--reports] [--dir /var/tmp] [--out target/bench]

Every server listens on loopback; the databases are made under --dir, which must be a real disk, and removed. All checks
are on (token, reach, access log, events) but the rate limit. Writes results.json and results.md to --out.
"""

import argparse
import contextlib
import json
import os
import pwd
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import load

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
SERVER = TARGET / "release" / "mahalleh"
STATIC = TARGET / "release" / "examples" / "static_handler"
CONNECTIONS = 16
USER, PASSWORD = "bench", "a-password-for-the-benchmark"
FLOORS = {"item": 10_000, "page": 3_000, "agencies": 2_000}
REPORTS = ["overview", "neighborhoods", "domains", "agencies", "late", "gaps", "pace", "agenda"]
WARM = ("neighborhoods", "agencies")
TITLES = {
    "item": "one initiative",
    "page": "50 initiatives of a neighbourhood and status, with total, read anew",
    "again": "the same page again, while nothing changes",
    "agencies": "durable insert of an agency",
    "initiatives": "durable insert of an initiative",
}


def main():
    options = arguments()
    for tool in ("wrk", "psql"):
        shutil.which(tool) or sys.exit(f"{tool} is missing: apt-get install wrk postgresql")
    command = ["cargo", "build", "--release", "--locked", "--bin", "mahalleh", "--example", "static_handler"]
    subprocess.run(command, cwd=ROOT, check=True)
    results = {"cores": os.cpu_count(), "seconds": options.seconds, "rounds": options.rounds, "times": options.times, "databases": {}}
    kinds = {"sqlite": sqlite, "postgres": postgres}
    for name in [options.only] if options.only else kinds:
        # Not below a home directory: PostgreSQL's own user must reach it.
        with tempfile.TemporaryDirectory(prefix="mahalleh-bench-", dir=options.dir) as folder:
            os.chmod(folder, 0o755)
            with kinds[name](Path(folder)) as url:
                results["databases"][name] = measure(name, url, Path(folder), options)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "results.json").write_text(json.dumps(results, indent=2) + "\n")
    text = reports_table(results) if options.reports else table(results) + "\n" + reports_table(results)
    (options.out / "results.md").write_text(text)
    print(text)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=8, help="of each measurement (half for the static handler)")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each, of which the median counts")
    parser.add_argument("--only", choices=["sqlite", "postgres"])
    parser.add_argument("--times", type=int, default=1, help="the data set so many times")
    parser.add_argument("--reports", action="store_true", help="measure one initiative and the reports alone")
    parser.add_argument("--dir", default="/var/tmp", help="where the databases are made")
    parser.add_argument("--out", type=Path, default=TARGET / "bench")
    return parser.parse_args()


# The databases.


@contextlib.contextmanager
def sqlite(folder):
    yield f"sqlite:{folder / 'mahalleh.db'}"


@contextlib.contextmanager
def postgres(folder):
    """A cluster of its own with PostgreSQL's defaults (fsync on), run by the user postgres where we are root."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), default=None)
    programs = programs or Path(shutil.which("initdb") or sys.exit("initdb is missing")).parent
    data, port = folder / "pg", free_port()
    data.mkdir()
    prefix = []
    if os.geteuid() == 0:
        prefix = ["runuser", "-u", "postgres", "--"]
        os.chown(data, pwd.getpwnam("postgres").pw_uid, -1)
    settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={data}"

    def run(program, *arguments):
        command = [*prefix, programs / program, "-D", data, *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")

    run("initdb", "-U", "mahalleh", "-A", "trust", "-E", "UTF8", "--no-locale")
    run("pg_ctl", "start", "-w", "-l", data / "log", "-o", settings)
    try:
        yield f"postgres://mahalleh@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "stop", "-w", "-m", "fast")


# The servers.


def prepare(url, folder, times):
    """A schema, a province, a user, and the data set."""
    environment = {**os.environ, "DATABASE_URL": url, "MAHALLEH_SECRET_FILE": str(folder / "bench.secret")}

    def mahalleh(*arguments, given=None):
        subprocess.run([SERVER, *arguments], env=environment, cwd=folder, check=True, text=True, input=given)

    mahalleh("migrate")
    mahalleh("province", "add", "qom", "--name", "قم", "--name-en", "Qom")
    user = ["--province", "qom", "--role", "province", "--display-name", "Benchmark", "--password-file", "-"]
    mahalleh("user", "add", USER, *user, given=PASSWORD)
    load.load(url, times=times)
    return environment


@contextlib.contextmanager
def running(command, log, **options):
    """A process that is ended with SIGTERM; its output, the access log too, goes to a file."""
    with open(log, "wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, **options)
    try:
        yield process
    except Exception:
        print(f"the last lines of {log}:", *Path(log).read_text().splitlines()[-20:], sep="\n", file=sys.stderr)
        raise
    finally:
        process.terminate()
        process.wait(timeout=40)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url, process):
    for _ in range(300):
        with contextlib.suppress(OSError):
            return ask(url)
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"{url} did not answer")


def ask(url, token=None, body=None):
    request = urllib.request.Request(url, data=json.dumps(body).encode() if body else None)
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()
    except urllib.error.HTTPError as refusal:
        raise RuntimeError(f"{url}: {refusal.code} {refusal.read().decode()}") from refusal


def memory_mib(process):
    status = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    (kib,) = [line.split()[1] for line in status if line.startswith("VmRSS:")]
    return round(int(kib) / 1024, 1)


# The measurements.


def wrk(url, seconds, token=None, connections=CONNECTIONS, insert=None, known=None, places=(), anew=False, packed=False):
    """One run of wrk; a refused or broken request fails it. `anew` asks for nothing twice, `packed` as browsers ask."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", ROOT / "bench" / "wrk.lua"]
    command += ["-H", f"Authorization: Bearer {token}"] if token else []
    command += ["-H", f"If-None-Match: {known}"] if known else []
    command += ["-H", "Accept-Encoding: gzip, deflate, br, zstd"] if packed else []
    environment = {**os.environ, "INSERT_PREFIX": insert, "INSERT_PLACES": ",".join(places)} if insert else {**os.environ}
    environment |= {"ANEW": "1"} if anew else {}
    run = subprocess.run([*command, url], env=environment, text=True, stdout=subprocess.PIPE, check=True)
    (line,) = [line for line in run.stdout.splitlines() if line.startswith("RESULT ")]
    result = json.loads(line.removeprefix("RESULT "))
    if result["refused"] or result["broken"]:
        raise RuntimeError(f"{url}: {result['refused']} refused, {result['broken']} broken of {result['requests']}")
    return {"per_second": round(result["requests"] / result["seconds"]), **result}


def median(runs):
    middle = {key: statistics.median(run[key] for run in runs) for key in ("per_second", "p50_ms", "p99_ms")}
    return {**{key: round(value, 2) for key, value in middle.items()}, "runs": [run["per_second"] for run in runs]}


def measure(name, url, folder, options):
    say(f"{name}: loading the data set")
    environment = prepare(url, folder, options.times)
    bind = f"127.0.0.1:{free_port()}"
    environment |= {
        "MAHALLEH_BIND": bind,
        "MAHALLEH_MANAGEMENT_BIND": f"127.0.0.1:{free_port()}",
        "MAHALLEH_RATE_LIMIT": "off",
    }
    base = f"http://{bind}"
    with running([SERVER, "serve"], folder / "server.log", env=environment, cwd=folder) as server:
        wait_for(f"{base}/readyz", server)
        memory_at_start = memory_mib(server)
        login = json.loads(ask(f"{base}/api/v1/auth/login", body={"username": USER, "password": PASSWORD}))
        token = login["access_token"]
        targets = choose(base, token)
        if options.reports:
            wrk(targets["item"], 1, token)
            result = {"item": median([wrk(targets["item"], options.seconds, token) for _ in range(options.rounds)])}
            result["reports"] = reports(base, token, options)
            return result
        result = reads(targets, token, folder, options)
        say(f"{name}: /livez and one initiative beside slow lists")
        result["beside_slow_lists"] = beside_slow_lists(base, targets, token, options)
        result["reports"] = reports(base, token, options)
        result["agencies"] = inserts(base, token, "agencies", options)
        somewhere = json.loads(ask(f"{base}/api/v1/neighborhoods?limit=200", token))["items"]
        result["initiatives"] = inserts(base, token, "initiatives", options, [place["id"] for place in somewhere])
        result["disk_flushes_per_second"] = flushes(folder)
        result["memory_mib"] = {"at_start": memory_at_start, "after": memory_mib(server)}
    return result


def choose(base, token):
    """What is read: one initiative, and a page that is full, anew and again."""
    everything = json.loads(ask(f"{base}/api/v1/initiatives?limit=1&status=in_progress", token))
    initiative = everything["items"][0]
    statuses = "approved,in_progress,blocked"
    page = f"neighborhood_id={initiative['neighborhood_id']}&status={statuses}&limit=50&with_total=true"
    page = f"{base}/api/v1/initiatives?{page}"
    targets = {"item": f"{base}/api/v1/initiatives/{initiative['id']}", "page": page, "again": page}
    found = json.loads(ask(targets["page"], token))
    assert len(found["items"]) == 50 < found["total"], "the page is to be full"
    return targets


def reads(targets, token, folder, options):
    """Item and page, each round beside the same bytes from memory."""
    files = {what: folder / f"{what}.json" for what in targets}
    for what, target in targets.items():
        files[what].write_bytes(ask(target, token))
    address = f"127.0.0.1:{free_port()}"
    runs = {(what, source): [] for what in targets for source in ("server", "memory")}
    with running([STATIC, address, *files.values()], folder / "static.log") as static:
        wait_for(f"http://{address}/item.json", static)
        for target in targets.values():
            wrk(target, 1, token)
        for n in range(options.rounds):
            for what, target in targets.items():
                say(f"reads, round {n + 1}: {what}")
                runs[what, "server"].append(wrk(target, options.seconds, token, anew=what == "page"))
                memory = f"http://{address}/{what}.json"
                runs[what, "memory"].append(wrk(memory, max(1, options.seconds // 2)))
    return {
        what: {
            **median(runs[what, "server"]),
            "bytes": files[what].stat().st_size,
            "static": median(runs[what, "memory"]),
        }
        for what in targets
    }


def inserts(base, token, what, options, places=()):
    """Things made one by one, and counted afterwards."""
    count = lambda: json.loads(ask(f"{base}/api/v1/{what}?limit=1&with_total=true", token))["total"]
    before = count()
    runs = []
    for n in range(options.rounds):
        say(f"inserts of {what}, round {n + 1}")
        runs.append(wrk(f"{base}/api/v1/{what}", options.seconds, token, insert=f"bench-{n}", places=places))
    acknowledged, kept = sum(run["requests"] for run in runs), count() - before
    if kept < acknowledged:
        raise RuntimeError(f"{acknowledged} inserts were acknowledged, {kept} are there")
    return median(runs)


def reports(base, token, options):
    """Each report cold, that is the first one after a change; two of them warm: as it is, compressed, and with the ETag that the client has."""
    result = {}
    for name in REPORTS:
        say(f"the report {name}")
        address, cold = f"{base}/api/v1/reports/{name}", []
        for n in range(max(5, options.rounds * 3)):
            code = f"cold-{name}-{n}"
            ask(f"{base}/api/v1/agencies", token, {"code": code, "name": code, "kind": "other"})
            began = time.monotonic()
            body = ask(address, token)
            cold.append((time.monotonic() - began) * 1000)
        result[name] = {"cold_ms": round(statistics.median(cold), 1), "bytes": len(body)}
        if name in WARM:
            ways = {"warm": {}, "packed": {"packed": True}, "unchanged": {"known": etag(address, token)}}
            for way, asked in ways.items():
                wrk(address, 1, token, **asked)
                result[name][way] = median([wrk(address, options.seconds, token, **asked) for _ in range(options.rounds)])
    return result


def etag(url, token):
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.headers["ETag"]


def beside_slow_lists(base, targets, token, options):
    """How /livez and one initiative do while as many clients as there are cores ask for the slowest list."""
    seconds = max(2, options.seconds // 2)
    slow = f"{base}/api/v1/initiatives?health=late,at_risk&limit=200&with_total=true"
    result = {}
    with ThreadPoolExecutor() as beside:
        for what, target in {"livez": f"{base}/livez", "item": targets["item"]}.items():
            lists = beside.submit(wrk, slow, seconds + 1, token, connections=os.cpu_count(), anew=True)
            time.sleep(0.5)
            result[what] = median([wrk(target, seconds, token, connections=1)])
            result["slow_list"] = median([lists.result()])
    return result


def flushes(folder):
    """How often this disk can be made to keep 4 KiB in one second: what limits a writer that flushes for each write."""
    block, count, end = b"x" * 4096, 0, time.monotonic() + 1
    with open(folder / "flush", "wb") as file:
        while time.monotonic() < end:
            file.write(block)
            file.flush()
            os.fdatasync(file.fileno())
            count += 1
    return count


# The report.


def table(results):
    setting = f"{results['cores']} cores, {CONNECTIONS} connections, medians of {results['rounds']} runs of"
    lines = [
        f"{setting} {results['seconds']} s; the driver runs on the same machine.",
        "",
        "| database | request | a second | p50 ms | p99 ms | same bytes from memory | ratio | floor |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name, result in results["databases"].items():
        for what, title in TITLES.items():
            one = result[what]
            ceiling = one.get("static", {}).get("per_second")
            beside = f"{ceiling:,.0f} | {one['per_second'] / ceiling:.0%}" if ceiling else "— | —"
            floor = f"{FLOORS[what]:,}" if what in FLOORS else "—"
            figures = f"{one['per_second']:,.0f} | {one['p50_ms']:.2f} | {one['p99_ms']:.2f}"
            lines.append(f"| {name} | {title} | {figures} | {beside} | {floor} |")
    lines += ["", "| database | memory at start, after | disk flushes a second | beside slow lists, p99 ms |", "|---|--:|--:|---|"]
    for name, result in results["databases"].items():
        memory, slow = result["memory_mib"], result["beside_slow_lists"]
        beside = f"/livez {slow['livez']['p99_ms']:.2f}, one initiative {slow['item']['p99_ms']:.2f}"
        lists = f"{slow['slow_list']['per_second']:,.0f} lists a second of {slow['slow_list']['p50_ms']:.0f} ms"
        lines.append(
            f"| {name} | {memory['at_start']:.0f}, {memory['after']:.0f} MiB | {result['disk_flushes_per_second']:,} "
            f"| {beside} ({lists}) |"
        )
    return "\n".join(lines) + "\n"


def reports_table(results):
    lines = [
        f"Reports on {results['times']} times the data set; cold: the first after a change, one client; warm: {CONNECTIONS} connections.",
        "",
        "| database | report | cold, ms | KiB | warm, a second | as gzip | as 304 | one initiative, a second |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name, result in results["databases"].items():
        for report, one in result["reports"].items():
            rates = [f"{one[kind]['per_second']:,.0f}" if kind in one else "—" for kind in ("warm", "packed", "unchanged")]
            item = f"{result['item']['per_second']:,.0f}" if report in WARM else "—"
            lines.append(f"| {name} | {report} | {one['cold_ms']:.1f} | {one['bytes'] / 1024:.0f} | {' | '.join(rates)} | {item} |")
    return "\n".join(lines) + "\n"


def say(what):
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
