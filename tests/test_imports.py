"""The directions of the design: app, pages -> core.ui -> core -> models, with core.schema and models as leaves."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = {"app", "pages", "core", "models", "benchmarks", "tests"}
MODULES = [ROOT / "app.py", *sorted(path for top in ("core", "models", "pages") for path in (ROOT / top).rglob("*.py"))]


def imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute, so that a direction can be read off a line"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer(module: str) -> str:
    """The layer a dotted module name belongs to."""
    top, _, rest = module.partition(".")
    if top in {"app", "pages"}:
        return "pages"
    if top == "core":
        return {"ui": "core.ui", "schema": "core.schema"}.get(rest.partition(".")[0], "core")
    return top


MAY_IMPORT = {
    "pages": {"pages", "core.ui", "core", "core.schema"},
    "core.ui": {"core.ui", "core", "core.schema"},
    "core": {"core", "core.schema", "models"},
    "core.schema": set(),
    "models": {"models"},
}
FOREIGN = {
    "streamlit": {"pages", "core.ui"},  # who may import it
    "torch": {"models"},
}


def breaches(own_layer: str, source: str) -> list[str]:
    found = []
    for name in imported(source):
        top = name.partition(".")[0]
        if top in OURS and layer(name) not in MAY_IMPORT[own_layer]:
            found.append(f"{own_layer} imports {name}")
        if top.startswith("streamlit") and own_layer not in FOREIGN["streamlit"]:
            found.append(f"{own_layer} imports {name}")
        if top == "torch" and own_layer not in FOREIGN["torch"]:
            found.append(f"{own_layer} imports {name}")
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_its_layer_may(path: Path) -> None:
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    assert not breaches(layer(module), path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("own_layer", "line"),
    [
        ("core", "import streamlit as st"),
        ("core", "from core.ui import state"),
        ("models", "from core.schema import S2_BANDS"),
        ("core.schema", "from core import store"),
        ("pages", "import torch"),
        ("core.ui", "from pages import explore"),
    ],
)
def test_the_check_sees_a_wrong_direction(own_layer: str, line: str) -> None:
    assert breaches(own_layer, line)
