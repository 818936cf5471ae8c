"""Sequence models of gross primary production: a transformer and a GRU over the days of a window.

A sample is a few tokens (B, K, C): means of spans of a window of days that ends on the target's day, NaN where nothing
was seen, each at its day in the window (B, K), -1 where the span holds nothing. The transformer looks its positions up
in a learnt table, one row a day, so that spans ten days apart and spans two days apart differ; the GRU is told the days
since the token before.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.checks import InputError

EMPTY = -1  # position of a token that holds nothing
LIMIT = 6.0  # standard deviations beyond which an input is cut
BATCH, RATE, DECAY = 64, 2e-3, 1e-2  # of AdamW; the rate is the highest of one cycle
STEPS = (250, 500)  # least and most steps of a fit
PASSES = 12  # how often a fit of middling size sees each sample
CLIP = 1.0  # longest gradient
PREDICTED_AT_ONCE = 2048  # samples
WARM_UP = 0.15  # share of the steps in which the rate rises

Kind = Literal["transformer", "gru"]
# Sizes by name. "transformer_paper" has the dims of arXiv 2511.11706 and takes a graphics card or
# patience.
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "transformer": {"kind": "transformer", "width": 48, "heads": 4, "layers": 2, "feed_forward": 96},
    "transformer_paper": {"kind": "transformer", "width": 96, "heads": 8, "layers": 3, "feed_forward": 1024},
    "gru": {"kind": "gru", "width": 48, "layers": 1},
}


@dataclass(frozen=True, kw_only=True)
class SequenceConfig:
    """All that is needed to build a model; saved with its weights."""

    kind: Kind
    channels: int  # features of a token
    days: int  # of the window: positions 0 to days - 1
    width: int  # d_model
    layers: int
    heads: int = 4  # of the transformer
    feed_forward: int = 96  # of the transformer
    dropout: float = 0.05

    def __post_init__(self) -> None:
        if self.kind == "transformer" and self.width % self.heads:
            raise InputError(f"width: {self.width} cannot be split among {self.heads} heads; choose a multiple of it")

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Scaling(nn.Module):
    """Tokens as numbers around 0, a missing one as 0, and beside them which ones are there: (B, K, C) -> (B, K, 2C)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("spread", torch.ones(channels))
        self.mean: Tensor
        self.spread: Tensor

    def learn(self, tokens: Tensor) -> None:
        """Take mean and spread of the tokens that train."""
        known = torch.isfinite(tokens)
        count = known.sum(dim=(0, 1)).clamp(min=1)
        values = torch.where(known, tokens, 0.0).double()
        mean = values.sum(dim=(0, 1)) / count
        variance = torch.where(known, (values - mean) ** 2, 0.0).sum(dim=(0, 1)) / count
        self.mean.copy_(mean)
        self.spread.copy_(variance.sqrt().clamp(min=1e-6))

    def forward(self, tokens: Tensor) -> Tensor:
        known = torch.isfinite(tokens)
        scaled = ((tokens - self.mean) / self.spread).clamp(-LIMIT, LIMIT)
        return torch.cat([torch.where(known, scaled, 0.0), known.to(tokens.dtype)], dim=-1)


class TemporalTransformer(nn.Module):
    """Attention among the days of a window; read off at the target's day, as the paper does."""

    def __init__(self, config: SequenceConfig) -> None:
        super().__init__()
        self.config = config
        self.scaling = Scaling(config.channels)
        self.input = nn.Linear(2 * config.channels, config.width)
        self.position = nn.Embedding(config.days, config.width)
        layer = nn.TransformerEncoderLayer(
            config.width, config.heads, config.feed_forward, config.dropout, batch_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, config.layers, enable_nested_tensor=False)
        self.head = nn.Linear(config.width, 1)

    def forward(self, tokens: Tensor, positions: Tensor) -> Tensor:
        """Tokens (B, K, C) and their days (B, K) -> (B,), around 0."""
        place = self.position(positions.clamp(min=0)) / math.sqrt(self.config.width)
        empty = positions == EMPTY
        empty = torch.cat([empty[:, :-1], torch.zeros_like(empty[:, -1:])], dim=1)  # the target's day is always there
        hidden = self.encoder(self.input(self.scaling(tokens)) + place, src_key_padding_mask=empty)
        return self.head(hidden[:, -1]).squeeze(-1)


class GatedRecurrent(nn.Module):
    """A GRU over the days of a window; each token is told how many days lie between it and the one before."""

    def __init__(self, config: SequenceConfig) -> None:
        super().__init__()
        self.config = config
        self.scaling = Scaling(config.channels)
        self.input = nn.Linear(2 * config.channels + 1, config.width)
        self.recurrent = nn.GRU(config.width, config.width, config.layers, batch_first=True)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.width, 1)

    def forward(self, tokens: Tensor, positions: Tensor) -> Tensor:
        """Tokens (B, K, C) and their days (B, K) -> (B,), around 0."""
        places = positions.clamp(min=0).to(tokens.dtype)
        latest = torch.cummax(places, dim=1).values
        gaps = torch.diff(latest, dim=1, prepend=latest[:, :1]) / self.config.days
        told = torch.cat([self.scaling(tokens), gaps.unsqueeze(-1)], dim=-1)
        hidden, _ = self.recurrent(torch.tanh(self.input(told)))
        return self.head(self.dropout(hidden[:, -1])).squeeze(-1)


