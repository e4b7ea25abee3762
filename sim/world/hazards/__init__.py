"""
What may come in the way of the ego besides cars: one module and one entry of the list each.

To add one, write a module with a class that extends :class:`~.hazard.Hazard`, and name the class in
``HAZARDS`` of ``all.py``. What it needs is handed to it; what it records is in ``Trace.hazards``
under its name, so no column is added anywhere.
"""
