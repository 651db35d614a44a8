"""`main.py bench`: measured figures, each against its baseline in the same run."""

import argparse

import msgspec

from console.bench.figure import BenchSize
from console.bench.registry import BENCHES
from console.commandline.command import Command, CommandError
from console.commandline.table import table_text
from console.settings import Settings


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", choices=[bench.name for bench in BENCHES], help="what to measure")
    parser.add_argument("--json", action="store_true", help="one line of JSON a figure")
    parser.add_argument(
        "--small", action="store_true", help="a short run that checks the bench, not the speed"
    )
    parser.add_argument(
        "--days",
        type=int,
        metavar="N",
        help="bench history: load so many days of 30 devices first, a reading a second (0.45 GB a day)",
    )
    parser.add_argument("--only", default="", metavar="FAULT", help="bench faults: one fault instead of all")


def _run(options: argparse.Namespace, settings: Settings) -> int:
    bench = next(bench for bench in BENCHES if bench.name == options.name)
    if options.days is not None and not (bench.takes_days and 7 <= options.days <= 700):
        raise CommandError(f"--days {options.days}: bench history takes 7 to 700 days, other benches none.")
    if options.only and options.only not in bench.takes_only:
        known = ", ".join(bench.takes_only) or "none"
        raise CommandError(f"--only {options.only}: bench {bench.name} has {known} to choose from.")
    figures = bench.run(BenchSize(is_small=options.small, days=options.days, only=options.only))
    if options.json:
        for figure in figures:
            print(msgspec.json.encode(figure).decode())
    else:
        rows = [
            (
                figure.name,
                f"{figure.value:,.4g} {figure.unit}",
                "" if figure.baseline is None else f"{figure.baseline:,.4g} {figure.unit}",
                "" if figure.ratio is None else f"{figure.ratio:.3f} ×",
                figure.target,
                "met" if figure.met else "MISSED",
            )
            for figure in figures
        ]
        print(table_text(("FIGURE", "VALUE", "BASELINE", "RATIO", "TARGET", ""), rows))
    return 0


COMMAND = Command(_add_arguments, _run, "main.py bench ingest --json")
