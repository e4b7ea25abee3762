"""The report as one page: self-contained, offline, printable."""
