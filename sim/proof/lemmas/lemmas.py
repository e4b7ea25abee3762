"""
The rules of the guard as lemmas over all reals and all integers, for two solvers to prove.

Each is stated as *hypotheses imply claim*. It is proved where hypotheses and the negated claim have
no model; it is *not vacuous* where the hypotheses alone have one. Units are free over the reals; on
the lattice they are ticks and steps: position in 10 mm, speed in 20 mm/s steps times ticks, so that
one tick at speed step v covers 2 v of a tenth of a step. Formulas are written here anew: nothing is
imported from the driver, and a test compares them with the shipped functions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from guiderail.maps.errors import to_install
from guiderail.sim.contract.errors import KernelError

MISSING: Final = f"the lemmas need a solver: {to_install('proof')}"


@dataclass(frozen=True, kw_only=True)
class Lemma:
    """One statement; with ``is_false`` one that must have a counterexample."""

    name: str
    says: str
    hypotheses: tuple[Any, ...]
    claim: Any
    is_false: bool = False


def solver() -> Any:
    """
    Load z3.

    Raises
    ------
    KernelError
        When it is not installed.
    """
    try:
        import z3  # noqa: PLC0415
    except ImportError:
        raise KernelError(MISSING) from None
    return z3


def lemmas() -> list[Lemma]:
    """State them all."""
    z3 = solver()
    made: list[Lemma] = []
    for topic in _TOPICS:
        made += topic(z3)
    return made


def _stopping(z3: Any) -> list[Lemma]:
    """Reals: distance d left, speed v, braking b, one step of length t, acceleration a."""
    d, v, b, t, a, u = z3.Reals("d v b t a u")
    base = (d >= 0, v >= 0, b > 0, t > 0)
    can_stop = v * v <= 2 * b * d
    d1, v1 = d - v * t - a * t * t / 2, v + a * t
    braked_d, braked_v = d - v * t + b * t * t / 2, v - b * t
    return [
        Lemma(
            name="braking_keeps_stoppable",
            says="A car that can stop and brakes for a whole step can still stop.",
            hypotheses=(*base, can_stop, v >= b * t),
            claim=z3.And(braked_d >= 0, braked_v * braked_v <= 2 * b * braked_d),
        ),
        Lemma(
            name="stopping_inside_a_step_stays_short",
            says="A car that can stop and stands before the step ends has not passed the line.",
            hypotheses=(*base, can_stop, v < b * t),
            claim=v * v / (2 * b) <= d,
        ),
        Lemma(
            name="accepted_acceleration_keeps_stoppable",
            says="Whatever acceleration is accepted by looking one step ahead can be stopped from.",
            hypotheses=(*base, d1 >= 0, v1 >= 0, v1 * v1 <= 2 * b * d1, u >= 0),
            claim=v1 * v1 <= 2 * b * (d1 + u),
        ),
        Lemma(
            name="between_two_looks",
            says="Speeding up for part of a step needs no more road than for all of it.",
            hypotheses=(
                *base,
                a >= 0,
                u >= 0,
                u <= t,
                v1 * v1 <= 2 * b * d1,
            ),
            claim=(v + a * u) * (v + a * u) <= 2 * b * (d - v * u - a * u * u / 2),
        ),
    ]


def _turning(z3: Any) -> list[Lemma]:
    """The same for a node at distance d that is to be met at the speed m of its turn."""
    d, v, b, t, m = z3.Reals("d v b t m")
    base = (d >= 0, v >= 0, b > 0, t > 0)
    can_stop, can_make = v * v <= 2 * b * d, v * v - m * m <= 2 * b * d
    braked_d, braked_v = d - v * t + b * t * t / 2, v - b * t
    return [
        Lemma(
            name="braking_keeps_makeable",
            says="A car that can meet a turn's speed and brakes can still meet it.",
            hypotheses=(*base, m >= 0, can_make, v - b * t >= m),
            claim=braked_v * braked_v - m * m <= 2 * b * braked_d,
        ),
        Lemma(
            name="speed_at_the_node",
            says="Braking from where a turn can be made, the node is met at its speed or slower.",
            hypotheses=(*base, m >= 0, can_make, d == 0),
            claim=v <= m,
        ),
        Lemma(
            name="stoppable_means_every_turn_is_open",
            says="Who can stop before the node can make any turn there.",
            hypotheses=(*base, m >= 0, can_stop),
            claim=can_make,
        ),
        Lemma(
            name="late_turn_without_a_guard",
            says="WRONG: a turn may be begun at the node at any speed.",
            hypotheses=(*base, m >= 0, d == 0),
            claim=can_make,
            is_false=True,
        ),
    ]


def _commit(z3: Any) -> list[Lemma]:
    d, v, r, b, m, margin = z3.Reals("d v r b m margin")
    lanes, each = z3.Real("lanes"), z3.Real("each")
    base = (d >= 0, v >= 0, r >= 0, b > 0, m >= 0, margin >= 0)
    admitted = (v * v - m * m) <= 2 * b * (d - v * r - margin)
    w = z3.Real("w")
    return [
        Lemma(
            name="commit_leaves_the_reaction",
            says="An admitted turn can still be made after the whole reaction time.",
            hypotheses=(*base, admitted),
            claim=v * v - m * m <= 2 * b * (d - v * r),
        ),
        Lemma(
            name="refusal_is_monotone_in_speed",
            says="What is too late at a speed is too late at any higher one.",
            hypotheses=(*base, w >= v, z3.Not(admitted)),
            claim=w * w - m * m > 2 * b * (d - w * r - margin),
        ),
        Lemma(
            name="lanes_are_changed_before_braking",
            says="Road for the lane changes is road beside that for braking, not the same.",
            hypotheses=(
                *base,
                lanes >= 0,
                each >= 0,
                v * v - m * m <= 2 * b * (d - v * r - margin - lanes * each),
            ),
            claim=v * v - m * m <= 2 * b * (d - v * r - lanes * each),
        ),
        Lemma(
            name="harder_braking_is_for_the_admission_alone",
            says="What comfort braking can do, the harder admission braking can do.",
            hypotheses=(*base, w >= b, v * v - m * m <= 2 * b * d),
            claim=v * v - m * m <= 2 * w * d,
        ),
    ]


def _following(z3: Any) -> list[Lemma]:
    """Gap g, own speed v and braking b, leader's speed u and braking c, one step t."""
    g, v, u, b, c, t, a = z3.Reals("g v u b c t a")
    base = (g >= 0, v >= 0, u >= 0, b > 0, c > 0, t > 0)
    safe = 2 * b * c * g + u * u * b >= v * v * c
    g1, v1, u1 = g + (u - v) * t + (a + b) * t * t / 2, v - b * t, u + a * t
    s = z3.Real("s")
    return [
        Lemma(
            name="following_with_equal_brakes",
            says="Equal brakes: braking keeps the gap safe whatever the leader does within them.",
            hypotheses=(*base, c == b, safe, v1 >= 0, u1 >= 0, a >= -c),
            claim=2 * b * c * g1 + u1 * u1 * b >= v1 * v1 * c,
        ),
        Lemma(
            name="following_step_keeps_the_end",
            says="Whatever the brakes: a step of braking keeps the end positions apart.",
            hypotheses=(*base, safe, v1 >= 0, u1 >= 0, a >= -c),
            claim=2 * b * c * g1 + u1 * u1 * b >= v1 * v1 * c,
        ),
        Lemma(
            name="following_never_touches",
            says="Own brakes no harder than the leader's: while both brake, the gap stays open.",
            hypotheses=(*base, b <= c, safe, s >= 0, s * c <= u, s * b <= v),
            claim=g + (u - v) * s + (b - c) * s * s / 2 >= 0,
        ),
        Lemma(
            name="following_with_stronger_brakes",
            says="WRONG: comparing end positions is enough even if the own brakes are harder.",
            hypotheses=(*base, b > c, safe, s >= 0, s * c <= u, s * b <= v),
            claim=g + (u - v) * s + (b - c) * s * s / 2 >= 0,
            is_false=True,
        ),
    ]


