"""`python -m core tower`: a flux-tower file, read and judged."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.command import Command, say, say_json, table
from core.flux.daily import UNITS, Rules


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="+", type=Path, metavar="FILE", help="a tower's file, or several of one tower")
    parser.add_argument("--gpp", metavar="COLUMN", help="the column of GPP (else the best there is)")
    parser.add_argument("--quality", metavar="COLUMN", help="the column of its quality")
    parser.add_argument("--no-quality", action="store_true", help="take every value, whatever its quality")
    parser.add_argument("--time", metavar="COLUMN", help="the column of the time")
    parser.add_argument("--unit", metavar="UNIT", help=f"of GPP in the file: {', '.join(UNITS)}")
    parser.add_argument("--site", metavar="CODE", help="the site's code (else from the file)")
    parser.add_argument(
        "--completeness",
        type=float,
        default=Rules.completeness,
        metavar="SHARE",
        help="of a day's records that must have a value (%(default)s)",
    )
    parser.add_argument(
        "--min-quality",
        type=float,
        default=Rules.min_quality,
        metavar="SHARE",
        help="of a day that must be measured or filled with high confidence (%(default)s)",
    )
    parser.add_argument("--clip-negative", action="store_true", help="set negative GPP to 0 (kept otherwise)")
    parser.add_argument("--drop-spikes", action="store_true", help="drop days that stand out (flagged otherwise)")


def _run(options: argparse.Namespace) -> None:
    from core.flux.desk import Choice, Tower, read_tower

    tower: Tower = read_tower(
        options.file,
        choice=Choice(
            gpp=options.gpp,
            quality=options.quality,
            no_quality=options.no_quality,
            time=options.time,
            unit=options.unit,
            site=options.site,
        ),
        rules=Rules(
            completeness=options.completeness,
            min_quality=options.min_quality,
            clip_negative=options.clip_negative,
            drop_spikes=options.drop_spikes,
        ),
    )
    told = tower.to_json()
    if options.json:
        say_json(told)
        return
    dropped = ", ".join(f"{rule} {days}" for rule, days in told["dropped"].items())
    rows = [
        ("site", told["site"]),
        ("format", f"{told['format']}, {told['resolution']}"),
        ("dates", f"{told['start']} to {told['end']}"),
        ("days", f"{told['days_valid']} valid of {told['days']}"),
        ("days dropped", dropped),
        ("GPP", f"{told['gpp_column']}, partitioning: {told['partitioning']}"),
        ("quality", f"{told['qc_column']}, at least {told['min_quality']}" if told["qc_column"] else "none"),
        ("unit", f"{told['unit']}, in the file {told['source_unit']}"),
        ("mean, min, max", "no valid day" if told["mean"] is None else f"{told['mean']}, {told['min']}, {told['max']}"),
    ]
    say("\n".join([table(rows), *(f"- {note}" for note in told["notes"])]))


COMMAND = Command(
    summary="read a flux-tower file: which GPP, which unit, how many days each rule drops",
    examples=(
        "tower FLX_DE-Hai_FLUXNET2015_FULLSET_DD_2000-2012_1-4.csv",
        "tower ICOSETC_BE-Bra_FLUXNET_HH_L2.csv --gpp GPP_DT_VUT_REF --json",
        "tower mine.csv --gpp uptake --quality flag --time day --site XX-Abc",
    ),
    add_arguments=_add_arguments,
    run=_run,
)
