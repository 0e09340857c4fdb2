"""The data set that the benchmark measures: 200 neighbourhoods, 20,000 initiatives, 100,000 responsibilities.

The same rows every time (a fixed seed and a fixed day), spread over all statuses and consistent with each other in the
way the write functions keep them: copies of parents' columns, `open`, and who takes part. Values are plain: UUID, bool,
bytes, date, datetime (UTC), str, int, None.
"""

import random
import unicodedata
import uuid
from datetime import date, datetime, timedelta, timezone

NEIGHBORHOODS = 200
INITIATIVES_EACH = 100
RESPONSIBILITIES_EACH = 5
AGENCIES = 40
TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 8, tzinfo=timezone.utc)
# An initiative without a due date sorts as if it had the farthest one.
FARTHEST = date(9999, 12, 31)

# Of each neighbourhood's hundred initiatives.
STATUSES = {"draft": 10, "proposed": 10, "approved": 12, "in_progress": 40, "blocked": 5, "completed": 18, "cancelled": 5}
BEGUN = ("approved", "in_progress", "blocked", "completed")
ENDED = ("declined", "withdrawn")
# What a responsibility's status can be, by the initiative's; the first one is that of the lead.
STEPS = {
    "draft": ["proposed"],
    "proposed": ["accepted", "proposed", "accepted", "declined"],
    "approved": ["accepted", "accepted", "accepted", "proposed", "declined"],
    "in_progress": ["accepted", "accepted", "reported", "verified", "verified", "returned", "withdrawn", "proposed"],
    "blocked": ["accepted", "accepted", "reported", "verified", "returned", "declined"],
    "completed": ["verified", "verified", "verified", "verified", "withdrawn", "declined"],
    "cancelled": ["accepted", "proposed", "verified", "withdrawn"],
}
KINDS = ["education", "sport", "health", "labour", "welfare", "municipality", "culture", "charity", "university", "other"]
WORKS = ["کلاس تقویتی", "زمین ورزشی", "خانه بهداشت", "کارگاه خیاطی", "بازارچه محلی", "کتابخانه", "پارک بانوان", "مرمت مدرسه"]
PLACES = ["شیخ‌آباد", "پردیسان", "امام رضا", "چهارمردان", "نیروگاه", "صفاشهر", "باجک", "زنبیل‌آباد", "یزدان‌شهر", "سالاریه"]


def search_part(text):
    """What `persian::search_key` makes of these texts: letters unified, marks and blanks dropped."""
    letters = str.maketrans({"ي": "ی", "ك": "ک", "آ": "ا", "\u200c": None, " ": None, "ئ": "ی"})
    plain = unicodedata.normalize("NFKD", text.translate(letters))
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


def search_key(*parts):
    """As `db::search::key`."""
    return "".join("\x1f\x1f" + search_part(part) for part in parts if part)


