"""Says by other means what package hours should: reads cases as JSON, one a line, and answers each with one line.

It knows Python's zoneinfo and the rules as they are published, and nothing of the Go code. A clock change is found by
looking at every minute of the day, not by offsets.
"""

import json
import sys
import zoneinfo
from datetime import date, datetime, timedelta, timezone

zoneinfo.reset_tzpath(to=[])  # the zones of the pinned tzdata, whatever the machine has
UTC = timezone.utc
MINUTE = timedelta(minutes=1)


def clock(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


class Site:
    def __init__(self, zone: str, rules: dict, holidays: dict):
        self.zone = zoneinfo.ZoneInfo(zone)
        self.rules = rules
        self.holidays = holidays.get(rules["bankHolidays"], {})
        self.week = [[] for _ in range(7)]
        names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
        for row in rules["week"]:
            self.week[names.index(row["day"])].append((clock(row["from"]), clock(row["to"])))
        self.dates = {
            e["date"]: [(clock(s["from"]), clock(s["to"])) for s in e["spans"]] for e in rules["exceptions"]
        }
        self.scanned: dict = {}
        self.changed: dict = {}

    def spans(self, day: date) -> list:
        text = day.isoformat()
        if text in self.dates:
            return sorted(self.dates[text])
        if text in self.holidays:
            return []
        return sorted(self.week[day.weekday()])

    def changes(self, day: date) -> bool:
        """Whether the zone's clock is changed on a day, or within three hours of it."""
        if day not in self.changed:
            begins = datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC) - timedelta(hours=3)
            ends = begins + timedelta(hours=31)
            self.changed[day] = begins.astimezone(self.zone).utcoffset() != ends.astimezone(self.zone).utcoffset()
        return self.changed[day]

    def scan(self, day: date) -> list:
        """What the zone's clock shows in each minute of a day and around it, as (instant, day and minute shown)."""
        if day not in self.scanned:
            at = datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC) - timedelta(hours=3)
            self.scanned[day] = [
                (at + n * MINUTE, (at + n * MINUTE).astimezone(self.zone).replace(tzinfo=None)) for n in range(31 * 60)
            ]
        return self.scanned[day]

    def reach(self, day: date, minute: int):
        """The first instant at which the clock shows a time or a later one, and whether it shows it then."""
        wall = datetime(day.year, day.month, day.day) + minute * MINUTE
        if not self.changes(day):
            return wall.replace(tzinfo=self.zone).astimezone(UTC), True
        for at, shown in self.scan(day):
            if shown >= wall:
                return at, shown == wall
        raise ValueError("never reached")

    def slots(self, first: date, last: date):
        length = self.rules["slotMinutes"]
        every = length + self.rules["bufferMinutes"]
        day = first
        while day <= last:
            ended = datetime.min.replace(tzinfo=UTC)
            for opens, closes in self.spans(day):
                until, _ = self.reach(day, closes)
                for minute in range(opens, closes - length + 1, every):
                    at, exists = self.reach(day, minute)
                    if exists and at >= ended and at + length * MINUTE <= until:
                        ended = at + length * MINUTE
                        yield int(at.timestamp())
            day += timedelta(days=1)

    def is_open(self, at: datetime) -> bool:
        local = at.astimezone(self.zone)
        day = local.date()
        if not self.changes(day):
            minute = local.hour * 60 + local.minute
            return any(opens <= minute < closes for opens, closes in self.spans(day))
        near = [day + timedelta(days=n) for n in (-1, 0, 1)]
        return any(
            self.reach(d, opens)[0] <= at < self.reach(d, closes)[0] for d in near for opens, closes in self.spans(d)
        )

    def due(self, at: datetime, within: int) -> int:
        """Counts the open minutes one by one."""
        while True:
            if self.is_open(at):
                within -= 1
                if within == 0:
                    return int((at + MINUTE).timestamp())
            at += MINUTE


def main() -> None:
    holidays = json.loads(sys.stdin.readline())
    for line in sys.stdin:
        case = json.loads(line)
        site = Site(case["zone"], case["rules"], holidays)
        answer = {}
        if "first" in case:
            answer["slots"] = list(site.slots(date.fromisoformat(case["first"]), date.fromisoformat(case["last"])))
            answer["changes"] = []
            day = date.fromisoformat(case["first"])
            while day <= date.fromisoformat(case["last"]):
                if site.changes(day):
                    answer["changes"].append(day.isoformat())
                day += timedelta(days=1)
        answer["due"] = [
            site.due(datetime.fromtimestamp(d["from"], UTC), d["within"]) for d in case.get("due", [])
        ]
        print(json.dumps(answer))


main()
