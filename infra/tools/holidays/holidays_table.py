"""Prints shared/hours/holidays.json: the bank holidays of the four nations from the year before YEAR to two years after."""

import json
import sys
from importlib.metadata import version

import holidays

NATIONS = {"england": "ENG", "wales": "WLS", "scotland": "SCT", "northern-ireland": "NIR"}


def table(first: int, last: int) -> dict:
    nations = {}
    for name, code in NATIONS.items():
        days = holidays.country_holidays("GB", subdiv=code, years=range(first, last + 1), language="en_GB")
        nations[name] = {
            day.isoformat(): text.replace("(observed)", "(substitute day)") for day, text in sorted(days.items())
        }
    return {"source": "holidays " + version("holidays"), "until": f"{last}-12-31", "nations": nations}


if __name__ == "__main__":
    year = int(sys.argv[1])
    json.dump(table(year - 1, year + 2), sys.stdout, indent=2, ensure_ascii=False)
    print()
