"""A day of an integration: a service account is made, which then reads, writes, imports, reports and exports.

MAHALLEH_URL       where the server is; http://127.0.0.1:8080
MAHALLEH_USER      a user of the province's office; province
MAHALLEH_PASSWORD  his password; the demo's
"""

import os
import time
from collections import Counter
from datetime import date, timedelta

from client import Refused, as_machine, as_person, every_item, import_csv, must
from mahalleh_client.api.agencies import list_agencies
from mahalleh_client.api.auth import get_me
from mahalleh_client.api.clients import create_client, update_client
from mahalleh_client.api.imports import list_import_rows
from mahalleh_client.api.initiatives import (
    create_initiative,
    export_initiatives,
    list_initiatives,
    transition_initiative,
    update_initiative,
)
from mahalleh_client.api.neighborhoods import list_neighborhoods
from mahalleh_client.api.reports import get_neighborhoods_report
from mahalleh_client.models import (
    AgencyPage,
    Client,
    ClientPatch,
    DatasetName,
    ImportRowPage,
    ImportState,
    Initiative,
    InitiativePage,
    InitiativePatch,
    InitiativeStatus,
    InitiativeTransition,
    Me,
    NeighborhoodPage,
    NeighborhoodsReport,
    NewClient,
    NewInitiative,
    Role,
)

url = os.environ.get("MAHALLEH_URL", "http://127.0.0.1:8080")
# Codes are unique in a province; another run makes another.
code = f"EX-{time.time_ns() // 1_000_000:x}"


def day(after: int) -> date:
    return date.today() + timedelta(days=after)


# Somebody of the office makes the service account, once. The secret is shown in this answer and never again.
office = as_person(url, os.environ.get("MAHALLEH_USER", "province"), os.environ.get("MAHALLEH_PASSWORD", "mahalleh-demo"))
asked = NewClient(name=f"Example {code}", role=Role.PROVINCE, valid_to=day(1))
account = must(create_client.sync_detailed(client=office, body=asked), Client)
machine = as_machine(url, account.client_id, account.client_secret)
me = must(get_me.sync_detailed(client=machine), Me)
print(f"1. logged in as {me.role} of {me.province}")

# A list, to its end.
initiatives = every_item(InitiativePage, list_initiatives.sync_detailed, client=machine, limit=25)
counts = Counter(initiative.status for initiative in initiatives)
print(f"2. read {counts.total()} initiatives in {len(counts)} statuses")

# What a new initiative refers to is found by code.
place = must(list_neighborhoods.sync_detailed(client=machine, code="sheikhabad"), NeighborhoodPage).items[0]
agency = must(list_agencies.sync_detailed(client=machine, code="sport"), AgencyPage).items[0]
wanted = NewInitiative(
    code=code,
    neighborhood_id=place.id,
    domain="sport",
    title="باشگاه والیبال بانوان",
    starts_on=day(10),
    due_on=day(200),
    lead_agency_id=agency.id,
)
initiative = must(create_initiative.sync_detailed(client=machine, body=wanted, idempotency_key=code), Initiative)
print(f"3. created {initiative.code} as {initiative.status}, version {initiative.version}")


# A change names the version that was read. The second one comes too late, and the refusal says which version there is.
def change(version: int, **fields: int) -> Initiative:
    patch = InitiativePatch(**fields)
    return must(update_initiative.sync_detailed(initiative.id, client=machine, body=patch, if_match=f'"{version}"'), Initiative)


change(1, budget_planned_rial=2_500_000_000)
try:
    change(1, weight=20)
except Refused as refused:
    problem = refused.problem
    print(f"4. {problem.status} {problem.code}: it is at version {problem.current_version}")

# All faults come at once, each with its place.
try:
    change(2, weight=500, budget_planned_rial=-1)
except Refused as refused:
    faults = ", ".join(f"{fault.pointer} {fault.code}" for fault in refused.problem.errors or [])
    print(f"5. {refused.problem.status} {refused.problem.code}: {faults}")

# A file of responsibilities, by codes alone.
csv = f"""initiative_code,code,agency_code,part,title,due_on
{code},01,sport,lead,آماده‌سازی سالن,{day(60)}
{code},02,municipality,support,روشنایی معابر,{day(90)}
"""
job = import_csv(machine, DatasetName.RESPONSIBILITIES, csv)
if job.state != ImportState.SUCCEEDED:
    rows = must(list_import_rows.sync_detailed(job.id, client=machine, outcome="rejected"), ImportRowPage)
    raise SystemExit(f"{job.state}: {job.error or rows.items}")
print(f"6. imported {job.rows_total} rows: {job.created} created, {job.rejected} rejected")

# Machines prepare, people decide: what moves a thing along its lifecycle is done under one's own name.
move = InitiativeTransition(to=InitiativeStatus.PROPOSED)
moved = must(transition_initiative.sync_detailed(initiative.id, client=office, body=move), Initiative)
print(f"7. moved to {moved.status}; next may be {', '.join(moved.allowed_transitions)}")

report = must(get_neighborhoods_report.sync_detailed(client=machine, domain="sport", sort="name"), NeighborhoodsReport)
row = next(row for row in report.rows if row.neighborhood.code == place.code)
print(f"8. the report of {len(report.rows)} neighborhoods: {row.neighborhood.code} has {row.initiatives.total} in sport")

file = must(export_initiatives.sync_detailed(client=machine, code=code), str)
heading, *lines = file.splitlines()
print(f"9. exported {len(lines)} row; the columns begin with {', '.join(heading.split(',')[:3])}")

# The account has done its work.
closed = ClientPatch(active=False)
must(update_client.sync_detailed(account.id, client=office, body=closed, if_match=f'"{account.version}"'), Client)
print("10. closed the account")
