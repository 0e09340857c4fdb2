#!/usr/bin/env python3
"""Fills a migrated database with the benchmark's data set.

    bench/load.py sqlite:PATH | postgres://…  [PROVINCE]

The province and its domains must be there (`mahalleh province add`) and have no neighbourhood yet. Rows go in by SQL,
past the server: there are no events of their making.
"""

import csv
import io
import json
import sqlite3
import subprocess
import sys
import uuid
from datetime import date, datetime, timezone

import dataset
from dataset import DataSet

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def load(url, province="qom", times=1):
    dataset.NEIGHBORHOODS = 200 * times
    if url.startswith("sqlite:"):
        return load_sqlite(url.removeprefix("sqlite:"), province)
    return load_postgres(url, province)


def load_sqlite(path, province):
    database = sqlite3.connect(path)
    database.execute("PRAGMA foreign_keys = ON")
    find = "SELECT id FROM provinces WHERE code_key = ?"
    (province_id,) = database.execute(find, (province,)).fetchone()
    codes = database.execute("SELECT code FROM domains WHERE province_id = ? ORDER BY position", (province_id,))
    tables = DataSet(province_id, [code for (code,) in codes]).tables
    for table, rows in tables.items():
        if not rows:
            continue
        columns = list(rows[0])
        names, marks = ", ".join(f'"{c}"' for c in columns), ", ".join("?" * len(columns))
        values = ([sqlite_value(row[c]) for c in columns] for row in rows)
        database.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)
    database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return tables


def sqlite_value(value):
    if isinstance(value, uuid.UUID):
        return value.bytes
    if isinstance(value, datetime):
        return (value - EPOCH).days * 86_400_000_000 + (value - EPOCH).seconds * 1_000_000
    return value.isoformat() if isinstance(value, date) else value


def load_postgres(url, province):
    find = f"""SELECT json_build_object('id', p.id, 'domains', json_agg(d.code ORDER BY d.position))
               FROM provinces p JOIN domains d ON d.province_id = p.id WHERE p.code_key = '{province}' GROUP BY p.id"""
    found = json.loads(psql(url, "-Atc", find))
    tables = DataSet(found["id"], found["domains"]).tables
    script = io.StringIO()
    script.write("BEGIN;\n")
    for table, rows in tables.items():
        if not rows:
            continue
        columns = list(rows[0])
        names = ", ".join(f'"{c}"' for c in columns)
        script.write(f"COPY {table} ({names}) FROM STDIN WITH (FORMAT csv);\n")
        lines = csv.writer(script, lineterminator="\n")
        lines.writerows([postgres_value(row[c]) for c in columns] for row in rows)
        script.write("\\.\n")
    script.write("COMMIT;\n")
    psql(url, "-q", given=script.getvalue())
    # What autovacuum would do a minute later, in the middle of the measurement.
    psql(url, "-qc", "VACUUM ANALYZE")
    return tables


def postgres_value(value):
    return "\\x" + value.hex() if isinstance(value, bytes) else value


def psql(url, *arguments, given=None):
    command = ["psql", url, "-X", "-v", "ON_ERROR_STOP=1", *arguments]
    return subprocess.run(command, input=given, text=True, check=True, stdout=subprocess.PIPE).stdout


if __name__ == "__main__":
    for name, rows in load(*sys.argv[1:]).items():
        print(f"{name}: {len(rows)}")
