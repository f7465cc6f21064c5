"""`python -m snapdoctor`."""

from snapdoctor.cli.main import main

main()
