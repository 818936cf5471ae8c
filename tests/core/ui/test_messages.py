"""What a reader sees when something is wrong: one sentence, never a traceback."""

from streamlit.testing.v1 import AppTest

from core.ui.messages import UNEXPECTED, sentence


def expected_fault() -> None:
    from core.schema import NotFoundError
    from core.ui.messages import show_failure

    assert show_failure(NotFoundError("site", "X", "is not known", "choose another"))


def unexpected_fault() -> None:
    from core.ui.messages import show_failure

    assert show_failure(ZeroDivisionError("secret detail"))


def explained_fault() -> None:
    import streamlit as st

    from core.schema import NotFoundError
    from core.ui.messages import explained

    with explained():
        raise NotFoundError("site", "X", "is not known", "choose another")
    st.write("and the page goes on")


def test_an_error_of_ours_is_its_own_sentence() -> None:
    app = AppTest.from_function(expected_fault).run()
    assert [part.value for part in app.error] == ["Site 'X' is not known; choose another."]


def test_any_other_fault_is_one_calm_sentence_without_details() -> None:
    app = AppTest.from_function(unexpected_fault).run()
    assert [part.value for part in app.error] == [UNEXPECTED]
    assert not app.exception


def test_an_explained_error_leaves_the_rest_of_the_page() -> None:
    app = AppTest.from_function(explained_fault).run()
    assert app.error[0].value.startswith("Site 'X'")
    assert app.markdown[0].value == "and the page goes on"


def questions() -> None:
    import streamlit as st

    from core.schema import InputError, WorkspaceError
    from core.ui.messages import answered

    with answered():
        raise InputError("year", 2021, "has 3 clear dates, too few to tell a season", "choose another")
    with answered():
        raise WorkspaceError("folder", "X", "is damaged", "remove it and make it again")
    st.write("and the page goes on")


def test_what_has_no_answer_is_no_error_and_what_is_broken_is() -> None:
    app = AppTest.from_function(questions).run()
    assert [part.value for part in app.info] == [
        "Year '2021' has 3 clear dates, too few to tell a season; choose another."
    ]
    assert [part.value for part in app.error] == ["Folder 'X' is damaged; remove it and make it again."]
    assert app.markdown[0].value == "and the page goes on"


def test_a_sentence_begins_with_a_capital_and_keeps_the_rest() -> None:
    assert sentence("site 'aB' is gone.") == "Site 'aB' is gone."
    assert sentence("") == ""
