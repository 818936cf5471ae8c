"""The whole campaign: `python -m tests.faults`. Prints how many of each kind were tried and how many held."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path

os.environ["FLUXSCAPE_FAULTS"] = "all"
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest  # after the environment is set: torch reads it when it is imported

KINDS = {
    "test_a_malformed_file": "malformed files",
    "test_a_malformed_argument": "malformed arguments",
    "test_a_malformed_link": "malformed links",
    "test_a_malformed_form": "malformed form values",
    "test_a_threat_is_inert": "hostile files",
    "test_killed_at_any_moment_it_goes_on_to_the_same_result": "kills at a random moment",
    "test_ten_sessions_do_not_mix": "crowds of ten sessions",
}
OTHERS = "checks of the campaign itself"
MALFORMED = "malformed"


class Tally:
    """Counts what pytest tells of each test, and keeps what tests told of themselves."""

    def __init__(self) -> None:
        self.tried: Counter[str] = Counter()
        self.held: Counter[str] = Counter()
        self.told: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" and report.passed:
            return
        kind = KINDS.get(report.nodeid.partition("::")[2].partition("[")[0], OTHERS)
        self.tried[kind] += 1
        self.held[kind] += report.passed
        self.told += [f"  {name}: {value}" for name, value in report.user_properties if report.when == "call"]


def main() -> int:
    tally = Tally()
    options = ["-p", "no:cacheprovider", "-o", "junit_family=xunit1"]
    code = pytest.main([str(Path(__file__).parent), *options, *sys.argv[1:]], plugins=[tally])
    print("\nkind                             tried   held")
    for kind in (*KINDS.values(), OTHERS):
        print(f"{kind:<32}{tally.tried[kind]:6d} {tally.held[kind]:6d}")
    malformed = [kind for kind in KINDS.values() if kind.startswith(MALFORMED)]
    print(f"{'malformed inputs in all':<32}{sum(map(tally.tried.__getitem__, malformed)):6d}", end=" ")
    print(f"{sum(map(tally.held.__getitem__, malformed)):6d}")
    if tally.told:
        print("\n".join(["told by the tests:", *tally.told]))
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
