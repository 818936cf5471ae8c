"""The land: a map of patches (fields, stands, water, town, road), each with one cover."""

from dataclasses import dataclass, field

import numpy as np
from scipy.ndimage import distance_transform_edt

from core.simulate.arrays import Bools, Floats, Ints
from core.simulate.rng import child, smooth_field
from core.simulate.spec import Cover, LandscapeSpec, Mix, SiteSpec

REFERENCE_SIZE = 80  # pixels; lengths of towns and roads are given for a landscape of this size
SMALLEST_PATCH = 5  # pixels; smaller slivers join a neighbour
ROAD_CHOICES = 4  # directions a road is chosen from
STAND_AREA = 260  # pixels, mean size of a natural stand


@dataclass(frozen=True)
class Landscape:
    """`patch` (size, size) holds patch numbers from 1; `covers[number - 1]` is that patch's cover."""

    patch: Ints
    covers: tuple[Cover, ...]

    @property
    def size(self) -> int:
        return len(self.patch)

    @property
    def cover_code(self) -> Ints:
        """Cover code of every pixel (size, size), see `Cover.code`."""
        return np.array([cover.code for cover in self.covers])[self.patch - 1]

    def is_cover(self, *covers: Cover) -> Bools:
        """Which pixels (size, size) lie in one of `covers`."""
        return np.isin(self.cover_code, [cover.code for cover in covers])

    @property
    def pixels(self) -> Ints:
        """Pixels in each patch (patches,)."""
        return np.bincount(self.patch.ravel(), minlength=len(self.covers) + 1)[1:]


def make_landscape(spec: SiteSpec, size: int, *, seed: int) -> Landscape:
    """Parcel a square of `size` pixels: river, the tower's cover, town, forest, open land, and a road over them."""
    rng = child(seed, spec.id, "landscape")
    grid, land = _Grid.of(size), spec.landscape
    fields = _fields(rng, grid, land.field_size)
    stands = _stands(rng, grid)
    plan = _Plan(size)

    if land.river_width > 0:
        plan.claim(_river(rng, grid, land.river_width), Cover.WATER)
    _claim_tower(plan, grid, land, fields, stands)
    centre = _town_centre(rng, size)
    plan.claim(_town(rng, grid, centre, land.town_radius), Cover.SETTLEMENT)
    plan.claim_parcels(_forest(rng, plan.free, land.forest_share), stands, land.forest, rng)
    plan.claim_parcels(plan.free, fields if land.open_in_fields else stands, land.open_land, rng)
    plan.fill_slivers()
    plan.overlay(_road(rng, grid, centre), Cover.ROAD, keep=(Cover.WATER,))
    return plan.finished()


@dataclass(frozen=True)
class _Grid:
    """Rows and columns (size, size), and how far each pixel lies from the tower in the middle."""

    row: Floats
    column: Floats
    from_tower: Floats  # pixels

    @classmethod
    def of(cls, size: int) -> "_Grid":
        row, column = np.mgrid[:size, :size].astype(np.float64)
        middle = (size - 1) / 2
        return cls(row, column, np.hypot(row - middle, column - middle))

    @property
    def size(self) -> int:
        return len(self.row)


@dataclass
class _Plan:
    """A map that is being filled: 0 is land nobody has claimed."""

    size: int
    covers: list[Cover] = field(default_factory=list)
    patch: Ints = field(init=False)

    def __post_init__(self) -> None:
        self.patch = np.zeros((self.size, self.size), dtype=np.int64)

    @property
    def free(self) -> Bools:
        return self.patch == 0

    def claim(self, where: Bools, cover: Cover) -> None:
        """Make the free part of `where` one patch, unless it is a sliver."""
        where = where & self.free
        if where.sum() >= SMALLEST_PATCH:
            self.covers.append(cover)
            self.patch[where] = len(self.covers)

    def claim_parcels(self, where: Bools, parcels: Ints, mix: Mix, rng: np.random.Generator) -> None:
        """Make every parcel inside `where` a patch with a cover drawn from `mix`."""
        covers, shares = zip(*mix, strict=True)
        for parcel in np.unique(parcels[where]):
            self.claim(where & (parcels == parcel), covers[int(rng.choice(len(covers), p=shares))])

    def fill_slivers(self) -> None:
        """Give unclaimed pixels to the nearest patch."""
        nearest = distance_transform_edt(self.free, return_distances=False, return_indices=True)
        self.patch = self.patch[tuple(nearest)]

    def overlay(self, where: Bools, cover: Cover, *, keep: tuple[Cover, ...]) -> None:
        """Lay one patch over others, sparing those of the covers `keep`."""
        spared = np.isin(self.patch, [i + 1 for i, c in enumerate(self.covers) if c in keep])
        if (where & ~spared).any():
            self.covers.append(cover)
            self.patch[where & ~spared] = len(self.covers)

    def finished(self) -> Landscape:
        """Patches renumbered without holes (an overlay may have covered one whole)."""
        present, renumbered = np.unique(self.patch, return_inverse=True)
        covers = tuple(self.covers[number - 1] for number in present)
        return Landscape(renumbered.reshape(self.patch.shape) + 1, covers)


