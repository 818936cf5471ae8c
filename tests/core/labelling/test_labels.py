from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from core.frames import Grid
from core.labelling.labels import UNDOS, Labels
from core.schema import InputError, NotFoundError

GRID = Grid(x=1005.0, y=1995.0, pixel_width=10, pixel_height=10, rows=20, cols=30, crs="EPSG:32632")
EMPTY = Labels(site="HAND", crs="EPSG:32632")


def two() -> Labels:
    one = EMPTY.add("  wet  meadow", "Point", [(1012, 1990)], grid=GRID)
    return one.add("forest", "Polygon", [(1100, 1900), (1150, 1900), (1150, 1950), (1100, 1900)], grid=GRID)


def test_labels_are_added_with_numbers_of_their_own() -> None:
    found = two()
    assert [(label.id, label.class_name, label.kind) for label in found.items] == [
        (1, "wet meadow", "Point"),
        (2, "forest", "Polygon"),
    ]
    assert len(found.items[1].vertices) == 3  # the last is not the first again
    assert found.classes == ("forest", "wet meadow")


def test_a_number_is_never_given_twice() -> None:
    assert two().remove(2).add("crop", "Point", [(1010, 1990)], grid=GRID).items[-1].id == 3


def test_classes_are_renamed_and_joined() -> None:
    assert two().rename_class("forest", "beech").classes == ("beech", "wet meadow")
    assert two().rename_class("forest", "wet meadow").classes == ("wet meadow",)
    with pytest.raises(NotFoundError, match="class 'crop' has no label; choose one of: forest, wet meadow"):
        two().rename_class("crop", "maize")
    with pytest.raises(NotFoundError, match="label '9' is not there"):
        two().remove(9)


@given(st.lists(st.sampled_from(["add", "remove", "rename", "clear"]), max_size=12))
def test_undo_goes_back_through_every_change(actions) -> None:
    states = [EMPTY]
    for action in actions:
        now = states[-1]
        if action == "add":
            states.append(now.add("a", "Point", [(1010, 1990)], grid=GRID))
        elif action == "clear":
            states.append(now.clear())
        elif now.items:
            change = now.remove(now.items[0].id) if action == "remove" else now.rename_class(now.classes[0], "b")
            states.append(change)
    found = states[-1]
    for before in reversed(states[:-1]):
        found = found.undo()
        assert found.items == before.items
    assert found.undo() == found


def test_what_can_be_undone_is_bounded() -> None:
    found = EMPTY
    for _ in range(UNDOS + 5):
        found = found.add("a", "Point", [(1010, 1990)], grid=GRID)
    assert len(found.past) == UNDOS


WRONG = {
    "outside": (
        ("a", "Point", [(900, 1990)]),
        "label '900, 1990' lies outside the site; place it between x 1000 and 1300",
    ),
    "beside": (("a", "Polygon", [(0, 0), (10, 0), (10, 10)]), "lies outside the site"),
    "no class": ((" ", "Point", [(1010, 1990)]), "class '' is no usable name"),
    "long class": (("x" * 61, "Point", [(1010, 1990)]), "is no usable name"),
    "line": (("a", "Polygon", [(1010, 1990), (1020, 1990)]), "cannot have 2 vertices"),
    "no point": (("a", "Point", []), "cannot have 0 vertices"),
    "no number": (("a", "Point", [(float("nan"), 1990)]), "has a vertex that is no number"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_label_is_one_sentence_and_changes_nothing(kind) -> None:
    (name, form, vertices), words = WRONG[kind]
    with pytest.raises(InputError, match=words):
        EMPTY.add(name, form, vertices, grid=GRID)  # type: ignore[arg-type]
    assert EMPTY.items == ()
