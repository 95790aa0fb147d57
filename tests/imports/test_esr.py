"""ESR training exports: awards are taken, other people's rows are not, each row has its reason."""

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.actions.people.posts import post_by_number
from bankhub.imports.esr import TrainingReport, TrainingSending, import_training
from passport.actors import AccessRole as R
from passport.actors import Actor, operator
from passport.db import Database
from passport.errors import Forbidden, Invalid
from passport.events import Event
from passport.imports.tables import open_table
from passport.model.facts import Fact, FactKind
from passport.model.organisations import Organisation
from tests.support import build

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
OWN = "Competency Name,Expiry Date,Date Start,Last Updated By,Title,VPD"
TEAM = (
    "Assignment Number,Employee Name,Competency Name,Competence Level,Min Requirement,Essential,"
    "Expiry Date,Compliance Status,Description,Date Start,Date Last Awarded,Title,"
    "Last Updated By,VPD"
)
FIRE = '"NHS|CSTF|Fire Safety - 2 Years|"'


@dataclass
class Ward:
    """A trust with Ada (20000001) and Ben (20000002)."""

    database: Database
    trust: Organisation

    def send(
        self, *lines: str, head: str = OWN, person: str = "20000001", by: Actor | None = None,
        dry_run: bool = False, text: bytes | None = None,
    ) -> TrainingReport:  # fmt: skip
        content = text or "\r\n".join([head, *lines]).encode()
        sending = TrainingSending(
            self.trust.id, by or operator(self.trust.id), NOW, dry_run, person
        )
        return import_training(self.database, open_table(io.BytesIO(content)), sending)

    def awards(self, assignment: str = "20000001") -> dict[tuple[str, int], Any]:
        with self.database.reading() as session:
            post = post_by_number(session, self.trust.id, assignment)
            assert post is not None
            facts = session.scalars(
                sa.select(Fact).where(
                    Fact.person_id == post.person_id, Fact.kind == FactKind.TRAINING,
                    Fact.superseded_by_id.is_(None),
                )
            ).all()  # fmt: skip
        return {(one.value["subject"], one.value["level"]): one for one in facts}


@pytest.fixture
def ward(database: Database) -> Ward:
    with database.transaction() as session:
        trust = build.an_organisation(session)
        for number, given, family in (("1", "Ada", "Okafor"), ("2", "Ben", "Bright")):
            person = build.a_person(session, trust, given_name=given, family_name=family,
                                    date_of_birth=date(1990, 5, int(number)))  # fmt: skip
            build.a_post(session, person, assignment_number=f"2000000{number}")
    return Ward(database, trust)


def own(competency: str = FIRE, expiry: str = "01-Jan-2028", start: str = "01-Jan-2026") -> str:
    return f'{competency},{expiry},{start},"B02|Jones, Bob",Fire course,457'


def team(
    number: str = "20000001", name: str = '"Okafor, Dr Ada"', competency: str = FIRE,
    level: str = "1 - Attended", expiry: str = "30-Nov-2027",
    awarded: str = "2025/11/30 00:00:00", start: str = "02-Dec-2020",
) -> str:  # fmt: skip
    return (
        f'{number},{name},{competency},{level},,Y,{expiry},GREEN,,{start},{awarded},x,'
        '"457X|Jones, Bob",457'
    )


def test_a_learners_own_export_is_taken_for_the_person_named(ward: Ward) -> None:
    report = ward.send(own())
    assert (report.added + report.changed, report.refused) == (1, [])
    (award,) = ward.awards().values()
    assert (award.awarded_on, award.source) == (date(2026, 1, 1), "esr")
    assert award.value == {
        "subject": "FIRE", "level": 1, "framework": "CSTF", "competency": "Fire Safety",
    }
    assert award.valid_until is None, "an award has no expiry"


def test_without_a_named_person_an_export_that_names_nobody_is_refused_whole(ward: Ward) -> None:
    with pytest.raises(Invalid, match="file_person"):
        ward.send(own(), person="")


def test_who_updated_a_row_is_never_the_learner(ward: Ward) -> None:
    ward.send(f'{FIRE},01-Jan-2028,01-Jan-2026,"20000002|Bright, Ben",Fire course,457')
    assert ward.awards("20000002") == {}
    assert len(ward.awards()) == 1


def test_a_teams_export_gives_each_row_to_whom_it_names(ward: Ward) -> None:
    ward.send(team(), team("20000002", '"Bright, Mr Ben"', level="1 - Assessed"),
              head=TEAM, person="")  # fmt: skip
    (ada,), (ben,) = ward.awards().values(), ward.awards("20000002").values()
    assert ada.awarded_on == ben.awarded_on == date(2025, 11, 30)
    assert ben.value["award_basis"] == "ASSESSMENT"


