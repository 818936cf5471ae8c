"""Flux-tower files as daily series of gross primary production (GPP).

text      the file's own form: comment lines, delimiter, unit line, archives
formats   the networks' formats, one entry each: which column is GPP, which is its quality, what its unit is
stamps    when each record begins, and how long it lasts
daily     records -> days, with a completeness rule and an account of what each rule drops
spikes    days that stand out of their neighbourhood
series    a tower as it was read
joining   several files of one tower as one series
desk      `read_tower`: all of these together

from core.flux import read_tower
"""

from core.flux.daily import Rules
from core.flux.desk import read_tower
from core.flux.series import Tower

__all__ = ["Rules", "Tower", "read_tower"]
