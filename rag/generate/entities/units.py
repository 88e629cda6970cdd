"""The units of numbers: how they are written, and which may stand for another."""

from __future__ import annotations

import re

UNITS = {
    form: unit
    for unit, forms in {
        "%": "% percent pct pc percentage",
        "$": "$ us$ usd dollar dollars",
        "€": "€ eur euro euros",
        "£": "£ gbp sterling",
        "pound": "pound pounds",  # of money or of weight
        "¥": "¥ yen jpy",
        "yuan": "yuan rmb cny renminbi",
        "rupee": "₹ ₨ rs pkr inr rupee rupees",
        "cent": "cent cents",
        "km": "km kms kilometre kilometres kilometer kilometers",
        "m": "m metre metres meter meters",
        "cm": "cm centimetre centimetres centimeter centimeters",
        "mm": "mm millimetre millimetres millimeter millimeters",
        "mile": "mi mile miles",
        "ft": "ft foot feet",
        "inch": "inch inches",
        "kg": "kg kilo kilos kilogram kilograms",
        "g": "g gram grams",
        "tonne": "tonne tonnes ton tons",
        "lb": "lb lbs",
        "litre": "litre litres liter liters",
        "°C": "°c celsius",
        "°F": "°f fahrenheit",
        "°": "° degree degrees",
        "second": "seconds sec secs",
        "minute": "minute minutes min mins",
        "hour": "hour hours hr hrs",
        "day": "day days",
        "week": "week weeks",
        "month": "month months",
        "year": "year years yr yrs",
        "decade": "decade decades",
        "century": "century centuries",
        "watt": "w watt watts",
        "kW": "kw kilowatt kilowatts",
        "MW": "mw megawatt megawatts",
        "GW": "gw gigawatt gigawatts",
        "kWh": "kwh",
        "MWh": "mwh",
        "GWh": "gwh",
        "square m": "m² m2",
        "square km": "km² km2",
        "cubic m": "m³ m3",
        "hectare": "ha hectare hectares",
        "acre": "acre acres",
        "km/h": "km/h kmh kph",
        "mph": "mph",
    }.items()
    for form in forms.split()
}
MONEY = {"$", "€", "£", "pound", "¥", "yuan", "rupee", "cent"}
# Units that a number alone never stands for: 30 is not 30 %.
TELLING = MONEY | {"%", "th", "decade of years", "time"}
SAME_UNIT = {("pound", "£"), ("pound", "lb"), ("°", "°C"), ("°", "°F")}

# Patterns, to be matched with `re.VERBOSE` and in any case of letters.
MONEY_BEFORE = r"(?:US\$|[$€£¥₹₨]|\b(?:Rs\.?|PKR|INR|USD|EUR|GBP|CNY|RMB|JPY)(?=\s?\d))"
_FORMS = "|".join(re.escape(form) for form in sorted(UNITS, key=len, reverse=True))
_WHOSE = r"""(?:(?:U\.?S\.?|American)\s(?=dollars?\b)|(?:Pakistani|Indian)\s(?=rupees?\b)
    |Chinese\s(?=yuan\b|renminbi\b)|British\s(?=pounds?\b)|Japanese\s(?=yen\b))"""
UNIT = rf"(?:(?:(?:square|sq\.?|cubic)[\s-]|{_WHOSE})?(?:per\s?cent|{_FORMS})(?!\w))"


def read_unit(written: str) -> str:
    """Return the unit that a match of `UNIT` or `MONEY_BEFORE` says.

    >>> read_unit("US dollars"), read_unit("sq km"), read_unit("per cent")
    ('$', 'square km', '%')
    """
    *before, form = re.split(r"[\s-]+", written.lower().rstrip("."))
    if before == ["per"]:
        return "%"
    power = {"square": "square ", "sq": "square ", "cubic": "cubic "}
    return power.get(before[0].rstrip(".") if before else "", "") + UNITS[form]


def is_same_unit(said: str, found: str) -> bool:
    """Return whether a number with the unit found may be said with the other, or with none."""
    if said == found or (said, found) in SAME_UNIT or (found, said) in SAME_UNIT:
        return True
    return not said and found not in TELLING
