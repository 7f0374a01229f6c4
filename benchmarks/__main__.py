"""Prints what errorpages costs, as ratios from one run."""

from __future__ import annotations

import logging

from benchmarks import errors, success

ROW = "{:<64} {:>8} {:>8}  {}"


def main() -> None:
    """Run every measurement and print its ratio beside its target."""
    # What becomes of a page's log line is the site's choice; here it is made, and written nowhere.
    logging.getLogger("errorpages").addHandler(logging.NullHandler())
    print(ROW.format("measurement", "ratio", "target", "microseconds"))
    for measure in (*success.MEASUREMENTS, *errors.MEASUREMENTS):
        for name, ratio, target, times in measure():
            microseconds = ", ".join(f"{rival} {time:.2f}" for rival, time in times.items())
            print(ROW.format(name, f"{ratio:.2f}", f"≤ {target:.2f}", microseconds), flush=True)


if __name__ == "__main__":
    main()
