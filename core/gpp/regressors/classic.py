"""Regressors of scikit-learn: a row of numbers a sample. Fillers and scalers are steps of the pipeline, so that they
are learnt from what trains and nothing else."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from core.gpp.regressors.registry import Build
from core.gpp.windows import LIGHT, Design
from core.progress import Progress

Floats = NDArray[np.floating]
TREES = 120
JOBS = max(1, min(2, os.cpu_count() or 1))
DATED = "unusual"  # the regressor that is told tower and day of each sample, and reads indices out of embeddings
READOUT = "readout"  # its step that does
HALF = 0.5  # of the rows that each tree of a random forest sees: it takes half the time
VECTOR_ROWS = 4_000  # that support vectors take of a blend's
LIMIT = 6.0  # standard deviations beyond which a scaled feature is cut: clouds that were taken for clear sky


class Classic:
    """A pipeline behind the interface of the registry."""

    def __init__(self, name: str, parameters: Mapping[str, Any], seed: int, build: Build | None = None) -> None:
        self.name, self.parameters, self.seed = name, parameters, seed
        self.build = build or BUILDERS[name]

    def fit(self, design: Design, y: Floats, *, progress: Progress | None = None) -> Self:
        from core.gpp.regressors.readout import Places

        lights = [turn for turn, group in enumerate(design.groups) if group == LIGHT]
        places = Places.of(design) if self.name == DATED else None
        parameters = {**self.parameters, "column": lights[0] if lights else None, "places": places}
        self.pipeline_ = self.build(parameters, self.seed)
        with warnings.catch_warnings():  # a kernel's parameter at its bound is no failure
            warnings.filterwarnings("ignore", message=".*close to the specified.*")
            beside = {f"{DATED}__{name}": value for name, value in self._beside(design).items()}
            beside |= {f"{READOUT}__aside": design.aside} if places is not None else {}
            self.pipeline_.fit(design.flat.astype(np.float32), y, **beside)
        return self

    def predict(self, design: Design) -> Floats:
        found = self.pipeline_.predict(design.flat.astype(np.float32), **self._beside(design))
        return np.asarray(found, dtype=float)

    def _beside(self, design: Design) -> dict[str, Any]:
        """Tower and day, for the regressor that asks for them."""
        return {"sites": design.sites, "days": design.days} if self.name == DATED else {}


def _filled(*steps: Any) -> Any:
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline

    return make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), *steps)


def _scaled(*steps: Any) -> Any:
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    cut = FunctionTransformer(np.clip, kw_args={"a_min": -LIMIT, "a_max": LIMIT}, feature_names_out="one-to-one")
    return _filled(StandardScaler(), cut, *steps)


def _plain_ridge() -> Any:
    from sklearn.linear_model import Ridge

    return Ridge(alpha=300.0)


def _ridge(parameters: Mapping[str, Any], seed: int) -> Any:
    from sklearn.linear_model import Ridge

    return _scaled(Ridge(alpha=parameters["alpha"]))


def _trees(kind: str, parameters: Mapping[str, Any], seed: int) -> Any:
    estimator = _forest(kind, parameters, seed, TREES)
    return _filled(estimator.set_params(max_samples=HALF) if kind == "RandomForestRegressor" else estimator)


def _forest(kind: str, parameters: Mapping[str, Any], seed: int, trees: int) -> Any:
    import sklearn.ensemble

    settings = {"n_estimators": trees, "max_features": 0.4, "n_jobs": JOBS, "random_state": seed}
    return getattr(sklearn.ensemble, kind)(min_samples_leaf=parameters["min_samples_leaf"], **settings)


def _boosting(parameters: Mapping[str, Any], seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(
        max_iter=200,
        learning_rate=0.06,
        max_leaf_nodes=parameters["max_leaf_nodes"],
        min_samples_leaf=20,
        l2_regularization=1.0,
        max_features=0.5,
        early_stopping=False,
        random_state=seed,
    )


def _support_vectors(parameters: Mapping[str, Any], seed: int) -> Any:
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVR

    model = SVR(C=parameters["C"], gamma=parameters["gamma"], epsilon=0.1)
    return TransformedTargetRegressor(_scaled(model), transformer=StandardScaler())


def quick_optimum(objective: Any, start: Floats, bounds: Floats) -> tuple[Floats, float]:
    """The kernel's parameters after a few steps; more of them change predictions by little."""
    from scipy.optimize import minimize

    found = minimize(objective, start, jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": 12})
    return found.x, float(found.fun)


def _gaussian_process(parameters: Mapping[str, Any], seed: int) -> Any:
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct, WhiteKernel

    linear = ConstantKernel(0.01, (1e-5, 1e1)) * DotProduct(1.0, (1e-2, 1e2))
    curved = ConstantKernel(0.5, (1e-3, 1e2)) * RBF(8.0, (1.0, 1e2))
    kernel = linear + curved + WhiteKernel(0.3, (1e-2, 2.0))
    model = GaussianProcessRegressor(kernel, normalize_y=True, optimizer=quick_optimum, random_state=seed)
    return _scaled(model)


def _light_use(parameters: Mapping[str, Any], seed: int) -> Any:
    from core.gpp.regressors.light_use import LightUse

    base = _scaled(_plain_ridge()) if parameters["column"] is None else None
    trees = _trees("ExtraTreesRegressor", parameters, seed)
    return LightUse(column=parameters["column"], base=base, trees=trees, share=parameters["share"])


def _blend(parameters: Mapping[str, Any], seed: int) -> Any:
    from sklearn.ensemble import VotingRegressor

    from core.gpp.regressors.some_rows import SomeRows

    vectors = SomeRows(_support_vectors({"C": 3.0, "gamma": 0.01}, seed), most=VECTOR_ROWS, seed=seed)
    boosted = _boosting({"max_leaf_nodes": 7}, seed)
    members = [("light_use", _light_use(parameters, seed)), ("boosted", boosted), ("vectors", vectors)]
    return VotingRegressor(members)


def _unusual(parameters: Mapping[str, Any], seed: int) -> Any:
    from sklearn.ensemble import VotingRegressor
    from sklearn.pipeline import make_pipeline

    from core.gpp.regressors.readout import Readout
    from core.gpp.regressors.unusual import Unusual

    forest = _forest("ExtraTreesRegressor", parameters, seed, TREES // 2)
    boosted = _boosting(parameters, seed)
    plain = _filled(_light_use({**parameters, "share": 0.5, "min_samples_leaf": 5}, seed))
    readout = Readout(**asdict(parameters["places"])) if parameters["places"] else Readout()
    trees = VotingRegressor([("forest", forest), ("boosted", boosted)])
    return make_pipeline(readout, Unusual(trees=trees, plain=plain))


BUILDERS: Mapping[str, Build] = {
    "ridge": _ridge,
    "random_forest": lambda parameters, seed: _trees("RandomForestRegressor", parameters, seed),
    "extra_trees": lambda parameters, seed: _trees("ExtraTreesRegressor", parameters, seed),
    "hist_gradient_boosting": _boosting,
    "support_vectors": _support_vectors,
    "gaussian_process": _gaussian_process,
    "light_use": _light_use,
    "blend": _blend,
    DATED: _unusual,
}