def _dilemma(z3: Any) -> list[Lemma]:
    d, v, b, r, y = z3.Reals("d v b r y")
    base = (d >= 0, v >= 0, b > 0, r >= 0, y >= 0)
    stops = v * r + v * v / (2 * b) <= d
    passes = v * y >= d
    return [
        Lemma(
            name="no_dilemma",
            says="With y >= r + v / 2b of yellow a car can stop before the line or pass in time.",
            hypotheses=(*base, 2 * b * y >= 2 * b * r + v),
            claim=z3.Or(stops, passes),
        ),
        Lemma(
            name="short_yellow",
            says="WRONG: any yellow will do.",
            hypotheses=(*base, y > 0),
            claim=z3.Or(stops, passes),
            is_false=True,
        ),
    ]


def _lattice(z3: Any) -> list[Lemma]:
    """
    Integers. Speed n steps of 20 mm/s, braking k steps a tick: a tick covers (2 n - k) mm.

    A car at q k + r steps stops after q full ticks and a gentle one: q (q k + 2 r) + r mm, where
    ``r < k``; the shipped function computes the same.
    """
    q, k, r, d, n = z3.Ints("q k r d n")
    # Only this product is not linear: name it, and say what a tick takes off it.
    base = (q >= 0, k >= 1, r >= 0, r < k, d >= 0)
    stop = q * (q * k + 2 * r) + r
    after = (q - 1) * ((q - 1) * k + 2 * r) + r
    speed = q * k + r
    e, p = z3.Ints("e p")
    example = (k == 10, q == 3, r == 5)  # noqa: PLR2004  700 mm/s, braking 2 m/s^2
    return [
        Lemma(
            name="lattice_tick_takes_its_road",
            says="One full tick of braking shortens the stop by exactly the road that it covers.",
            hypotheses=(*base, q >= 1),
            claim=stop - after == 2 * speed - k,
        ),
        Lemma(
            name="lattice_braking_keeps_stoppable",
            says="On the lattice a car that can stop and brakes for a tick can still stop.",
            hypotheses=(*base, q >= 1, stop <= d),
            claim=after <= d - (2 * speed - k),
        ),
        Lemma(
            name="lattice_last_tick",
            says="The gentle last tick covers r mm and stands, not past the line.",
            hypotheses=(*base, q == 0, stop <= d),
            claim=d - speed >= 0,
        ),
        Lemma(
            name="lattice_square_is_not_enough",
            says="WRONG: v^2 <= 2 b d is enough on the lattice.",
            hypotheses=(*base, *example, speed * speed <= k * d),
            claim=stop <= d,
            is_false=True,
        ),
        Lemma(
            name="lattice_slower_needs_less",
            says="One step slower within the same tick needs no more road.",
            hypotheses=(*base, r >= 1, n == q * (q * k + 2 * (r - 1)) + r - 1),
            claim=n <= stop,
        ),
        Lemma(
            name="lattice_slow_down_tick",
            says="The same for slowing down to p steps: a full tick takes off the road it covers.",
            hypotheses=(*base, q >= 1, p >= 0, e == q * (q * k + 2 * r + 2 * p)),
            claim=e - (q - 1) * ((q - 1) * k + 2 * r + 2 * p) == 2 * (speed + p) - k,
        ),
    ]


