"""Maps on disk: load, save, the shelf of added maps, and exports for other tools."""
