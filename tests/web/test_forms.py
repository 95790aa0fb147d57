"""A form keeps what was typed, whatever was wrong with it."""

from datetime import date, time
from html import unescape

import pytest
from flask import render_template_string
from werkzeug.datastructures import MultiDict

from passport.errors import Invalid
from passport.web.forms import FormState, date_from_parts
from tests.web.sample_site import build_site

SENT = MultiDict(
    [
        ("notes", "two\n  lines\n\n  indented"),
        ("skills", "ivs"),
        ("skills", "can"),
        ("agree", "yes"),
        ("born-day", "31"),
        ("born-month", "2"),
        ("password", "correct horse"),
    ]
)
PROBLEM = Invalid("no", "Two fields are wrong.", {"born": ["Not a date.", "Try again."]})


def test_everything_typed_is_kept_but_secrets() -> None:
    form = FormState.kept(SENT, PROBLEM)
    assert form.value("notes") == "two\n  lines\n\n  indented"
    assert form.chosen("skills") == ["ivs", "can"]
    assert form.ticked("agree")
    assert (form.part("born", "day"), form.part("born", "year")) == ("31", "")
    assert form.value("password") == ""
    assert form.failed
    assert form.error("born") == "Not a date. Try again."


def test_what_is_wrong_is_said_in_a_sentence_whoever_says_it() -> None:
    form = FormState.kept(SENT, Invalid("no", fields={"name": ["choose one"], "born": ["ask"]}))
    assert (form.error("name"), form.errors["born"]) == ("Choose one", ["Ask"])


def test_a_form_first_shown_takes_values_of_their_kind() -> None:
    form = FormState(
        {"on": date(2026, 11, 24), "at": time(7), "n": 3, "ok": True, "one": "a", "no": None}
    )
    assert [form.value(name) for name in ("on", "at", "n", "ok", "no", "absent")] == [
        "2026-11-24",
        "07:00",
        "3",
        "",
        "",
        "",
    ]
    assert [form.part("on", part) for part in ("day", "month", "year")] == ["24", "11", "2026"]
    assert form.ticked("ok")
    assert form.chosen("one") == ["a"]
    assert not form.failed


@pytest.mark.parametrize("limit", [None, 500], ids=["plain", "with a limit"])
def test_lines_come_back_as_they_were_typed(limit: int | None) -> None:
    form = FormState.kept(SENT)
    page = (
        '{% import "macros/forms.jinja" as forms %}'
        '{{ forms.textarea(form, "notes", "Notes", limit=limit) }}'
    )
    with build_site().test_request_context("/"):
        html = render_template_string(page, form=form, limit=limit)
    shown = html[html.index("<textarea") : html.index("</textarea>")].partition(">")[2]
    assert unescape(shown) == "two\n  lines\n\n  indented"


def test_the_summary_leads_to_each_field_that_is_wrong() -> None:
    text = build_site().test_client().get("/form").text
    for name in ("email", "reason", "on", "born"):
        assert f'href="#{name}"' in text
        assert f'id="{name}"' in text
    assert "<title>Error: Post a shift – BankHub</title>" in text


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        pytest.param(("29", "2", "2028"), date(2028, 2, 29), id="a leap day"),
        pytest.param((" 1 ", "01", "1980"), date(1980, 1, 1), id="spaces and zeros do not matter"),
        pytest.param(("", "", ""), None, id="three empty boxes are no date"),
        pytest.param(("29", "2", "2027"), Invalid, id="no leap day in 2027"),
        pytest.param(("1", "", "2027"), Invalid, id="a box left empty"),
        pytest.param(("x", "1", "2027"), Invalid, id="letters"),
        pytest.param(("1", "1", "99999999999999999999"), Invalid, id="a year without end"),
    ],
)
def test_a_date_in_three_boxes(
    typed: tuple[str, str, str], found: date | type[Invalid] | None
) -> None:
    sent = dict(zip(("d-day", "d-month", "d-year"), typed, strict=True))
    if found is Invalid:
        with pytest.raises(Invalid) as wrong:
            date_from_parts(sent, "d")
        assert list(wrong.value.fields) == ["d"]
    else:
        assert date_from_parts(sent, "d") == found


def test_the_summary_says_which_field_a_message_is_about() -> None:
    wrong = {
        "starts_on": ["Enter a date."], "ends_on": ["Enter a date."],
        "ods": ["ODS codes have letters."], "notes": ["Say why."],
    }  # fmt: skip
    form = FormState.kept(SENT, Invalid("no", fields=wrong))
    page = (
        '{% import "macros/forms.jinja" as forms %}'
        '{{ forms.error_summary(form, {"starts_on": "First day", "ends_on": "Last day",'
        ' "ods": "Host"}) }}'
    )
    with build_site().test_request_context("/"):
        html = render_template_string(page, form=form)
    said = [one.split("</a>")[0].split(">")[1].strip() for one in html.split("<a ")[1:]]
    assert said == [
        "First day: enter a date.", "Last day: enter a date.", "Host: ODS codes have letters.",
        "Say why.",
    ]  # fmt: skip
