"""Names of the synthetic town: with doubles, near-homophones and accents on purpose."""

from typing import Final

STREETS: Final = (
    "Mill Lane",
    "Mile Lane",
    "Baker Street",
    "Bakker Street",
    "Rue de l'Église",
    "Königstraße",
    "Harbour Street",
    "Harper Street",
    "Møllergata",
    "Chestnut Avenue",
    "Station Road",
    "Stationers Road",
    "Alder Way",
    "Elder Way",
    "Calle del Niño",
    "Weaver Street",
)
ARTERIALS: Final = ("High Street", "Main Street")
"""The two roads that cross in the middle: the row and the column."""
_DISTRICTS: Final = ("", "Upper ", "Lower ", "East ", "West ")
DOUBLE: Final = "Mill Lane"
"""The name that two streets of every town share."""
PLACES: Final = (
    ("Café Central", "cafe"),
    ("Cafe Centrale", "cafe"),
    ("Café Central", "cafe"),
    ("Blue Bakery", "bakery"),
    ("Blew Bakery", "bakery"),
    ("Town Hall", "townhall"),
    ("Saint Ann School", "school"),
    ("Saint Anne Church", "place_of_worship"),
    ("Corner Pharmacy", "pharmacy"),
    ("Österreich Haus", "restaurant"),
    ("Riverside Hotel", "hotel"),
    ("Riverside Hostel", "hostel"),
    ("Old Library", "library"),
    ("Corner Pharmacy", "pharmacy"),
    ("Filling Station", "fuel"),
    ("Green Market", "marketplace"),
)


def street_name(number: int) -> str:
    """Name of the street with a running number; every fifth has none, two share one."""
    if number % 5 == 3:  # noqa: PLR2004  a rhythm, nothing more
        return ""
    if number == 14:  # noqa: PLR2004  far enough from the first of the name
        return DOUBLE
    district, street = divmod(number, len(STREETS))
    lap, prefix = divmod(district, len(_DISTRICTS))
    return f"{_DISTRICTS[prefix]}{STREETS[street]}" + (f" {lap + 1}" if lap else "")