def _claim_tower(plan: _Plan, grid: _Grid, land: LandscapeSpec, fields: Ints, stands: Ints) -> None:
    """The tower's own cover: the fields around it as one large field, or the stands around it."""
    radius = min(land.tower_radius, 0.46 * grid.size)
    if land.tower_cover in (Cover.CROP, Cover.MEADOW, Cover.PASTURE):
        plan.claim(np.isin(fields, _parcels_near(grid, fields, radius)), land.tower_cover)
        return
    for stand in _parcels_near(grid, stands, radius):
        plan.claim(stands == stand, land.tower_cover)


def _parcels_near(grid: _Grid, parcels: Ints, radius: float) -> list[int]:
    """The parcels that lie mostly within `radius` pixels of the tower, and the one it stands in."""
    near, middle = grid.from_tower < radius, parcels[grid.size // 2, grid.size // 2]
    return [int(p) for p in np.unique(parcels) if near[parcels == p].mean() > 0.5 or p == middle]


def _warp(rng: np.random.Generator, size: int, scale: float, amount: float) -> tuple[Floats, Floats]:
    """Displacements (pixels) that bend straight lines a little."""
    return amount * smooth_field(rng, size, scale), amount * smooth_field(rng, size, scale)


def _fields(rng: np.random.Generator, grid: _Grid, smallest: float) -> Ints:
    """Parcels (size, size): a turned square, halved again and again across its longer side."""
    angle = rng.uniform(0.15, 0.7)
    bend_u, bend_v = _warp(rng, grid.size, 2.2, 0.25)
    east, south = grid.column - grid.size / 2, grid.row - grid.size / 2
    along = east * np.cos(angle) + south * np.sin(angle) + bend_u
    across = south * np.cos(angle) - east * np.sin(angle) + bend_v
    parcel = np.zeros((grid.size, grid.size), dtype=np.int64)
    blocks = [(along.min(), along.max(), across.min(), across.max())]
    while blocks:
        block = blocks.pop()
        parts = _halve(rng, block, smallest)
        if parts:
            blocks.extend(parts)
        else:
            u0, u1, v0, v1 = block
            inside = (along >= u0) & (along <= u1) & (across >= v0) & (across <= v1)
            parcel[inside] = parcel.max() + 1
    return parcel


Block = tuple[float, float, float, float]  # extent along, extent across


def _halve(rng: np.random.Generator, block: Block, smallest: float) -> list[Block]:
    """Two halves of a block, or none where it is small enough to be a field."""
    u0, u1, v0, v1 = block
    longer = max(u1 - u0, v1 - v0)
    if longer < 2 * smallest or (longer < 3.2 * smallest and rng.random() < 0.3):
        return []
    share = rng.uniform(0.35, 0.65)
    if u1 - u0 > v1 - v0:
        cut = u0 + share * (u1 - u0)
        return [(u0, cut, v0, v1), (cut, u1, v0, v1)]
    cut = v0 + share * (v1 - v0)
    return [(u0, u1, v0, cut), (u0, u1, cut, v1)]


def _stands(rng: np.random.Generator, grid: _Grid) -> Ints:
    """Stands (size, size): the nearest of random points, over a bent plane."""
    count = max(6, grid.size**2 // STAND_AREA)
    rows, columns = rng.uniform(0, grid.size, (2, count, 1, 1))
    bend_row, bend_column = _warp(rng, grid.size, 4, 2.5)
    distance = (grid.row + bend_row - rows) ** 2 + (grid.column + bend_column - columns) ** 2
    return distance.argmin(axis=0) + 1


def _river(rng: np.random.Generator, grid: _Grid, half_width: float) -> Bools:
    """A meandering band near one edge."""
    bend = 0.06 * np.sin(2 * np.pi * 1.2 * grid.row / grid.size + rng.uniform(0, 6))
    scale = max(grid.size / REFERENCE_SIZE, 0.5)
    river = np.abs(grid.column - grid.size * (0.86 + bend)) < half_width * scale
    return np.rot90(river, int(rng.integers(0, 4)))


def _town_centre(rng: np.random.Generator, size: int) -> Floats:
    """Row and column of the town, in one of the corners."""
    low, high = rng.uniform(0.08, 0.22, 2), rng.uniform(0.78, 0.92, 2)
    return size * np.where(rng.random(2) < 0.5, low, high)


def _town(rng: np.random.Generator, grid: _Grid, centre: Floats, radius: float) -> Bools:
    distance = np.hypot(grid.row - centre[0], 0.8 * (grid.column - centre[1]))
    return distance + 2 * smooth_field(rng, grid.size, 2) < radius * grid.size / REFERENCE_SIZE


def _forest(rng: np.random.Generator, free: Bools, share: float) -> Bools:
    """The free land that a smooth field ranks highest, `share` of it."""
    suitability = smooth_field(rng, len(free), 9)
    if not free.any():
        return free
    return free & (suitability > np.quantile(suitability[free], 1 - share))


def _road(rng: np.random.Generator, grid: _Grid, centre: Floats) -> Bools:
    """A gently winding road through the town; of several directions, the one that keeps farthest from the tower."""
    winding = 1.5 * np.sin(3 * grid.column / grid.size)

    def offset(angle: float) -> Floats:
        across = (grid.row - centre[0]) * np.cos(angle) - (grid.column - centre[1]) * np.sin(angle)
        return np.abs(across + winding)

    middle = grid.size // 2
    best = max(rng.uniform(0, np.pi, ROAD_CHOICES), key=lambda angle: float(offset(angle)[middle, middle]))
    return offset(best) < 0.8