def _budget(z3: Any) -> list[Lemma]:
    spent, left, extra, most, used, k = z3.Ints("spent left extra most used k")
    base = (spent >= 0, most >= 0, spent <= most, used >= 0, k >= 0, used <= k)
    paid = z3.If(extra > 0, extra, 0)
    granted = (extra <= most - spent, used < k)
    planned, before, driven = z3.Ints("planned before driven")
    return [
        Lemma(
            name="budget_is_never_exceeded",
            says="A granted change leaves the account within its budget.",
            hypotheses=(*base, *granted),
            claim=z3.And(spent + paid <= most, used + 1 <= k),
        ),
        Lemma(
            name="savings_are_not_sold_back",
            says="No change makes what is spent smaller.",
            hypotheses=(*base, *granted),
            claim=spent + paid >= spent,
        ),
        Lemma(
            name="detour_is_paid",
            says="Driven plus planned never exceeds the first plan plus what is spent.",
            hypotheses=(
                *base,
                driven >= 0,
                driven + before <= left + spent,
                planned == before + extra,
            ),
            claim=driven + planned <= left + spent + paid,
        ),
        Lemma(
            name="changes_run_out",
            says="Each granted change leaves one less: the measure of arrival falls.",
            hypotheses=(*base, *granted),
            claim=z3.And(k - (used + 1) < k - used, k - (used + 1) >= 0),
        ),
    ]


_TOPICS: Final[tuple[Callable[[Any], list[Lemma]], ...]] = (
    _stopping,
    _turning,
    _commit,
    _following,
    _dilemma,
    _lattice,
    _budget,
)
