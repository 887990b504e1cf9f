"""`python -m floorbook` is `floorbook`."""

from floorbook.cli import main

if __name__ == "__main__":
    main()
