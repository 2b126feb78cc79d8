"""Prints what PyPI's icalendar reads of an invitation on standard input, as JSON."""

import json
import sys
from datetime import timezone

import icalendar

calendar = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
(event,) = calendar.walk("VEVENT")
attendee = event["ATTENDEE"]


def at(name: str) -> str:
    moment = event[name].dt
    assert moment.tzinfo is not None and moment.utcoffset().total_seconds() == 0, name
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


json.dump(
    {
        "method": str(calendar["METHOD"]),
        "uid": str(event["UID"]),
        "sequence": int(event["SEQUENCE"]),
        "start": at("DTSTART"),
        "end": at("DTEND"),
        "summary": str(event["SUMMARY"]),
        "description": str(event["DESCRIPTION"]),
        "status": str(event["STATUS"]),
        "organizer": str(event["ORGANIZER"]),
        "name": str(event["ORGANIZER"].params["CN"]),
        "attendee": str(attendee),
        "errors": [str(e) for e in event.errors],
    },
    sys.stdout,
)
