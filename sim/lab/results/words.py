"""
The words of the printed tables and of the field, each with one sentence.

Columns, articles, classes of severity and accounts of time say what they are where they are defined
(``columns.py``, ``judge/taxonomy.py``, ``judge/severity.py``, ``measure/ledger.py``); here is what
remains.
"""

from typing import Final

WORDS: Final = {
    "ego": "The one car under study.",
    "guide": "Whoever speaks to the car about the way: a program, a model or a person.",
    "driver": "What drives the car and answers for it; it may refuse what the guide says.",
    "arm": "Who drives the same trips: a guarded car, one that obeys, or one without a guide.",
    "no_guide": "The arm in which nobody speaks: the guarded car with a silent guide.",
    "guarded": "The arm whose driver adopts advice only if its guard finds it safe and affordable.",
    "obeying_machine": "The arm of a machine without a guard, which does what it is told.",
    "obeying_human": "The arm of a person who does what is said, a reaction time late.",
    "judging_human": "The arm of a person who does what is said where it still seems possible.",
    "twin": "The same car on the same trip with a silent guide: what breaks there, no guide broke.",
    "baseline": "The same trip without a guide: what a detour is measured against.",
    "trip": "One origin and goal under one draw of traffic, weather and closures.",
    "rate": "Probability of an error per message, of guides that can be told to err.",
    "message": "One thing that the guide says, with a proposal or without one.",
    "proposal": "The change of the route that a message asks for.",
    "accepted": "Proposals that the driver agreed to, also those that only repeat its own plan.",
    "changes": "Accepted proposals that changed the planned route: these the budget limits.",
    "refused": "Proposals that the driver did not follow, each for one reason.",
    "missed": "Planned turns that could not be made safely any more; the car went another way.",
    "detour": "Time beyond the same trip without a guide; only of trips on which both arrived.",
    "ratio": "Road driven over the length of the shortest legal route of the same trip.",
    "budget": "What one trip grants the guide: a number of route changes, and planned extra time.",
    "bought": "Planned extra time of the accepted changes that cost time.",
    "right advice": "Proposals whose way, legal and open, saves planned time on the true map.",
    "needless": "Refused right advice that the car surely had the road to follow.",
    "price": "Planned time that refused right advice would have saved.",
    "infraction": "A rule broken, found by the judge on the true trace and caused by ego.",
    "crashes": "Contacts with another vehicle or a person that ego caused.",
    "S2+": "Serious infractions: those of class S2, S3 and S4.",
    "induced": "Infractions that the same car with a silent guide lacks: the guide's doing.",
    "near miss": "No contact, but so little time was left that only a sharp evasion helped.",
    "free flow": "Driving at the speed limit, without lights, traffic or stops.",
    "delay": "Time beyond the free flow of the trip: what lights, traffic and detours cost.",
    "bound on the delay": "The most that a trip can take in a fair world, whatever the guide says.",
    "95 %": "The interval holds the truth in 95 of 100 such experiments; the trip is the unit.",
}
"""What each word of the tables means."""
