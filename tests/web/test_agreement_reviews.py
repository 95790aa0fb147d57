"""Reviewing a draft on its page: by which role for which area, and what is missing."""

import pytest

from passport.actors import AccessRole as R
from tests.support.desk import Desk, Staff
from tests.web.test_agreement_pages import Way, desk, manager, other, way

__all__ = ["desk", "manager", "other", "way"]


def test_one_name_does_not_review_for_two_areas(desk: Desk, manager: Staff, way: Way) -> None:
    way.step(manager, "to-review")
    said = {"name": "Hana Reed", "job_title": "Head", "answer": "signed_off"}
    assert manager.fill(f"{way.version}/review", area="hr", **said).status_code == 303
    refused = manager.fill(f"{way.version}/review", area="ig", **said)
    assert refused.status_code in (409, 422)
    assert 'href="#name"' in refused.text


def test_each_role_is_offered_its_areas(desk: Desk, manager: Staff, way: Way) -> None:
    way.step(manager, "to-review")
    officer = desk.person(R.HR_OFFICER, name="Hana Reed")
    page = officer.get(f"{way.version}/review").text
    assert 'value="hr"' in page
    assert 'value="ig"' not in page
    assert "somebody with the role of that area" in page
    assert officer.get(way.page).text.count("Sign off or send back") == 3
    said = {"name": "Hana", "job_title": "Head", "answer": "signed_off"}
    refused = officer.fill(f"{way.version}/review", area="ig", **said)
    assert refused.status_code in (409, 422)
    assert 'href="#area"' in refused.text


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"area": "", "answer": "signed_off"}, "area"),
        ({"area": "hr"}, "answer"),
        ({"area": "hr", "answer": "sent_back"}, "comment"),
        ({"area": "hr", "answer": "signed_off", "name": ""}, "name"),
        ({"area": "hr", "answer": "signed_off", "job_title": ""}, "job_title"),
    ],
)
def test_a_review_with_something_missing_is_said(
    manager: Staff, way: Way, said: dict[str, str], field: str
) -> None:
    way.step(manager, "to-review")
    refused = manager.fill(f"{way.version}/review", **{"name": "Hana", "job_title": "Head", **said})
    assert refused.status_code == 422
    assert f'href="#{field}"' in refused.text
