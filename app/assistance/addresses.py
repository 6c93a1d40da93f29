"""Postal addresses the French way: a number, a kind of street and its name; a postcode and its town."""

import re
from collections.abc import Iterator

from app.assistance.found import Found

CLEAR = (
    r"rue|avenue|av\.?|boulevard|bd\.?|bld\.?|bvd\.?|all[ée]e|impasse|chemin|quai|venelle|ruelle|r[ée]sidence"
    r"|lotissement|esplanade|sentier|hameau|faubourg|fbg\.?|rond-point"
)
# These are also things one counts (« 2 cours de français »): a street only when a name in capitals follows.
COMMON = r"place|pl\.|cours|square|route|rte\.?|passage|promenade|mail|cit[ée]|mont[ée]e|traverse|villa|parvis|clos"
SMALL = r"(?i:(?:de|du|des|la|le|les|aux?|en|sur|sous|et|saint|sainte|st|ste|général|docteur|maréchal)\s|[dl][’'])"
CAPITAL = r"[A-ZÀ-ÖØ-Ý][\w’'-]*"
TOWN = rf"{CAPITAL}(?:[ -](?:{CAPITAL}|sur|sous|la|le|les|en|lès|de|du|des)){{0,5}}"
POSTCODE = r"(?:0[1-9]|[1-8]\d|9[0-58])\d{3}"
NUMBER = r"(?<![\w.,/-])\d{1,4}(?:\s?(?i:bis|ter|quater)\b|\s?[a-dA-D]\b)?,?\s{1,2}"
STREET = re.compile(
    rf"{NUMBER}(?:(?i:{CLEAR})\s{SMALL}{{0,5}}[^\W\d_][\w’'-]*|(?i:{COMMON})\s{SMALL}{{0,5}}{CAPITAL})"
    rf"(?:[ -]{CAPITAL}){{0,4}}(?:\s?[,–-]?\s{{0,2}}{POSTCODE}\s{TOWN})?"
)
LINE = re.compile(rf"(?<![\w.,/+-]){POSTCODE}\s({TOWN})")
# What one counts by the ten thousand, written with a capital.
COUNTED = re.compile(r"(?:Euros?|Personnes?|Habitant\w*|Francs?|Logements?|Places?|Familles?|Signatures?)\b")


def addresses(text: str) -> Iterator[Found]:
    """A street with its number, and the town after it; a postcode with its town standing alone."""
    streets = [match.span() for match in STREET.finditer(text)]
    lines = [match.span() for match in LINE.finditer(text) if not COUNTED.match(match[1])]
    alone = [line for line in lines if not any(start <= line[0] < end for start, end in streets)]
    for start, end in sorted(streets + alone):
        yield Found("address", start, end)
