"""The `geoasm` command, one file a subcommand."""
