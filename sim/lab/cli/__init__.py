"""The `guiderail` command, one module per group of subcommands."""
