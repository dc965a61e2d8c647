"""Turns what `cargo bench` prints into the table of bench/README.md. Not to be called by itself: bench/benches.sh."""

import datetime
import os
import re
import sys
from pathlib import Path

from tables import processor, write_tables

BEGIN, END = "<!-- table by bench/benches.sh -->", "<!-- end of benches -->"
README = Path(__file__).parent / "README.md"
SECONDS = {"ps": 1e-12, "ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1.0}
PER_SECOND = {"": 1.0, "K": 1e3, "M": 1e6, "G": 1e9}


def shown(seconds):
    unit = next(unit for unit in ("s", "ms", "µs", "ns", "ps") if seconds >= SECONDS[unit] or unit == "ps")
    return f"{seconds / SECONDS[unit]:.3g} {unit}"


def figures(cells):
    """Fastest and median of a line, in seconds, or in seconds an item where the line counts items."""
    cells = cells + [""] * 3
    times = [re.fullmatch(r"([\d.]+) (ps|ns|µs|ms|s)", cell) for cell in cells]
    rates = [re.fullmatch(r"([\d.]+) ([KMG]?)item/s", cell) for cell in cells]
    if times[0] and times[2]:
        return "run", [float(time[1]) * SECONDS[time[2]] for time in (times[0], times[2])]
    if rates[0] and rates[2]:
        return "item", [1.0 / (float(rate[1]) * PER_SECOND[rate[2]]) for rate in (rates[0], rates[2])]
    return None, []


def rows(lines):
    """(benchmark, argument, what is timed, fastest, median), an item where items are counted."""
    found, group, last = [], "", None
    for line in lines:
        line = re.sub(r"\x1b\[[0-9;]*m", "", line.rstrip("\n"))
        tree = re.match(r"[│├╰─ ]*", line)[0]
        cells = [cell.strip() for cell in line[len(tree):].split("│")]
        name, _, first = cells[0].partition("  ")
        kind, values = figures([(first or cells[0]).strip()] + cells[1:])
        if kind == "run":
            argument = name if tree.startswith(("│", " ")) else ""
            last = [group if argument else name, argument, "run", *values]
            found.append(last)
        elif kind == "item" and last:
            last[2:] = ["item", *values]
        elif re.match(r"[├╰]", tree):
            group = name
    return found


def main():
    found = rows(sys.stdin.readlines())
    if not found:
        sys.exit("nothing was timed")
    today = datetime.date.today().isoformat()
    text = [f"{today}, {processor()}, load {os.getloadavg()[0]:.1f}.", "",
            "| benchmark | of | timed is one | fastest | median |", "|---|---|---|---:|---:|"]
    for benchmark, argument, kind, fastest, median in found:
        name = benchmark.replace("_", " ")
        text.append(f"| {name} | {argument} | {kind} | {shown(fastest)} | {shown(median)} |")
    print("\n".join(text))
    write_tables(README, BEGIN, END, text)


main()
