"""`python -m core gpp`: fit a regressor of gross primary production, and judge it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.cli.command import (
    Command,
    make_folder,
    say,
    say_json,
    seed,
    share,
    shared_arguments,
    table,
    warn,
    workspace_of,
)
from core.cli.gpp_map import add_map, run_map
from core.cli.progress import Reporter, progress_option
from core.schema import InputError

USUAL_SPLIT = "leave-year-out"  # of sites


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    fit = actions.add_parser(
        "fit",
        help="fit a regressor and judge it on what it never saw",
        parents=[shared_arguments()],
        allow_abbrev=False,
    )
    fit.add_argument("sites", nargs="*", metavar="SITE", help="sites of the workspace; or --table, or --towers")
    _add_table(fit)
    _add_sites(fit)
    _add_method(fit)
    add_map(actions)


def _add_table(fit: argparse.ArgumentParser) -> None:
    own = fit.add_argument_group("a table of one's own")
    own.add_argument("--table", type=Path, metavar="FILE", help="CSV or Parquet, one row a tower and day")
    own.add_argument("--target", metavar="COLUMN", help="measured GPP, gC m-2 d-1")
    own.add_argument("--group", metavar="COLUMN", help="the tower")
    own.add_argument("--time", metavar="COLUMN", help="the day")
    own.add_argument("--quality", metavar="COLUMN", help="share of the day that was measured, 0 to 1 or percent")
    own.add_argument("--class", dest="vegetation", metavar="COLUMN", help="the vegetation class")
    own.add_argument("--no-derive", action="store_true", help="do not add the indices that the bands give")
    own.add_argument("--towers", action="store_true", help="the workspace's table of 30 simulated towers")


def _add_sites(fit: argparse.ArgumentParser) -> None:
    own = fit.add_argument_group("sites of the workspace")
    own.add_argument("--footprint", default="kernel", help="circle:METRES, kernel:METRES or a GeoTIFF (%(default)s)")
    words = "an embedding run of a site (else the newest, by a model that all sites share)"
    own.add_argument("--run", dest="run_ids", action="append", default=[], metavar="ID", help=words)
    own.add_argument(
        "--tower", dest="tower_files", action="append", default=[], metavar="SITE=FILE", help="a tower file of a site"
    )


def _add_method(fit: argparse.ArgumentParser) -> None:
    own = fit.add_argument_group("how")
    own.add_argument(
        "--features", metavar="A,B,C", help="columns of the table; of sites: embedding, bands, indices, backscatter, "
        "weather, clearsky, season, tower",
    )  # fmt: skip
    own.add_argument("--split", metavar="NAME", help="leave-year-out, leave-site-out, leave-group-out, "
                     "leave-class-out, blocked or fixed-years")  # fmt: skip
    own.add_argument("--model", metavar="NAME", help="the regressor (in splits by time unusual, else blend)")
    own.add_argument("--window", type=int, metavar="DAYS", help="1 to 120 days that end on the target's")
    own.add_argument("--min-quality", type=share, default=None, metavar="SHARE", help="below it a day does not count")
    own.add_argument("--folds", type=int, metavar="COUNT", help="parts to hold out in turn")
    own.add_argument("--train-years", type=_years, metavar="Y,Y", help="of fixed-years (the paper's 2017,2018,2019)")
    own.add_argument("--test-years", type=_years, metavar="Y,Y", help="of fixed-years (the paper's 2020)")
    own.add_argument("--seed", type=seed, default=0, metavar="NUMBER", help="equal seeds give equal fits")
    own.add_argument("--shuffled", action="store_true", help="deal the targets anew: what is then explained is a leak")
    own.add_argument("--out", type=Path, metavar="FOLDER", help="write predictions, model and report here")
    progress_option(own)


def _years(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(year) for year in text.split(","))
    except ValueError:
        raise InputError("years", text, "are no years", "write them as 2017,2018,2019") from None


def _run(options: argparse.Namespace) -> None:
    if options.action == "map":
        run_map(options)
        return
    from core.gpp.fit import fit_model
    from core.gpp.regressors import get_entry, usual_model
    from core.gpp.splits import Options

    split = options.split or (USUAL_SPLIT if options.sites else "leave-group-out")
    model = options.model or usual_model(split)
    get_entry(model)
    if bool(options.sites) + (options.table is not None) + options.towers != 1:
        raise InputError("SITE", " ".join(options.sites), "is no single choice", "give sites, --table FILE or --towers")
    years = {name: getattr(options, name) for name in ("train_years", "test_years") if getattr(options, name)}
    if options.folds is not None and options.folds < 2:
        raise InputError("--folds", options.folds, "is too few to hold out in turn", "give 2 or more")
    if options.out:
        make_folder(options.out)
    with Reporter(options.progress) as reporter:
        frames, source = _frames(options)
        outcome = fit_model(
            frames,
            model=model,
            split=split,
            window=options.window,
            options=Options(folds=options.folds, **years),
            seed=options.seed,
            shuffled=options.shuffled,
            source=source,
            workspace=workspace_of(options) if options.sites and not options.shuffled else None,
            out=options.out,
            progress=reporter,
        )
    if options.json:
        say_json(outcome)
    else:
        for note in outcome["notes"]:
            warn(note)
        say(_text(outcome))


def _frames(options: argparse.Namespace) -> tuple[Any, dict[str, Any]]:
    """What to learn from, and how to name it in a run or report."""
    names = tuple(name.strip() for name in (options.features or "").split(",") if name.strip())
    if options.sites:
        from core.gpp.sites import OWN, Request, open_sites, usual_kinds
        from core.gpp.splits import IN_TIME

        if not names and (options.split or USUAL_SPLIT) in IN_TIME:
            known = OWN if len(options.sites) > 1 else OWN[:1]
            names = (*usual_kinds(workspace_of(options), options.sites), *known)
        towers, runs = dict(_pair(text) for text in options.tower_files), _runs(options)
        for argument, of in (("--tower", towers), ("--run", runs)):
            if strange := sorted(of.keys() - set(options.sites)):
                raise InputError(argument, ", ".join(strange), "is not among the sites", "name it there too")
        wanted = Request(
            sites=tuple(options.sites),
            kinds=names,
            footprint=options.footprint,
            runs=runs,
            towers=towers,
            **({} if options.min_quality is None else {"min_quality": options.min_quality}),
        )
        return open_sites(workspace_of(options), wanted), {"request": wanted}
    from core.gpp.table import TableColumns, open_table

    if options.towers:
        from core.gpp.simulated import simulated_towers

        return simulated_towers(workspace_of(options), names), {"arguments": ["--towers"]}
    if options.target is None:
        raise InputError("--target", "", "is not given", "name the column of measured GPP")
    columns = TableColumns(
        target=options.target,
        features=names,
        group=options.group,
        time=options.time,
        quality=options.quality,
        min_quality=0.7 if options.min_quality is None and options.quality else (options.min_quality or 0.0),
        vegetation=options.vegetation,
        derive=not options.no_derive,
    )
    return open_table(options.table, columns), {"arguments": _repeated(options)}


def _repeated(options: argparse.Namespace) -> list[str]:
    """The options of a table, to be told again."""
    given = {
        "--table": options.table,
        "--target": options.target,
        "--group": options.group,
        "--time": options.time,
        "--features": options.features,
        "--quality": options.quality,
        "--class": options.vegetation,
        "--min-quality": options.min_quality,
    }
    words = [word for name, value in given.items() if value is not None for word in (name, str(value))]
    return [*words, *(["--no-derive"] if options.no_derive else [])]


def _runs(options: argparse.Namespace) -> dict[str, str]:
    workspace = workspace_of(options)
    return {workspace.run(run).spec.site: run for run in options.run_ids}


def _pair(text: str) -> tuple[str, Path]:
    site, equals, path = text.partition("=")
    if not equals or not path:
        raise InputError("--tower", text, "names no file", "write it as SITE=FILE")
    return site, Path(path)


def _text(found: dict[str, Any]) -> str:
    skill = "not defined" if found["skill"] is None else f"{found['skill']:+.2f}"
    head = (
        f"Skill over climatology {skill}; {found['model']}, {found['split']}, {found['n']} held-out days of "
        f"{found['groups']} towers in {found['folds']} folds; the 90 % interval covers {100 * found['coverage']:.0f} %."
    )
    names = ("r2", "rmse", "mae", "bias", "kge", "skill")
    rows: list[list[str]] = [["", *names], [found["model"], *(_number(found[name]) for name in names)]]
    rows += [[label, *(_number(scores[name]) for name in names)] for label, scores in found["baselines"].items()]
    where = f"\nStored as {found['run']}." if found.get("run") else ""
    return f"{head}\n{table(rows)}{where}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


COMMAND = Command(
    summary="fit gross primary production from satellites and weather, and judge it on what it never saw",
    examples=(
        "gpp fit SIM-DBF SIM-GRA --split leave-year-out",
        "gpp fit SIM-DBF --features bands,indices,weather --model random_forest --json",
        "gpp fit --table mine.csv --target GPP --group SITE_ID --time date --features b2,b3,b4,b5 "
        "--split leave-group-out --model blend --json",
        "gpp fit --towers --split leave-site-out --model hist_gradient_boosting",
        "gpp map SIM-GRA-gpp-0123456789ab SIM-GRA --start 2021-01-01 --end 2021-12-31 --to season.nc",
    ),
    add_arguments=_add_arguments,
    run=_run,
)
