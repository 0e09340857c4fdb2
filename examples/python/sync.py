"""A copy of the register, kept up to date by a service account: a small SQLite file with an item a row.

    python sync.py account         make a service account, and write its id and secret to account.json
    python sync.py nightly COPY    take what changed since the last run, by updated_since
    python sync.py follow COPY     take what happened since the last run, by the event feed
    python sync.py compare COPY    exit 1 where the copy differs from the register

MAHALLEH_URL is the server, http://127.0.0.1:8080 unless set, and MAHALLEH_ACCOUNT another file than account.json; `account` asks for
MAHALLEH_USER and MAHALLEH_PASSWORD too.
"""

import json
import os
import sqlite3
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from client import Refused, as_machine, as_person, every_item, must
from mahalleh_client import AuthenticatedClient
from mahalleh_client.api.clients import create_client
from mahalleh_client.api.events import list_events
from mahalleh_client.api.initiatives import get_initiative, list_initiatives
from mahalleh_client.api.neighborhoods import get_neighborhood, list_neighborhoods
from mahalleh_client.api.responsibilities import get_responsibility, list_responsibilities
from mahalleh_client.models import Client, EventPage, Initiative, InitiativePage, NewClient, Neighborhood, NeighborhoodPage
from mahalleh_client.models import Responsibility, ResponsibilityPage, Role


class Kind(NamedTuple):
    """A kind of thing that is copied: how it is listed, and how one is read."""

    page: type
    every: Callable[..., Any]
    item: type
    one: Callable[..., Any]


# By the names that events have for them.
KINDS = {
    "neighborhood": Kind(NeighborhoodPage, list_neighborhoods.sync_detailed, Neighborhood, get_neighborhood.sync_detailed),
    "initiative": Kind(InitiativePage, list_initiatives.sync_detailed, Initiative, get_initiative.sync_detailed),
    "responsibility": Kind(ResponsibilityPage, list_responsibilities.sync_detailed, Responsibility, get_responsibility.sync_detailed),
}
URL = os.environ.get("MAHALLEH_URL", "http://127.0.0.1:8080")
ACCOUNT = Path(os.environ.get("MAHALLEH_ACCOUNT", "account.json"))
# A writer that took long commits an older instant after a newer one was read.
OVERLAP = timedelta(seconds=60)


class Copy:
    """The copy, and how far it is."""

    def __init__(self, file: str):
        self.db = sqlite3.connect(file)
        self.db.execute("CREATE TABLE IF NOT EXISTS items (kind, id, version, body, PRIMARY KEY (kind, id))")
        self.db.execute("CREATE TABLE IF NOT EXISTS marks (name PRIMARY KEY, value)")

    def mark(self, name: str) -> str | None:
        """How far it is."""
        row = self.db.execute("SELECT value FROM marks WHERE name = ?", [name]).fetchone()
        return row and row[0]

    def set_mark(self, name: str, value: object) -> None:
        """Goes on from here; what was put before counts with it."""
        self.db.execute("INSERT OR REPLACE INTO marks VALUES (?, ?)", [name, str(value)])
        self.db.commit()

    def put(self, kind: str, item: Any) -> None:
        """Puts an item in the place of the one before."""
        body = json.dumps(item.to_dict(), ensure_ascii=False)
        self.db.execute("INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?)", [kind, str(item.id), item.version, body])

    def drop(self, kind: str, id: str) -> None:
        """Drops an item, if it is there."""
        self.db.execute("DELETE FROM items WHERE kind = ? AND id = ?", [kind, id])

    def versions(self) -> dict[tuple[str, str], int]:
        """The version of each item."""
        return {(kind, id): version for kind, id, version in self.db.execute("SELECT kind, id, version FROM items")}


def nightly(api: AuthenticatedClient, copy: Copy) -> None:
    """Everything at first, then what changed. What was removed stays in the copy; only the events tell."""
    for name, kind in KINDS.items():
        last = copy.mark(f"{name} since")
        since = {"updated_since": datetime.fromisoformat(last) - OVERLAP} if last else {}
        items = 0
        # In the order of change, so that what changes meanwhile comes at the end, and the last one says where to go on: by the
        # server's clock, not by this machine's.
        for item in every_item(kind.page, kind.every, client=api, sort="updated_at", limit=200, **since):
            copy.put(name, item)
            items, last = items + 1, item.updated_at.isoformat()
        copy.set_mark(f"{name} since", last or "")
        print(f"{name}: {items} items")


def follow(api: AuthenticatedClient, copy: Copy) -> None:
    """Each event once, in order, removals too. At first everything, from before which the events are followed."""
    after = copy.mark("events after")
    if after is None:
        last = must(list_events.sync_detailed(client=api, sort="-seq", limit=1), EventPage).items
        nightly(api, copy)
        after = last[0].seq if last else 0
        copy.set_mark("events after", after)
    while True:
        page = must(list_events.sync_detailed(client=api, after=int(after), limit=200), EventPage)
        # Several events of one thing need one look at it.
        changed = {(event.resource_type, event.resource_id) for event in page.items if event.resource_type in KINDS and event.resource_id}
        for name, id in sorted(changed, key=str):
            take(api, copy, name, id)
        # `up_to` goes on where nothing on the page was for us.
        after = page.up_to
        copy.set_mark("events after", after)
        print(f"{len(page.items)} events, {len(changed)} things to look at")
        if page.next_cursor is None:
            return


def take(api: AuthenticatedClient, copy: Copy, name: str, id: Any) -> None:
    """Reads a thing as it is now; 404 is one that was removed, or went out of reach."""
    kind = KINDS[name]
    try:
        copy.put(name, must(kind.one(id, client=api), kind.item))
    except Refused as refused:
        if refused.problem.code != "not_found":
            raise
        copy.drop(name, str(id))


def compare(api: AuthenticatedClient, copy: Copy) -> None:
    """Every version there and here."""
    there = {
        (name, str(item.id)): item.version
        for name, kind in KINDS.items()
        for item in every_item(kind.page, kind.every, client=api, limit=200)
    }
    here = copy.versions()
    for key in sorted(there.keys() | here.keys()):
        if there.get(key) != here.get(key):
            print(f"{key}: version {there.get(key)} there, {here.get(key)} here")
    if there != here:
        raise SystemExit(1)
    print(f"{len(there)} items, all as they are there")


def make_account() -> None:
    """Once, by somebody of the office. Its role says what the copy holds; the events are not for viewers."""
    office = as_person(URL, os.environ.get("MAHALLEH_USER", "province"), os.environ.get("MAHALLEH_PASSWORD", "mahalleh-demo"))
    account = must(create_client.sync_detailed(client=office, body=NewClient(name="Nightly copy", role=Role.PROVINCE)), Client)
    ACCOUNT.touch(mode=0o600)
    ACCOUNT.write_text(json.dumps({"client_id": str(account.client_id), "client_secret": account.client_secret}))
    print(f"wrote {ACCOUNT}")


def main() -> None:
    """Reads the command."""
    commands = {"nightly": nightly, "follow": follow, "compare": compare}
    match sys.argv[1:]:
        case ["account"]:
            make_account()
        case [command, file] if command in commands:
            commands[command](as_machine(URL, **json.loads(ACCOUNT.read_text())), Copy(file))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
