"""Stage 1 of the `compact` preset: one autoencoder per sensor, made so that neighbours share their work.

Every frame is turned into feature maps by valid convolutions alone; every date then glances at the frames around it,
knowing how many days away each is. No value depends on a patch's border or on a frame's place in the file: computed for
a whole cube (`encode_cube`) or for one window (`encode`), a pixel-date comes out the same. Missing values
enter as a mask. Beyond the edge of a cube, and before its first and after its last frame, everything is missing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn.functional import gelu, pad

from models.blocks import days_since_first
from models.checks import ConfigError, config_from_dict, divides, odd, positive, sensor
from models.contract import Reconstruction, Sample, check_sample

PERIODS = (4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 365.25)  # days, of the waves that encode a gap
REACHES = (30.0, 120.0)  # days, of the ramps that tell before from after
GAP_FEATURES = 2 * len(PERIODS) + len(REACHES)
QUIET = 0.1  # of a layer's usual first weights
PLACE_FEATURES = 3  # rows down, columns right, distance
Pixels = tuple[slice, slice]  # rows and columns
FRAMES_AT_ONCE = 4  # of a cube whose features are made: few enough for the processor's cache
ALL = slice(None)
EVERY_PIXEL: Pixels = (ALL, ALL)


@dataclass(frozen=True, kw_only=True)
class CompactModalityConfig:
    """The dims of one sensor's autoencoder, and the scale its bands are seen on."""

    name: str
    bands: tuple[str, ...]
    mean: tuple[float, ...]  # per band, of the scaled 0..1 values
    std: tuple[float, ...]
    bottleneck: int  # d, the sensor's values that enter fusion
    frames: int = 11  # T, dates in a window
    size: int = 15  # pixels along a window's side
    width: int = 64  # channels of a feature map
    rounds: int = 2  # glances at the other dates
    heads: int = 4
    decoder_width: int = 96

    def __post_init__(self) -> None:
        sensor(self.name, self.bands)
        if not len(self.bands) == len(self.mean) == len(self.std) or min(self.std) <= 0:
            raise ConfigError(f"mean and std are {self.mean} and {self.std}; give one each per band, std above 0")
        for field in ("bottleneck", "width", "rounds", "decoder_width"):
            positive(field, getattr(self, field))
        odd("frames", self.frames)
        odd("size", self.size)
        divides("heads", self.heads, whole_name="width", whole=self.width)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> CompactModalityConfig:
        """The config that `dataclasses.asdict` wrote, also after a way through JSON."""
        return config_from_dict(cls, values)

    @property
    def reach(self) -> int:
        """Frames before and after the date of interest."""
        return self.frames // 2

    @property
    def radius(self) -> int:
        """Pixels around the pixel of interest."""
        return self.size // 2

    @property
    def dilations(self) -> tuple[int, ...]:
        """Spacings of 3 x 3 convolutions whose fields together reach exactly `radius` pixels: 7 = 4 + 2 + 1."""
        spacings, left = [], self.radius
        while left:
            spacings.append((left + 1) // 2)
            left -= spacings[-1]
        return tuple(spacings)


class Perceptron(nn.Module):
    """Two layers at every pixel on its own, added to the input. Keeps (N, width, H, W)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.expand, self.shrink = nn.Conv2d(width, 2 * width, 1), nn.Conv2d(2 * width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.shrink(gelu(self.expand(x), approximate="tanh"))


class Spread(nn.Module):
    """Look `dilation` pixels to each side. (N, width, H, W) -> (N, width, H - 2 dilation, W - 2 dilation)."""

    def __init__(self, width: int, *, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.look = nn.Conv2d(width, width, 3, dilation=dilation, groups=width)
        self.think = Perceptron(width)

    def forward(self, x: Tensor) -> Tensor:
        d = self.dilation
        return self.think(x[..., d:-d, d:-d] + self.look(x))


class Views(nn.Module):
    """Frames (N, C, H, W) with NaN -> comparable values with 0 for what is missing, and what is not: (N, 2 C, H, W)."""

    mean: Tensor
    std: Tensor

    def __init__(self, config: CompactModalityConfig) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(config.mean).view(-1, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(config.std).view(-1, 1, 1), persistent=False)

    def forward(self, frames: Tensor) -> Tensor:
        seen = ~torch.isnan(frames)
        values = torch.where(seen, (frames - self.mean) / self.std, 0.0)
        stacked = torch.cat([values, seen.to(values.dtype)], dim=1)
        return stacked.contiguous(memory_format=torch.channels_last)  # CPUs convolve it faster


class FrameFeatures(nn.Module):
    """One frame on its own. (N, 2 C, H, W) -> (N, width, H - 2 radius, W - 2 radius)."""

    def __init__(self, config: CompactModalityConfig) -> None:
        super().__init__()
        self.enter = nn.Conv2d(2 * len(config.bands), config.width, 1)
        self.spread = nn.Sequential(*(Spread(config.width, dilation=d) for d in config.dilations))

    def forward(self, views: Tensor) -> Tensor:
        return self.spread(self.enter(views))


class Glance(nn.Module):
    """Each date asks the frames around it, by what they show and how far away in time they are."""

    def __init__(self, config: CompactModalityConfig) -> None:
        super().__init__()
        self.heads, width = config.heads, config.width
        self.ask = nn.Conv2d(width, width, 1)
        self.offer = nn.Conv2d(width, 2 * width, 1)
        self.when = nn.Sequential(nn.Linear(GAP_FEATURES, width), nn.GELU(), nn.Linear(width, 2 * width))
        self.take = nn.Conv2d(width, width, 1)
        self.think = Perceptron(width)

    def forward(self, state: Tensor, offers: Sequence[Tensor], offsets: Tensor, present: Tensor) -> Tensor:
        """Keeps state (N, width, H, W). T offers (N, 2 width, H, W), their offsets (N, T) in days, presence (N, T)."""
        question = self.ask(state) / math.sqrt(state.shape[1] // self.heads)
        when = rearrange(self.when(gap_features(offsets)), "n t w -> t n w 1 1")
        keys, values = zip(*((o + w).chunk(2, dim=1) for o, w in zip(offers, when, strict=True)), strict=True)
        scores = torch.stack([self._by_head(question * key).sum(dim=2) for key in keys])
        scores = scores.masked_fill(~rearrange(present, "n t -> t n 1 1 1"), -torch.inf)
        weights = rearrange(scores.softmax(dim=0), "t n h y x -> t n h 1 y x")
        answer = sum(self._by_head(value) * weight for value, weight in zip(values, weights, strict=True))
        return self.think(state + self.take(rearrange(answer, "n h w y x -> n (h w) y x")))

    def _by_head(self, x: Tensor) -> Tensor:
        return rearrange(x, "n (h w) y x -> n h w y x", h=self.heads)


def own_series(centre: Tensor, around: Sequence[Tensor]) -> Tensor:
    """A pixel's views of its dates (N, 2 C, H, W) -> its own date's values, mean, spread (N, 3 C, ...)."""
    values, seen = zip(*(view.chunk(2, dim=1) for view in around), strict=True)
    count = torch.stack(seen).sum(dim=0).clamp(min=1)
    mean = torch.stack(values).sum(dim=0) / count
    # Around the mean, not as a difference of squares: those lose the digits in which chunks have to agree.
    spread = torch.stack([(v - mean) ** 2 * s for v, s in zip(values, seen, strict=True)]).sum(dim=0) / count
    return torch.cat([centre.chunk(2, dim=1)[0], mean, spread.sqrt()], dim=1)


class Looks(NamedTuple):
    """What the dates of a cube share; pixels are rows of (H W)."""

    maps: Tensor
    """(T, H W, width) features of each frame on its own."""
    offers: tuple[Tensor, ...]
    """(T, H W, 2 width) of each round of glances."""
    own: Tensor
    """(T, H W, 2 C) views."""


class CompactEncoder(nn.Module):
    """Frames to a few values per pixel-date: a straight line through its own series, corrected by its context.

    The line gives what principal components of a pixel and its season would from the first step of training on, so that
    the rest of the network is free to learn what else the context adds.
    """

    def __init__(self, config: CompactModalityConfig) -> None:
        super().__init__()
        self.config = config
        self.views = Views(config)
        self.features = FrameFeatures(config)
        self.glances = nn.ModuleList(Glance(config) for _ in range(config.rounds))
        self.own = nn.Conv2d(3 * len(config.bands), config.bottleneck, 1)
        self.leave = nn.Conv2d(config.width, config.bottleneck, 1)

    def windows(self, sample: Sample) -> Tensor:
        """Windows (B, T, C, size, size) and gaps (B, T - 1) -> (B, d) at the centre."""
        check_sample(sample, self.config)
        batch, centre, middle = len(sample.frames), self.config.reach, slice(self.config.radius, self.config.radius + 1)
        views = self.views(rearrange(sample.frames, "b t c h w -> (b t) c h w"))
        maps = self.features(views)
        days = days_since_first(sample.gaps)
        state = rearrange(maps, "(b t) w y x -> b t w y x", b=batch)[:, centre]
        for glance in self._rounds():
            offers = rearrange(glance.offer(maps), "(b t) w y x -> t b w y x", b=batch)
            state = glance(
                state, offers.unbind(), days - days[:, centre, None], torch.ones_like(days, dtype=torch.bool)
            )
        own = rearrange(views[..., middle, middle], "(b t) c y x -> t b c y x", b=batch)
        line = self.own(own_series(own[centre], own.unbind()))
        return rearrange(line + self.leave(state), "b d 1 1 -> b d")

    def cube(self, frames: Tensor, days: Tensor, wanted: slice = ALL, pixels: Pixels = EVERY_PIXEL) -> Tensor:
        """Frames (T, C, H, W) and their days (T,) -> (wanted dates, d, H, W), every pixel-date in its own window."""
        margin, reach = self.config.radius, self.config.reach
        views = self.views(pad(frames, (margin,) * 4, value=torch.nan))
        maps = self.features(views)[..., pixels[0], pixels[1]]
        dates = torch.arange(len(days), device=days.device)[wanted]
        around = dates[:, None] + torch.arange(-reach, reach + 1, device=days.device)
        present = (around >= 0) & (around < len(days))
        offsets = days[around.clamp(0, len(days) - 1)] - days[wanted, None]
        state, first = maps[wanted], int(dates[0]) if len(dates) else 0

        def windows(values: Tensor) -> list[Tensor]:
            """Of each wanted date its frames from first to last, as one tensor per place in the window."""
            padded = pad(values, (0, 0, 0, 0, 0, 0, reach, reach))[first:]
            return [padded[shift : shift + len(dates)] for shift in range(self.config.frames)]

        for glance in self._rounds():
            state = glance(state, windows(glance.offer(maps)), offsets, present)
        height, width = frames.shape[2:]
        own = views[..., margin : margin + height, margin : margin + width][..., pixels[0], pixels[1]]
        return self.own(own_series(own[wanted], windows(own))) + self.leave(state)

    def looks(self, frames: Tensor) -> Looks:
        """Of frames (T, C, H, W), what `at` needs."""
        margin, (height, width) = self.config.radius, frames.shape[2:]
        views = self.views(pad(frames, (margin,) * 4, value=torch.nan))
        maps = [self.features(part) for part in views.split(FRAMES_AT_ONCE)]
        offers = [torch.cat([_as_rows(glance.offer(part)) for part in maps]) for glance in self._rounds()]
        own = views[..., margin : margin + height, margin : margin + width]
        return Looks(torch.cat([_as_rows(part) for part in maps]), tuple(offers), _as_rows(own))

    def at(self, looks: Looks, days: Tensor, date: int, places: Tensor) -> Tensor:
        """Some places (P,) of a date, counted along (H W), as in `cube`: (1, d, 1, P)."""
        around = slice(max(0, date - self.config.reach), date + self.config.reach + 1)
        offsets = (days[around] - days[date])[None]
        present = torch.ones_like(offsets, dtype=torch.bool)

        def there(rows: Tensor) -> Tensor:
            return rearrange(rows.index_select(0, places), "p c -> 1 c 1 p")

        state = there(looks.maps[date])
        for glance, offers in zip(self._rounds(), looks.offers, strict=True):
            state = glance(state, [there(offer) for offer in offers[around]], offsets, present)
        own = own_series(there(looks.own[date]), [there(view) for view in looks.own[around]])
        return self.own(own) + self.leave(state)

    def _rounds(self) -> Iterable[Glance]:
        return cast("Iterable[Glance]", self.glances)


def _as_rows(maps: Tensor) -> Tensor:
    return rearrange(maps, "t c y x -> t (y x) c").contiguous()


class CompactDecoder(nn.Module):
    """What a bottleneck says of a place and a date near its own: (N, d, H, W) and where to look -> (N, C, H, W)."""

    mean: Tensor
    std: Tensor

    def __init__(self, config: CompactModalityConfig) -> None:
        super().__init__()
        self.radius = max(1, config.radius)
        self.register_buffer("mean", torch.tensor(config.mean).view(-1, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(config.std).view(-1, 1, 1), persistent=False)
        self.enter = nn.Conv2d(config.bottleneck + GAP_FEATURES + PLACE_FEATURES, config.decoder_width, 1)
        self.think = Perceptron(config.decoder_width)
        self.own = nn.Conv2d(config.bottleneck, len(config.bands), 1)
        self.leave = nn.Conv2d(config.decoder_width, len(config.bands), 1)

    def forward(self, bottleneck: Tensor, offsets: Tensor, down: Tensor, right: Tensor) -> Tensor:
        """Offsets (N,) in days; down and right (H, W) or (1, 1) in pixels from each bottleneck's own place."""
        count, _, height, width = bottleneck.shape
        when = rearrange(gap_features(offsets), "n g -> n g 1 1").expand(-1, -1, height, width)
        distance = torch.maximum(down.abs(), right.abs())
        where = torch.stack([down, right, distance]).to(bottleneck.dtype) / self.radius
        where = where.expand(count, PLACE_FEATURES, height, width)
        x = gelu(self.enter(torch.cat([bottleneck, when, where], dim=1)), approximate="tanh")
        return (self.own(bottleneck) + self.leave(self.think(x))) * self.std + self.mean


class CompactAutoencoder(nn.Module):
    """Stage 1 for one sensor; see `models.contract` for what it takes and gives."""

    def __init__(self, config: CompactModalityConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = CompactEncoder(config)
        self.decoder = CompactDecoder(config)
        start_straight(self.encoder.own, self.decoder.own)
        start_quiet(self.encoder.leave, self.decoder.leave)

    def forward(self, sample: Sample) -> Reconstruction:
        bottleneck = self.encode(sample)
        return Reconstruction(bottleneck, self.decode(bottleneck, sample.gaps))

    def encode(self, sample: Sample) -> Tensor:
        """Sample -> bottleneck (B, d)."""
        return self.encoder.windows(sample)

    def encode_cube(self, frames: Tensor, days: Tensor, wanted: slice = ALL, pixels: Pixels = EVERY_PIXEL) -> Tensor:
        """Frames (T, C, H, W), days (T,) -> bottlenecks (wanted dates, d, H, W); the same as window by window."""
        return self.encoder.cube(frames, days, wanted, pixels)

    def encode_at(self, frames: Tensor, days: Tensor, places: Mapping[int, Tensor]) -> dict[int, Tensor]:
        """As `encode_cube`, but of each date only some places (P,), counted along (H W): (1, d, 1, P) by date."""
        looks = self.encoder.looks(frames)
        return {date: self.encoder.at(looks, days, date, there) for date, there in places.items()}

    def answer(self, bottleneck: Tensor, offsets: Tensor, down: int = 0, right: int = 0) -> Tensor:
        """What bottlenecks (N, d, H, W) say of a place and a date (N,) near their own -> (N, C, H, W)."""
        place = (torch.full((1, 1), float(shift), device=bottleneck.device) for shift in (down, right))
        return self.decoder(bottleneck, offsets, *place)

    def decode(self, bottleneck: Tensor, gaps: Tensor) -> Tensor:
        """Bottleneck (B, d) and day gaps (B, T - 1) -> frames (B, T, C, size, size)."""
        c = self.config
        days = days_since_first(gaps)
        offsets = rearrange(days - days[:, c.reach, None], "b t -> (b t)")
        steps = torch.arange(-c.radius, c.radius + 1, device=bottleneck.device)
        down, right = torch.meshgrid(steps, steps, indexing="ij")
        spread = bottleneck[:, None, :, None, None].expand(-1, c.frames, -1, c.size, c.size)
        frames = self.decoder(rearrange(spread, "b t d y x -> (b t) d y x"), offsets, down, right)
        return rearrange(frames, "(b t) c y x -> b t c y x", t=c.frames)


def start_straight(there: nn.Conv2d, back: nn.Conv2d) -> None:
    """Start a pair of straight lines as a rotation (or projection) and its inverse."""
    nn.init.orthogonal_(there.weight[..., 0, 0])
    with torch.no_grad():
        back.weight.copy_(there.weight[:, : back.out_channels].transpose(0, 1))
        for line in (there, back):
            offset(line).zero_()


def start_quiet(*corrections: nn.Conv2d) -> None:
    """Start what corrects a straight line at little."""
    with torch.no_grad():
        for layer in corrections:
            layer.weight *= QUIET
            offset(layer).zero_()


def offset(layer: nn.Conv2d) -> Tensor:
    """The bias, which every layer here has."""
    assert layer.bias is not None
    return layer.bias


def gap_features(days: Tensor) -> Tensor:
    """Signed days from the date of interest, of any size, as waves and ramps. (...) -> (..., GAP_FEATURES)."""
    days = days.to(torch.get_default_dtype())[..., None]
    phase = days * (2 * math.pi / days.new_tensor(PERIODS))
    return torch.cat([phase.sin(), phase.cos(), torch.tanh(days / days.new_tensor(REACHES))], dim=-1)