KINDS: Mapping[str, Callable[[SequenceConfig], nn.Module]] = {"transformer": TemporalTransformer, "gru": GatedRecurrent}


@dataclass(frozen=True, kw_only=True, eq=False)
class Fitted:
    """A trained model; predictions are `mean + spread * model(...)`."""

    model: nn.Module
    config: SequenceConfig
    mean: float
    spread: float


def fit(
    config: SequenceConfig,
    *,
    tokens: NDArray[np.float32],
    positions: NDArray[np.int64],
    target: NDArray[np.float32],
    seed: int = 0,
    progress: Callable[[float, str], None] | None = None,
) -> Fitted:
    """Train on tokens (n, K, C), their days (n, K) and targets (n,); the same for the same seed."""
    _check(config, tokens, positions)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = KINDS[config.kind](config)
        x, place, y = torch.from_numpy(tokens), torch.from_numpy(positions), torch.from_numpy(target)
        mean, spread = float(y.mean()), max(float(y.std()), 1e-6)
        model.scaling.learn(x)  # type: ignore[union-attr, operator]
        _train(model, x, place, (y - mean) / spread, progress)
    return Fitted(model=model.eval(), config=config, mean=mean, spread=spread)


def _train(
    model: nn.Module, x: Tensor, place: Tensor, y: Tensor, progress: Callable[[float, str], None] | None
) -> None:
    steps = int(np.clip(PASSES * len(y) / BATCH, *STEPS))
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=WARM_UP)
    loss_of = nn.SmoothL1Loss(beta=0.5)
    model.train()
    order = torch.empty(0, dtype=torch.long)
    for step in range(steps):
        if len(order) < BATCH:
            order = torch.cat([order, torch.randperm(len(y))])
        rows, order = order[:BATCH], order[BATCH:]
        optimiser.zero_grad()
        loss = loss_of(model(x[rows], place[rows]), y[rows])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimiser.step()
        schedule.step()
        if progress and step % 20 == 0:
            progress(step / steps, f"step {step} of {steps}")


@torch.no_grad()
def predict(fitted: Fitted, *, tokens: NDArray[np.float32], positions: NDArray[np.int64]) -> NDArray[np.float32]:
    """Targets (n,) of tokens (n, K, C) at their days (n, K)."""
    _check(fitted.config, tokens, positions)
    found = []
    for first in range(0, len(tokens), PREDICTED_AT_ONCE):
        part = slice(first, first + PREDICTED_AT_ONCE)
        found.append(fitted.model(torch.from_numpy(tokens[part]), torch.from_numpy(positions[part])))
    whole = torch.cat(found) if found else torch.zeros(0)
    return (fitted.mean + fitted.spread * whole).numpy()


def _check(config: SequenceConfig, tokens: NDArray[np.float32], positions: NDArray[np.int64]) -> None:
    if tokens.ndim != 3 or tokens.shape[2] != config.channels:
        raise InputError(f"tokens: have the shape {tokens.shape}; give (samples, tokens, {config.channels})")
    if positions.shape != tokens.shape[:2]:
        raise InputError(f"positions: have the shape {positions.shape}; give {tokens.shape[:2]}, a day for each token")
    if positions.size and not EMPTY <= positions.min() <= positions.max() < config.days:
        raise InputError(f"positions: go to day {positions.max()}; give days within a window of {config.days}")


# ---------------------------------------------------------------- on disk
def to_tensors(fitted: Fitted) -> dict[str, Tensor]:
    """All that a safetensors file has to hold, beside the config."""
    scale = {"target.mean": torch.tensor(fitted.mean), "target.spread": torch.tensor(fitted.spread)}
    return {name: value.contiguous() for name, value in fitted.model.state_dict().items()} | scale


def from_tensors(config: SequenceConfig, tensors: Mapping[str, Tensor]) -> Fitted:
    """The model of `to_tensors`; InputError if the tensors are of another one."""
    own = dict(tensors)
    try:
        mean, spread = float(own.pop("target.mean")), float(own.pop("target.spread"))
        model = KINDS[config.kind](config)
        model.load_state_dict(own)
    except (KeyError, RuntimeError) as error:
        raise InputError("weights: are not those of this model; save it again") from error
    return Fitted(model=model.eval(), config=config, mean=mean, spread=spread)


def save(fitted: Fitted, stem: Path) -> None:
    """Write STEM.safetensors and STEM.json."""
    from safetensors.torch import save_file

    save_file(to_tensors(fitted), stem.with_suffix(".safetensors"))
    stem.with_suffix(".json").write_text(json.dumps(fitted.config.to_json(), indent=1), encoding="utf-8")


def load(stem: Path) -> Fitted:
    """The model of `save`."""
    from safetensors.torch import load_file

    config = SequenceConfig(**json.loads(stem.with_suffix(".json").read_text(encoding="utf-8")))
    return from_tensors(config, load_file(stem.with_suffix(".safetensors")))
