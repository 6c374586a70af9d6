"""`python -m stream.cli`: the command line where the `crowdtide` script is not on the path."""

from stream.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main()
