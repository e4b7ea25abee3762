"""Readers of OpenStreetMap: files, downloads and graphs of OSMnx."""
