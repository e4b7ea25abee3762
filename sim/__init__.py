"""
The simulator.

::

    strategic, untrusted            tactical + operational, trusted               ground truth
    agents/  Guide --Proposal-->  sim/driver  Guard -> Planner -> Controller --Command-->  sim/world
                  <--Verdict--           ^                    Perception                      |
                                         +---------------------------------------------------+
                                                                                           Trace
                                                sim/lab: metrics, statistics  <--  sim/judge <-+
"""
