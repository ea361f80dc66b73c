"""Let `python -m geoasm` be the `geoasm` command."""

from geoasm.cli.main import main

if __name__ == "__main__":
    main()
