#!/usr/bin/env python3
"""The door: where dependencies are missing, set them up first; then hand over to the command line."""

import sys

if sys.version_info < (3, 11):
    sys.exit("The operator console needs Python 3.11 or newer; this is " + sys.version.split()[0] + ".")

if __name__ == "__main__":
    from installer.bootstrap import ensure_environment

    words = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    # Benches measure against libraries that only the tests need.
    ensure_environment(with_tests=words[:1] in (["test"], ["bench"]))
    from console.cli import main

    sys.exit(main())