REFUSED = {
    "somebody of another employer": (team("99999999", '"Smith, Jane"'), "", "No post here"),
    "another person than the one named": (team("20000002", '"Bright, Ben"'), "20000001", "another"),
    "an assignment number with another name": (team(name='"Smith, Jane"'), "", "another name"),
    "nobody named in the row": (team("", ""), "", "whose training"),
    "nobody named in the row, one by the officer": (team("", ""), "20000001", "whose training"),
    "a competence that is none": (team(competency="Fire Safety"), "", "is not OWNER"),
    "no day at all": (team(expiry="", awarded="", start=""), "", "no day of award"),
    "a day that is none": (team(awarded="soon"), "", "is not a date"),
    "an award that has not come": (
        team(awarded="2027/01/01 00:00:00", expiry="01-Jan-2029"), "", "has not come",
    ),
    "an expiry before the award": (team(expiry="01-Jan-2020"), "", "before it was awarded"),
    "a level the subject does not have": (
        team(competency='"NHS|CSTF|Fire Safety - Level 3 - 2 Years|"'), "", "no level 3",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("line", "person", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_a_refused_row_has_its_reason_and_the_others_stand(
    ward: Ward, line: str, person: str, said: str
) -> None:
    good = team(competency='"NHS|CSTF|Conflict Resolution - 3 Years|"')
    report = ward.send(line, good, head=TEAM, person=person)
    (refused,) = report.refused
    assert said in refused.text
    assert refused.line == 2
    assert len(report.said) == 2
    assert list(ward.awards()) == [("CR", 1)]


def test_a_person_cell_with_number_and_name_is_read(ward: Ward) -> None:
    head = "Person,Competency Name,Date Last Awarded"
    report = ward.send(
        f'"20000001|Okafor, Ada",{FIRE},02-Dec-2025', f'"99999999|Smith, Jane",{FIRE},02-Dec-2025',
        head=head, person="",
    )  # fmt: skip
    assert len(report.refused) == 1
    assert len(ward.awards()) == 1


def test_a_name_that_changed_is_still_the_person(ward: Ward) -> None:
    assert ward.send(team(name='"Okafor-Bell, Miss Ada"'), head=TEAM, person="").refused == []


def test_a_missing_day_is_counted_back_and_said(ward: Ward) -> None:
    report = ward.send(own(start="", expiry="30-Nov-2027"))
    (award,) = ward.awards().values()
    assert award.awarded_on == date(2025, 11, 30)
    assert award.value["derived"] is True
    assert "24 months before its expiry" in report.notes[0].text


def test_no_expiry_is_no_expiry(ward: Ward) -> None:
    assert ward.send(own(expiry="No expiry")).refused == []


def test_an_expiry_that_speaks_of_a_later_award_does_not_count(ward: Ward) -> None:
    report = ward.send(own(start="01-Jan-2020", expiry="30-Sep-2028"))
    assert next(iter(ward.awards().values())).awarded_on == date(2020, 1, 1)
    assert "later award" in report.notes[0].text


def test_of_a_history_the_newest_award_counts_however_it_is_ordered(ward: Ward) -> None:
    lines = [own(start="01-Jan-2024", expiry="01-Jan-2026"), own(), own(start="01-Jan-2022",
             expiry="01-Jan-2024"), own()]  # fmt: skip
    report = ward.send(*lines)
    assert next(iter(ward.awards().values())).awarded_on == date(2026, 1, 1)
    assert report.passed_over == 2
    assert [one.text for one in report.refused] == ["repeats the award of line 3"]
    again = ward.send(*lines)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 1)


def test_the_same_file_again_changes_nothing(ward: Ward) -> None:
    ward.send(own())
    with ward.database.reading() as session:
        before = session.scalar(sa.select(sa.func.count()).select_from(Event))
    assert ward.send(own()).unchanged == 1
    with ward.database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Event)) == before


def test_a_dry_run_changes_nothing(ward: Ward) -> None:
    assert ward.send(own(), dry_run=True).changed == 1
    assert ward.awards() == {}


def test_local_and_other_national_training_is_kept_under_its_own_name(ward: Ward) -> None:
    report = ward.send(
        own('"457|LOCAL|Clinical Risk (PAR) - 2 Years|"'),
        own('"NHS|CSTF|Dementia Awareness - 2 Years|"'),
    )
    held = ward.awards()
    assert held["LOCAL_457_CLINICAL_RISK_PAR", 1].value["title"] == "Clinical Risk (PAR)"
    assert held["NHS_DEMENTIA", 1].value["framework"] == "MAND"
    assert "no core skills subject" in report.notes[0].text


ENCODINGS = {
    "utf-8 with a mark": ("\ufeff" + OWN + "\r\n" + own()).encode(),
    "semicolons": (
        OWN.replace(",", ";") + "\n" + f"{FIRE};01-Jan-2028;01-Jan-2026;x;y;457"
    ).encode(),
    "utf-16": (OWN + "\r\n" + own()).encode("utf-16"),
}


@pytest.mark.parametrize("content", ENCODINGS.values(), ids=ENCODINGS.keys())
def test_files_of_every_spelling_are_read(ward: Ward, content: bytes) -> None:
    assert ward.send(text=content).refused == []
    assert len(ward.awards()) == 1


def test_a_file_that_is_no_training_export_is_refused_whole(ward: Ward) -> None:
    with pytest.raises(Invalid, match="file_columns"):
        ward.send("1,2", head="Name,Wage")
    with pytest.raises(Invalid, match="file_columns"):
        ward.send("1,2", head="Competency Name,Title")


def test_only_hr_sends_training(ward: Ward) -> None:
    with pytest.raises(Forbidden):
        ward.send(own(), by=build.an_actor(ward.trust, R.WARD_REQUESTER))
