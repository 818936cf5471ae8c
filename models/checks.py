"""The errors of this package, and checks that return the value they checked."""

from __future__ import annotations

from typing import Any, TypeVar

Config = TypeVar("Config")


class ModelError(ValueError):
    """Anything this package refuses; the message names the argument, its value and the remedy."""


class ConfigError(ModelError):
    """A model's dims do not fit together."""


class InputError(ModelError):
    """A tensor handed to a model or a loss does not have the shape or type it promises."""


class CheckpointError(ModelError):
    """A file of weights is damaged, foreign, or belongs to another model."""


def positive(name: str, value: int) -> int:
    """`value`, if it is a whole number of at least one."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigError(f"{name} is {value!r}; it must be a whole number of at least 1")
    return value


def odd(name: str, value: int, *, at_least: int = 1) -> int:
    """`value`, if it is odd, so that a window of this length has a middle."""
    if positive(name, value) % 2 == 0 or value < at_least:
        raise ConfigError(f"{name} is {value}; it must be odd and at least {at_least}, so that there is a centre")
    return value


def share(name: str, value: float) -> float:
    """`value`, if it lies in [0, 1), as a dropout rate must."""
    if not 0 <= value < 1:
        raise ConfigError(f"{name} is {value!r}; a dropout rate lies in [0, 1)")
    return value


def divides(name: str, value: int, *, whole_name: str, whole: int) -> int:
    """`value`, if `whole` can be cut into that many equal parts."""
    if whole % positive(name, value):
        raise ConfigError(f"{name} is {value}, which does not divide {whole_name} = {whole}; choose a divisor")
    return value


def sensor(name: str, bands: tuple[str, ...]) -> None:
    """Refuse a sensor whose name or bands cannot name its weights and channels."""
    if not name.isidentifier():
        raise ConfigError(f"name is {name!r}; use letters, digits and underscores, as it names the weights")
    if not bands or len(set(bands)) < len(bands):
        raise ConfigError(f"bands are {bands}; name at least one, and none twice")


def config_from_dict(config: type[Config], values: dict[str, Any]) -> Config:
    """The config that `dataclasses.asdict` wrote, also after a way through JSON, which makes lists of tuples."""
    try:
        return config(**{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()})
    except (TypeError, AttributeError) as error:
        raise ConfigError(f"the {config.__name__} does not fit: {error}") from error


def fused_from_dict(config: type[Config], modality: Any, values: dict[str, Any]) -> Config:
    """Likewise a fusion's config, whose sensors have configs of their own, of the class `modality`."""
    try:
        return config(**{**values, "modalities": tuple(modality.from_dict(sensor) for sensor in values["modalities"])})
    except (TypeError, KeyError, AttributeError) as error:
        raise ConfigError(f"the {config.__name__} does not fit: {error}") from error


def sensors_of_a_fusion(names: tuple[str, ...]) -> None:
    """Refuse a fusion of no sensor, or of two by one name."""
    if not names or len(set(names)) < len(names):
        raise ConfigError(f"modalities are named {names}; give at least one, and no name twice")
