"""Build the emulator's weights: sample PROSAIL, fit the network, keep held-out spectra for the test.

    pip install -r core/simulate/emulator/requirements-build.txt
    python -m core.simulate.emulator.build --spectra tests/core/simulate/emulator/prosail_spectra.npz

About five minutes of sampling on two processes and two minutes of fitting; progress is printed.
"""

import argparse
import logging
import warnings
from functools import cache
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np
import prosail
from pyrsr import RSR
from scipy.stats import qmc
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor

from core.simulate.arrays import Floats
from core.simulate.emulator.rtm import BOUNDS, Canopy, network_inputs

log = logging.getLogger(__name__)

BANDS = ("2", "3", "4", "5", "6", "7", "8", "8A", "11", "12")  # pyrsr's names, in the order of the site cube
WAVELENGTHS = np.arange(400, 2501)  # nm, PROSAIL's grid
HIDDEN = (96, 96)
SCHEDULE = ((3e-3, 25), (1e-3, 20), (2e-4, 15), (4e-5, 5))  # (learning rate, epochs)
HELD_OUT = 4096  # samples that never train
STORED = 500  # of the held-out spectra, how many the test keeps


@cache
def band_weights() -> Floats:
    """Sentinel-2A response times solar irradiance, (2101 wavelengths, 10 bands), each column summing to one."""
    response = RSR(satellite="Sentinel-2A", sensor="MSI", no_thermal=True, no_pan=True)
    grid = np.asarray(response.rsrs_wvl)
    columns = [np.interp(WAVELENGTHS, grid, np.asarray(response.rsrs[b]), left=0, right=0) for b in BANDS]
    weights = np.stack(columns, axis=1) * np.asarray(prosail.spectral_lib.light.es)[:, None]
    return weights / weights.sum(axis=0)


def sample_canopies(count: int) -> Floats:
    """Sobol points (count, 14) in physical units, denser at low leaf area and low chlorophyll."""
    unit = qmc.Sobol(len(BOUNDS), seed=7).random(count)
    unit[:, Canopy._fields.index("lai")] **= 1.8
    unit[:, Canopy._fields.index("chlorophyll")] **= 1.2
    low, high = np.array(list(BOUNDS.values())).T
    return low + (high - low) * unit


def prosail_bands(canopy: Floats) -> Floats:
    """The ten band reflectances of one canopy (14,) by PROSAIL itself."""
    c = Canopy(*canopy)
    spectrum = prosail.run_prosail(
        c.leaf_layers, c.chlorophyll, c.carotenoids, c.brown, c.leaf_water, c.leaf_mass,
        np.maximum(c.lai, 1e-4), c.leaf_angle, c.hotspot, c.sun_zenith, c.view_zenith, c.relative_azimuth,
        prospect_version="D", typelidf=2, rsoil=c.soil_brightness, psoil=c.soil_dryness,
    )  # fmt: skip
    return spectrum @ band_weights()


def fit(inputs: Floats, targets: Floats) -> MLPRegressor:
    """The network fitted to standardised inputs (n, 18) and targets (n, 10) with a falling learning rate."""
    warnings.simplefilter("ignore", ConvergenceWarning)  # the schedule decides when to stop
    net = MLPRegressor(hidden_layer_sizes=HIDDEN, activation="tanh", batch_size=512, alpha=1e-7, random_state=0)
    for rate, epochs in SCHEDULE:
        net.set_params(learning_rate_init=rate, max_iter=epochs, warm_start=True, tol=0.0, n_iter_no_change=epochs)
        net.fit(inputs, targets)
        log.info("learning rate %g: loss %.2e", rate, net.loss_)
    return net


def standardised(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Values (n, columns) with mean 0 and standard deviation 1, and the mean and deviation taken out."""
    mean, std = values.mean(axis=0), values.std(axis=0)
    return (values - mean) / std, mean, std


def train(canopies: Floats, bands: Floats) -> dict[str, Floats]:
    """Weights and scales as `rtm` reads them, from samples (n, 14) and their reflectance (n, 10)."""
    inputs, input_mean, input_std = standardised(network_inputs(Canopy(*canopies.T)))
    targets, target_mean, target_std = standardised(np.sqrt(bands))
    net = fit(inputs[:-HELD_OUT], targets[:-HELD_OUT])
    predicted = (net.predict(inputs[-HELD_OUT:]) * target_std + target_mean) ** 2
    rmse = np.sqrt(np.mean((predicted - bands[-HELD_OUT:]) ** 2, axis=0))
    log.info("held-out RMSE per band: %s", dict(zip(BANDS, rmse.round(5).tolist(), strict=True)))
    scale = {"input_mean": input_mean, "input_std": input_std, "target_mean": target_mean, "target_std": target_std}
    weights = {f"w{i}": w for i, w in enumerate(net.coefs_)} | {f"b{i}": b for i, b in enumerate(net.intercepts_)}
    return scale | weights


def main() -> None:
    """Sample, fit, report the error per band and write the two files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=131072, help="Sobol points, a power of two")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--weights", type=Path, default=Path(__file__).with_name("weights.npz"))
    parser.add_argument("--spectra", type=Path, required=True, help="where the held-out spectra go")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")

    canopies = sample_canopies(args.samples)
    with Pool(args.processes) as pool:
        bands = np.array(pool.map(prosail_bands, list(canopies), chunksize=256))
    log.info("sampled %d canopies", len(bands))
    weights: dict[str, Any] = {name: values.astype(np.float32) for name, values in train(canopies, bands).items()}
    np.savez_compressed(args.weights, **weights)
    np.savez_compressed(
        args.spectra,
        canopies=canopies[-STORED:].astype(np.float32),
        reflectance=bands[-STORED:].astype(np.float32),
    )


if __name__ == "__main__":
    main()
