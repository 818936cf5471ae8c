"""The registry of regressors. A further one is one entry in REGRESSORS.

`classic` wraps scikit-learn's, which see a row of numbers a sample; `sequence` those of `models.gpp`, which see the
window's days in their order.
"""

from core.gpp.regressors.registry import REGRESSORS, Entry, Regressor, get_entry, usual_model

__all__ = ["REGRESSORS", "Entry", "Regressor", "get_entry", "usual_model"]
