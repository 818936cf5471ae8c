"""The state of the house: `python -m benchmarks.house`. Lines per file, long functions, and who imports whom."""

from __future__ import annotations

import ast
import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
OURS = ("app.py", "pages", "core", "models", "benchmarks", "tests")
LONG_FILE, LONG_FUNCTION = 250, 60  # lines
MEDIAN_FILE, SHARE_LONG = 250, 0.04  # targets: at most


@dataclass(frozen=True, kw_only=True)
class Source:
    """One file of ours, read but not run."""

    path: Path  # from the root of the checkout
    lines: int
    functions: tuple[tuple[str, int], ...]  # name and lines of each
    imports: tuple[str, ...]  # dotted names of our own modules

    @property
    def module(self) -> str:
        return ".".join(self.path.with_suffix("").parts)


def sources(root: Path = ROOT) -> list[Source]:
    """Every Python file of the project."""
    paths = [path for name in OURS for path in ([root / name] if name.endswith(".py") else (root / name).rglob("*.py"))]
    return [_read(path, root) for path in sorted(paths)]


def _read(path: Path, root: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    functions = [
        (node.name, (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    ours = {name.removesuffix(".py") for name in OURS}
    return Source(
        path=path.relative_to(root),
        lines=text.count("\n"),
        functions=tuple(functions),
        imports=tuple(name for name in imported(tree) if name.partition(".")[0] in ours),
    )


def imported(tree: ast.AST) -> Iterator[str]:
    """The dotted names a module imports, wherever in it; relative imports have no name and are left out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer(module: str) -> str:
    """The layer of the design that a dotted module name belongs to."""
    top, _, rest = module.partition(".")
    if top in {"app", "pages"}:
        return "pages"
    if top == "core":
        return {"ui": "core.ui", "schema": "core.schema"}.get(rest.partition(".")[0], "core")
    return top


MAY_IMPORT = {  # the directions of the design
    "pages": {"pages", "core.ui", "core", "core.schema"},
    "core.ui": {"core.ui", "core", "core.schema"},
    "core": {"core", "core.schema", "models"},
    "core.schema": set[str](),
    "models": {"models"},
}


def main() -> None:
    found = sources()
    product = [source for source in found if source.path.parts[0] not in ("tests", "benchmarks")]
    for name, files in (("product", product), ("all", found)):
        _print_sizes(name, files)
    print(f"\nfiles over {LONG_FILE} lines")
    for source in sorted(found, key=lambda one: -one.lines):
        if source.lines > LONG_FILE:
            print(f"  {source.lines:5d}  {source.path}")
    print(f"\nfunctions over {LONG_FUNCTION} lines")
    long = [(lines, name, one.path) for one in found for name, lines in one.functions if lines > LONG_FUNCTION]
    for lines, name, path in sorted(long, reverse=True):
        print(f"  {lines:5d}  {name} in {path}")
    print("\nimports between layers")
    directions = Counter(
        (layer(one.module), layer(name)) for one in product for name in one.imports if layer(one.module) != layer(name)
    )
    for (who, whom), count in sorted(directions.items()):
        print(f"  {who:>12} -> {whom:<12}{count:5d}  {'allowed' if whom in MAY_IMPORT[who] else 'WRONG'}")


def _print_sizes(name: str, files: list[Source]) -> None:
    lines = [source.lines for source in files]
    functions = [length for source in files for _, length in source.functions]
    long = sum(length > LONG_FUNCTION for length in functions) / len(functions)
    median = statistics.median(lines)
    print(
        f"{name:<8}{len(files):5d} files, {sum(lines):,} lines, median {median:.0f} (target {MEDIAN_FILE} at most: "
        f"{'met' if median <= MEDIAN_FILE else 'NOT MET'}), longest {max(lines)}; {len(functions):,} functions, median "
        f"{statistics.median(functions):.0f} lines, {long:.1%} over {LONG_FUNCTION} (target {SHARE_LONG:.0%} at most: "
        f"{'met' if long <= SHARE_LONG else 'NOT MET'})"
    )


if __name__ == "__main__":
    main()
