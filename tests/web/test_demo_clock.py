"""The demo's clock is moved from any page, and one stays on it."""

from passport.actors import AccessRole as R
from tests.support.access_web import hidden_fields
from tests.support.desk import a_desk


def test_moving_the_clock_leads_back_to_the_page_it_was_moved_on(sqlite_url: str) -> None:
    desk = a_desk(sqlite_url, demo=True)
    coordinator = desk.person(R.ROTA_COORDINATOR)
    page = "/office/week?on=2026-09-14"
    sent = hidden_fields(coordinator.get(page).text, "/demo/clock")
    for referrer, leads_to in (
        (f"http://localhost{page}", page),
        ("https://elsewhere.example/office/week", "/"),
        ("", "/"),
    ):
        moved = coordinator.client.post(
            "/demo/clock", data={**sent, "step": "60"}, headers={"Referer": referrer}
        )
        assert moved.status_code == 303
        assert moved.location == leads_to
