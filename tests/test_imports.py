"""The directions of the design: app, pages -> core.ui -> core -> models, with core.schema and models as leaves."""

import ast

import pytest

from benchmarks.house import MAY_IMPORT, ROOT, Source, imported, layer, sources

OURS = {"app", "pages", "core", "models", "benchmarks", "tests"}
MODULES = [source for source in sources() if source.path.parts[0] not in ("benchmarks", "tests")]
FOREIGN = {
    "streamlit": {"pages", "core.ui"},  # who may import it
    "torch": {"models"},
}


def breaches(own_layer: str, source: str) -> list[str]:
    found = []
    tree = ast.parse(source)
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level], (
        "imports are absolute, so that a direction can be read off a line"
    )
    for name in imported(tree):
        top = name.partition(".")[0]
        if top in OURS and layer(name) not in MAY_IMPORT[own_layer]:
            found.append(f"{own_layer} imports {name}")
        if top.startswith("streamlit") and own_layer not in FOREIGN["streamlit"]:
            found.append(f"{own_layer} imports {name}")
        if top == "torch" and own_layer not in FOREIGN["torch"]:
            found.append(f"{own_layer} imports {name}")
    return found


@pytest.mark.parametrize("source", MODULES, ids=lambda source: str(source.path))
def test_a_module_imports_only_what_its_layer_may(source: Source) -> None:
    assert not breaches(layer(source.module), (ROOT / source.path).read_text(encoding="utf-8"))


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
