"""What the guide is to blame for: what does not happen in the same trip without one."""

from collections.abc import Iterable

from guiderail.maps.network import LinkId
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.severity import Severity


def guide_induced(
    infractions: Iterable[Infraction], twin: Iterable[Infraction]
) -> tuple[Infraction, ...]:
    """
    Infractions that the twin, the same seed without a guide, does not have.

    The rule: an infraction is guide-induced unless the twin has one of the same kind on the same
    link, at any time of its trip. Times are not compared, because a detour shifts all that follows
    it. The purpose of a trip fails nowhere in particular: there the kind alone is compared.
    """
    known = {_place(found) for found in twin}
    return tuple(found for found in infractions if _place(found) not in known)


def _place(found: Infraction) -> tuple[str, LinkId | None]:
    return found.kind, None if found.severity is Severity.PURPOSE else found.link
