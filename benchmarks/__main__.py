"""``python -m benchmarks [NAME…] [--repeats N] [--quick] [--json PATH] [--list]``."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.runner import ENTRIES, Options, load, machine, title

_REPEATS = 3


def main(words: list[str] | None = None) -> int:
    """Measure the named entries, or all; print their tables and write the JSON file if one is named."""
    asked = _parser().parse_args(words)
    if asked.list:
        for name in ENTRIES:
            print(f"{name:12}  {title(load(name))}")
        return 0
    repeats = 1 if asked.quick else asked.repeats
    place = machine()
    results: dict[str, Any] = {"machine": place, "repeats": repeats}
    print(f"{place['system']}, {place['cpus']} CPUs, load {place['load']}, Python {place['python']}")
    print(", ".join(f"{name} {version}" for name, version in place["packages"].items()))
    started = time.perf_counter()
    for name in asked.names or ENTRIES:
        entry = load(name)
        print(f"\n## {name}: {title(entry)}")
        report = entry.measure(Options(repeats, _say, asked.quick))
        for table in report.tables:
            print(f"\n{table}")
        print("\n" + "\n".join(f"- {note}" for note in report.notes))
        results[name] = report.data
    print(f"\nmeasured in {time.perf_counter() - started:.0f} s, each side {repeats}×")
    if asked.json:
        _write(asked.json, results)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Paired, interleaved benchmarks."
    )
    # not `choices`: argparse holds the empty list of "all" against them
    parser.add_argument("names", nargs="*", metavar="NAME", type=_name, help=f"of {', '.join(ENTRIES)}")
    parser.add_argument("--repeats", type=_count, default=_REPEATS, metavar="N", help="runs of each side")
    parser.add_argument("--quick", action="store_true", help="one run of each side: does it work at all")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write all measurements there")
    parser.add_argument("--list", action="store_true", help="name the entries and stop")
    return parser


def _name(text: str) -> str:
    if text not in ENTRIES:
        raise argparse.ArgumentTypeError(f"{text!r} is not one of {', '.join(ENTRIES)}")
    return text


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("a whole number of at least 1 is needed")
    return int(text)


def _say(text: str) -> None:
    print(f"  … {text}", file=sys.stderr, flush=True)


def _write(path: Path, results: dict[str, Any]) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    temporary.replace(path)


if __name__ == "__main__":
    sys.exit(main())
