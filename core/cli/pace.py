"""`python -m core pace`: how fast this machine embeds, from a trial of a few seconds."""

from __future__ import annotations

import argparse
import time

from core.cli.command import Command, say, say_json, workspace_of
from core.cli.progress import Reporter, progress_option


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("site", metavar="SITE", help="a site of the workspace, see 'python -m core sites'")
    parser.add_argument("--model", metavar="NAME", help="weights that come with Fluxscape")
    progress_option(parser)


def _run(options: argparse.Namespace) -> None:
    began = time.perf_counter()
    from core.embedding.cards import DEFAULT, find
    from core.embedding.memory import keep_freed_memory
    from core.embedding.trial import measure

    keep_freed_memory()  # as `embed` does, whose pace this is
    card = find(options.model or DEFAULT)
    with Reporter(options.progress, computes=False) as reporter:
        found = measure(workspace_of(options), options.site, card, began=began, progress=reporter)
    rates = {"plain": round(found[False].per_second, 1), "with_error": round(found[True].per_second, 1)}
    if options.json:
        starting = round(found[False].starting_s, 2)
        say_json({"model": card.name, "starting_s": starting, "pixel_dates_per_second": rates})
    else:
        say(f"{card.name} reads {rates['plain']:,.0f} pixel-dates a second, {rates['with_error']:,.0f} with --error.")


COMMAND = Command(
    summary="measure in a few seconds how fast this machine embeds; the app's estimates rest on it",
    examples=("pace SIM-DBF", "pace SIM-DBF --model compact-7 --json"),
    add_arguments=_add_arguments,
    run=_run,
)
