"""The command line. A new command is one module with a COMMAND in it and one line here."""

from collections.abc import Mapping

from core.cli.clusters import CLUSTER, SIMILAR
from core.cli.command import Command
from core.cli.embed import COMMAND as EMBED
from core.cli.export import COMMAND as EXPORT
from core.cli.fetch import COMMAND as FETCH
from core.cli.gpp import COMMAND as GPP
from core.cli.ingest import COMMAND as INGEST
from core.cli.load import COMMAND as LOAD
from core.cli.open import COMMAND as OPEN
from core.cli.pace import COMMAND as PACE
from core.cli.simulate import COMMAND as SIMULATE
from core.cli.sites import COMMAND as SITES
from core.cli.tower import COMMAND as TOWER
from core.cli.trajectories import COMMAND as TRAJECTORY

COMMANDS: Mapping[str, Command] = {
    "sites": SITES,
    "simulate": SIMULATE,
    "open": OPEN,
    "fetch": FETCH,
    "ingest": INGEST,
    "embed": EMBED,
    "load": LOAD,
    "export": EXPORT,
    "cluster": CLUSTER,
    "similar": SIMILAR,
    "pace": PACE,
    "tower": TOWER,
    "trajectory": TRAJECTORY,
    "gpp": GPP,
}
