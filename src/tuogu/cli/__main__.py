"""`python -m tuogu.cli` is `tuogu`."""

from tuogu.cli import main

main()
