"""The command line. A new command is one module with a COMMAND in it and one line here."""

from collections.abc import Mapping

from core.cli.command import Command
from core.cli.embed import COMMAND as EMBED
from core.cli.open import COMMAND as OPEN
from core.cli.simulate import COMMAND as SIMULATE
from core.cli.sites import COMMAND as SITES

COMMANDS: Mapping[str, Command] = {"sites": SITES, "simulate": SIMULATE, "open": OPEN, "embed": EMBED}
