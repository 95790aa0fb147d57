"""The parts of every page in a real browser: accessible, reflowing, usable by key and without."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.support.browsing import arrived, sideways, violations
from tests.support.looking import DESK, PHONE, SMALL, Watched

PAGES = ("/home", "/find", "/confirm", "/form", "/today", "/week", "/fill", "/problem/404")


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_on_phone_or_desk_by_day_or_night(
    site: str, watch: Any, path: str
) -> None:
    page = watch(viewport=PHONE).open(site + path)
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert violations(page) == [], f"{size['width']} pixels, {scheme}"


def test_axe_does_find_a_planted_fault(site: str, watch: Any) -> None:
    page = watch(viewport=PHONE).open(site + "/bare")
    page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    assert any("button-name" in found for found in violations(page))


@pytest.mark.parametrize("percent", [100, 200], ids=["text as it is", "text twice as large"])
@pytest.mark.parametrize("path", [*PAGES, "/problem/409", "/problem/422"])
def test_nothing_needs_sideways_scrolling_at_320_pixels(
    site: str, browser: Browser, path: str, percent: int
) -> None:
    watched = Watched(browser.new_context(viewport=SMALL))
    watched.larger_text(percent)
    page = watched.open(site + path)
    assert sideways(page) <= 0
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    assert sideways(page) <= 0
    watched.context.close()


def test_larger_text_is_larger(site: str, watch: Any) -> None:
    watched = watch(viewport=SMALL)
    watched.larger_text(200)
    page = watched.open(site + "/find")
    size = page.locator("main .card__title").first.evaluate("one => getComputedStyle(one).fontSize")
    assert size == "34px"


def test_large_text_frees_the_tabs_from_the_edge(site: str, watch: Any) -> None:
    watched = watch(viewport=PHONE)
    nav = watched.open(site + "/find").locator("nav.nav")
    assert nav.evaluate("one => getComputedStyle(one).position") == "fixed"
    watched.larger_text(200)
    nav = watched.open(site + "/find").locator("nav.nav")
    assert nav.evaluate("one => getComputedStyle(one).position") == "static"


@pytest.mark.parametrize("path", PAGES)
def test_the_own_sheet_stands_alone(site: str, browser: Browser, path: str) -> None:
    context = browser.new_context(viewport=SMALL)
    page = context.new_page()
    page.route("**/vendor/**", lambda route: route.abort())
    page.goto(site + path)
    arrived(page)
    assert sideways(page) <= 0
    assert violations(page) == []
    context.close()


TARGETS = (
    ".button, .chip, .nav a, summary, .menu-button, .brand, .back-link, .pagination__link,"
    " .footer li a, .empty a, .slot, .nhsuk-input, .nhsuk-select, .nhsuk-radios__input,"
    " .nhsuk-checkboxes__input, .nhsuk-button, .nhsuk-error-summary a"
)


@pytest.mark.parametrize("path", PAGES)
def test_targets_are_44_pixels_high_on_a_phone(site: str, watch: Any, path: str) -> None:
    page = watch(viewport=PHONE, has_touch=True, is_mobile=True).open(site + path)
    small = page.locator(TARGETS).evaluate_all(
        "all => all.filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 44)"
        ".map(one => one.outerHTML.slice(0, 100))"
    )
    assert small == []


@pytest.mark.parametrize("path", ["/find", "/form", "/today", "/week"])
def test_forced_colours_keep_edges_and_marks(site: str, watch: Any, path: str) -> None:
    page = watch(viewport=PHONE, forced_colors="active").open(site + path)
    colours_are_the_readers_own = ("color-contrast",)
    assert violations(page, without=colours_are_the_readers_own) == []
    edged = page.locator(".button:not(.button--quiet), .chip, .tag, .slot, .nhsuk-input")
    bare = edged.evaluate_all(
        "all => all.filter(one => parseFloat(getComputedStyle(one).borderTopWidth) === 0).length"
    )
    assert bare == 0


def test_the_first_tab_offers_to_skip_to_the_content(site: str, watch: Any) -> None:
    page = watch(viewport=DESK).open(site + "/today")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to main content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_focus_is_always_visible_and_never_covered(site: str, watch: Any) -> None:
    page = watch(viewport=PHONE).open(site + "/confirm")
    for _ in range(30):
        page.keyboard.press("Tab")
        clear = page.evaluate(
            "() => { const one = document.activeElement; if (one === document.body) return true;"
            " const box = one.getBoundingClientRect();"
            " const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);"
            " const ring = getComputedStyle(one).outlineStyle !== 'none';"
            " return ring && (one === top || one.contains(top)); }"
        )
        assert clear, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


def test_a_form_with_errors_takes_focus_to_the_summary_and_on_to_the_field(
    site: str, watch: Any
) -> None:
    page = watch(viewport=PHONE).open(site + "/form")
    expect(page.locator(".nhsuk-error-summary")).to_be_focused()
    page.get_by_role("link", name="Enter a real date.").click()
    expect(page.locator("#born")).to_be_focused()
    page.get_by_role("link", name="Choose a reason.").click()
    expect(page.locator("#reason")).to_be_focused()


def test_a_drop_closes_by_escape_and_gives_focus_back(site: str, watch: Any) -> None:
    page = watch(viewport=DESK).open(site + "/today")
    summary = page.locator("details.account summary")
    summary.click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(summary).to_be_focused()


def test_booking_is_two_taps_and_no_typing(site: str, watch: Any) -> None:
    page = watch(viewport=PHONE, has_touch=True).open(site + "/find")
    page.locator("article.shift").first.tap(position={"x": 40, "y": 100})
    expect(page.get_by_role("heading", name="Book this shift?")).to_be_visible()
    arrived(page)
    assert page.locator("main input:visible, main select:visible, main textarea").count() == 0
    book = page.get_by_role("button", name="Book this shift")
    expect(book).to_be_in_viewport()
    assert book.bounding_box()["y"] > PHONE["height"] / 2
    book.tap()
    expect(page).to_have_url(re.compile("/bare$"))


def test_a_fragment_replaces_its_target_and_is_read_out(site: str, watch: Any) -> None:
    page = watch(viewport=DESK).open(site + "/fill")
    page.get_by_role("button", name="Said yes: book Grace Mensah").click()
    expect(page.locator("#called")).to_have_text("Called Grace")
    expect(page.locator("#live")).to_have_text("Called Grace")
    expect(page).to_have_url(re.compile("/fill$"))


def test_an_answer_that_is_no_fragment_becomes_a_plain_submit(site: str, watch: Any) -> None:
    page = watch(viewport=DESK).open(site + "/fill")
    page.locator("form[data-enhance]").evaluate("one => one.action = '/bare'")
    page.get_by_role("button", name="Said yes: book Grace Mensah").click()
    expect(page).to_have_url(re.compile("/bare$"))


def test_a_second_tap_while_waiting_sends_nothing_more(site: str, watch: Any) -> None:
    page = watch(viewport=PHONE).open(site + "/confirm")
    waiting: list[Route] = []
    page.route("**/bare", lambda route: waiting.append(route))
    box = page.get_by_role("button", name="Book this shift").bounding_box()
    with page.expect_request("**/bare"):
        page.mouse.click(box["x"] + 20, box["y"] + 20)
    page.mouse.click(box["x"] + 20, box["y"] + 20)
    page.wait_for_timeout(200)  # for what must not come
    assert [one.request.method for one in waiting] == ["POST"]
    waiting[0].continue_()
    expect(page).to_have_url(re.compile("/bare$"))


def here(page: Page) -> str:
    """Row and column of the focused cell, and the words of what has focus in it."""
    return str(
        page.evaluate(
            "() => { const one = document.activeElement, cell = one.closest('td, tbody th');"
            " const row = cell?.parentElement.rowIndex, column = cell?.cellIndex;"
            " return cell ? `${row},${column}${one === cell ? '' : ' ' + one.ariaLabel}`"
            " : one.tagName; }"
        )
    )


def test_the_week_grid_is_one_tab_stop_and_moves_by_arrows(site: str, watch: Any) -> None:
    page = watch(viewport=DESK).open(site + "/week")
    page.locator("[data-grid] td").first.focus()
    walk = [
        ("ArrowRight", "1,2"),
        ("ArrowDown", "2,2"),
        ("End", "2,7"),
        ("ArrowRight", "2,7"),
        ("Home", "2,1"),
        ("ArrowLeft", "2,0"),
        ("Control+End", "4,7"),
        ("Control+Home", "1,1"),
        ("ArrowUp", "1,1"),
        ("Enter", "1,1 N, 0 of 2, Ward D2, day 1"),
        ("ArrowDown", "1,1 E, 2 of 2, Ward D2, day 1"),
        ("Escape", "1,1"),
        ("Tab", "SUMMARY"),
        ("Shift+Tab", "1,1"),
    ]
    assert [(key, page.keyboard.press(key) or here(page)) for key, _ in walk] == walk


@pytest.mark.parametrize(
    ("key", "ends"),
    [
        pytest.param("Enter", "/post", id="Enter opens the one link of an empty day"),
        pytest.param("n", "/post", id="n posts a shift"),
    ],
)
def test_a_key_in_the_week_grid_opens(site: str, watch: Any, key: str, ends: str) -> None:
    page = watch(viewport=DESK).open(site + "/week")
    page.locator("[data-grid] tbody tr").nth(0).locator("td").nth(1).focus()
    page.route("**/post", lambda route: route.fulfill(body="<title>posted</title>"))
    page.keyboard.press(key)
    expect(page).to_have_url(re.compile(ends + "$"))


def test_single_keys_search_and_list_and_stay_out_of_fields(site: str, watch: Any) -> None:
    page = watch(viewport=DESK).open(site + "/week")
    keys = page.locator("[data-grid-keys]")
    page.keyboard.press("?")
    expect(keys).to_have_attribute("open", "")
    page.keyboard.press("?")
    expect(keys).not_to_have_attribute("open", "")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("n/?")
    expect(page.locator("#q")).to_have_value("n/?")


def test_single_keys_can_be_turned_off(site: str, watch: Any) -> None:
    watched = watch(viewport=DESK)
    watched.page.route(
        "**/week",
        lambda route: route.fulfill(
            response=(answer := route.fetch()),
            body=answer.text().replace("data-grid>", "data-grid data-no-shortcuts>"),
        ),
    )
    page = watched.open(site + "/week")
    page.locator("[data-grid] td").first.focus()
    page.keyboard.press("/")
    assert here(page) == "1,1"


def test_paper_shows_the_content_and_when_it_was_printed(site: str, watch: Any) -> None:
    page = watch(viewport=DESK).open(site + "/week")
    page.emulate_media(media="print")
    for hidden in (".masthead", ".demo", ".footer", ".button", ".slot--new"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.get_by_text("Printed Tue 24 Nov 2026, 14:02")).to_be_visible()
    expect(page.locator(".slot--open").first).to_be_visible()