class DataSet:
    """Rows by table, as dictionaries, in an order that foreign keys allow."""

    def __init__(self, province_id, domains):
        self.province_id = province_id
        self.domains = domains
        self.rng = random.Random(1405)
        self.made = 0
        names = ("agencies", "neighborhoods", "users", "mandates", "initiatives", "initiative_agencies", "responsibilities")
        self.tables = {name: [] for name in names}
        self.agencies = [self.agency(n) for n in range(AGENCIES)]
        for n in range(NEIGHBORHOODS):
            self.neighborhood(n)

    def add(self, table, **columns):
        row = {"province_id": self.province_id, **columns}
        self.tables[table].append(row)
        return row

    def item(self, table, **columns):
        """Adds a row with what every item has."""
        self.made += 1
        created = NOW - timedelta(days=300) + timedelta(seconds=self.made)
        milliseconds = int(created.timestamp() * 1000)
        version_7 = (milliseconds << 80) | (0x7 << 76) | (self.rng.getrandbits(12) << 64)
        identity = uuid.UUID(int=version_7 | (0b10 << 62) | self.rng.getrandbits(62))
        stamp = {"version": 1, "created_at": created, "updated_at": created}
        return self.add(table, id=identity, **columns, **stamp)

    def agency(self, n):
        code, name = f"agency-{n:03}", f"اداره {WORKS[n % len(WORKS)]} {n}"
        return self.item(
            "agencies", code=code, code_key=code, name=name, name_sort=name.encode(), name_en=f"Office {n}",
            search_key=search_key(code, name, f"Office {n}"), kind=KINDS[n % len(KINDS)], phone="025-3700000",
            email=f"office{n}@example.org", active=True,
        )["id"]

    def neighborhood(self, n):
        code, name = f"n-{n:03}", f"محله {PLACES[n % len(PLACES)]} {n}"
        population = 3000 + self.rng.randrange(40000)
        longitude, latitude = 50.80 + n % 20 / 100, 34.55 + n // 20 / 100
        place = self.item(
            "neighborhoods", code=code, code_key=code, name=name, name_sort=name.encode(), name_en=f"Neighbourhood {n}",
            search_key=search_key(code, name, f"Neighbourhood {n}"), county="قم", county_key="قم", city="قم", city_key="قم",
            district=str(n % 8 + 1), district_key=str(n % 8 + 1), population=population, population_order=population,
            households=population // 3, profile_as_of=date(2026, 3, 21), boundary=None,
            location=f'{{"type":"Point","coordinates":[{longitude:.2f},{latitude:.2f}]}}', longitude=longitude,
            latitude=latitude, designation=("model", "expansion", "none")[n % 3],
            designated_on=None if n % 3 == 2 else date(2026, 4, 4), closed_on=None,
        )["id"]
        manager = self.item(
            "users", username=f"manager-{code}", username_key=f"manager-{code}", display_name=f"مدیر {name}",
            search_key=search_key(f"manager-{code}", f"مدیر {name}"), role="neighborhood_manager", agency_id=None,
            active=True, password_hash=None, must_change_password=False,
        )["id"]
        self.item(
            "mandates", user_id=manager, neighborhood_id=place, order_no=f"1405/{n}", valid_from=date(2026, 4, 4), valid_to=None,
        )
        statuses = [status for status, count in STATUSES.items() for _ in range(count)]
        self.rng.shuffle(statuses)
        for m, status in enumerate(statuses[:INITIATIVES_EACH]):
            self.initiative(f"{code}-{m:03}", place, manager, status)

    def initiative(self, code, place, manager, status):
        rng = self.rng
        title = f"{rng.choice(WORKS)} {rng.choice(PLACES)} {code[-3:]}"
        starts = TODAY - timedelta(days=rng.randrange(20, 240))
        due = starts + timedelta(days=rng.randrange(60, 400))
        if status == "draft" and rng.random() < 0.3:
            starts = due = None
        if status == "completed":
            due = min(due, TODAY)
        lead = rng.choice(self.agencies)
        planned = rng.randrange(50, 5000) * 1_000_000
        row = self.item(
            "initiatives", code=code, code_key=code, neighborhood_id=place, domain=rng.choice(self.domains), title=title,
            title_sort=title.encode(), search_key=search_key(code, title), description=f"{title}: شرح طرح برای ساکنان محله.",
            objective="دسترسی بهتر ساکنان", status=status, status_since=NOW - timedelta(days=rng.randrange(1, 60)),
            starts_on=starts, due_on=due, due_order=due or FARTHEST, completed_on=due if status == "completed" else None,
            lead_agency_id=lead, weight=rng.randrange(1, 101), budget_planned_rial=planned,
            budget_spent_rial=planned // 2 if status in BEGUN else None, beneficiaries_planned=rng.randrange(20, 2000),
            beneficiaries_reached=rng.randrange(0, 500) if status in BEGUN else None,
        )
        partners = {lead}
        for n in range(RESPONSIBILITIES_EACH):
            step = STEPS[status][0] if n == 0 else rng.choice(STEPS[status])
            agency = lead if n == 0 else rng.choice(self.agencies)
            if step not in ENDED:
                partners.add(agency)
            self.responsibility(f"r{n + 1}", row, manager, agency, step)
        for agency in sorted(partners):
            self.add("initiative_agencies", initiative_id=row["id"], agency_id=agency)

    def responsibility(self, code, initiative, manager, agency, step):
        rng = self.rng
        starts = initiative["starts_on"] or TODAY
        length = ((initiative["due_on"] or TODAY + timedelta(days=90)) - starts).days
        due = starts + timedelta(days=rng.randrange(max(length, 1)))
        done = min(due, TODAY) if step in ("reported", "verified") else None
        verified = step == "verified"
        title = f"{rng.choice(WORKS)} {code}"
        self.item(
            "responsibilities", initiative_id=initiative["id"], neighborhood_id=initiative["neighborhood_id"],
            initiative_status=initiative["status"], initiative_weight=initiative["weight"],
            initiative_domain=initiative["domain"], code=code, code_key=code, agency_id=agency,
            part="lead" if agency == initiative["lead_agency_id"] else "support", title=title,
            search_key=search_key(code, title), deliverable="گزارش و تحویل کار", acceptance_criterion="بازدید مدیر محله",
            weight=rng.randrange(1, 101), due_on=due, baseline_due_on=due if initiative["status"] in BEGUN else None,
            status=step, status_since=NOW - timedelta(days=rng.randrange(1, 60)),
            open=initiative["status"] in BEGUN and step not in (*ENDED, "verified"), reported_done_on=done,
            report_note="انجام شد" if done else None, verified_at=NOW - timedelta(days=1) if verified else None,
            verified_on=TODAY - timedelta(days=1) if verified else None, verified_by=manager if verified else None,
            verification_note="دیده شد" if verified else None, declined_by=agency if step == "declined" else None,
        )
