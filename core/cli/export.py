"""`python -m core export`: an embedding as files that other programs open."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.command import Command, say, say_json, seed, workspace_of
from core.cli.progress import Reporter, progress_option

FORMS = ("zarr", "cog", "geoparquet")


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_id", metavar="RUN", help="the id of an embedding run")
    parser.add_argument("path", type=Path, metavar="PATH", help="what to write: a folder for zarr and cog, else a file")
    parser.add_argument(
        "--to",
        choices=FORMS,
        required=True,
        help="the whole cube (zarr), a GeoTIFF a date (cog), or sampled pixels (geoparquet)",
    )
    parser.add_argument("--date", action="append", metavar="DATE", help="only this date, may be repeated (cog)")
    parser.add_argument("--samples", type=int, default=1000, metavar="N", help="pixels drawn at random (geoparquet)")
    parser.add_argument("--seed", type=seed, default=0, metavar="SEED", help="of the drawing (geoparquet)")
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier export")
    progress_option(parser)


def _run(options: argparse.Namespace) -> None:
    from core.export.cube import export_zarr
    from core.export.rasters import export_geotiffs
    from core.export.samples import export_samples

    run = workspace_of(options).run(options.run_id)
    with Reporter(options.progress) as reporter:
        if options.to == "zarr":
            written = [export_zarr(run, options.path, overwrite=options.overwrite)]
        elif options.to == "cog":
            written = export_geotiffs(run, options.path, options.date, overwrite=options.overwrite, progress=reporter)
        else:
            written = [export_samples(run, options.path, options.samples, options.seed, overwrite=options.overwrite)]
    files = [str(path) for path in written]
    if options.json:
        say_json({"run": run.id, "to": options.to, "files": files})
    else:
        say("\n".join(files))


COMMAND = Command(
    summary="write an embedding as Zarr, as a cloud-optimised GeoTIFF a date, or as GeoParquet of sampled pixels",
    examples=(
        "export SIM-DBF-embedding-0123456789ab cube.zarr --to zarr",
        "export SIM-DBF-embedding-0123456789ab july/ --to cog --date 2021-07-14",
        "export SIM-DBF-embedding-0123456789ab pixels.parquet --to geoparquet --samples 500 --seed 1",
    ),
    add_arguments=_add_arguments,
    run=_run,
)
