"""Lists of organisations as ODS publishes them and as people make them."""

import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from bankhub.cli import organisations as command
from bankhub.imports.batches import Report
from bankhub.imports.ods import import_list, open_list
from bankhub.imports.ods_rows import spoken
from bankhub.model.sites import Site, Unit
from passport.actions.people.organisations import by_ods, groups_of
from passport.actors import AccessRole, Actor, operator
from passport.db import Database
from passport.errors import Forbidden, Invalid
from passport.events import Event
from passport.model.organisations import MembershipKind, Organisation, OrganisationKind

NOW = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)
TODAY = date(2026, 10, 1)


def official(*cells: str) -> str:
    """A line of 27 cells; the cells given are the first, then the filler."""
    filler = [""] * (27 - len(cells))
    return ",".join(f'"{cell}"' for cell in (*cells, *filler)) + "\r\n"


def trust(code: str, name: str, icb: str, closed: str = "", region: str = "Y62") -> str:
    """A line as in etr.csv. Codes, names and dates: Organisation Data Service, OGL v3.0."""
    return official(
        code, name, region, icb, "COBBETT HOUSE", "OXFORD ROAD", "", "MANCHESTER", "", "M13 9WL",
        "20171001", closed, "", "", "", "", "", "0161 276 1234", "", "", "", "1", "", "B",
    )  # fmt: skip


ETR = (
    trust("R0A", "MANCHESTER UNIVERSITY NHS FOUNDATION TRUST", "QOP")
    + trust("RBS", "ALDER HEY CHILDREN'S NHS FOUNDATION TRUST", "QYG")
    + trust("RM2", "UNIVERSITY HOSPITAL OF SOUTH MANCHESTER NHS TRUST", "QOP", "20171001")
)
EPRACCUR = official(
    "P84004", "THE ARCHWAYS", "Y62", "QOP", "1 STREET", "", "", "MANCHESTER", "", "M15 5TN",
    "19740401", "", "A", "B", "14L", "20170401", "", "0161 000 0000", "", "", "", "0", "", "", "",
    "4",
) + official(
    "Y02520", "WALK IN CENTRE", "Y62", "QOP", "2 STREET", "", "", "MANCHESTER", "", "M1 1AA",
    "20090101", "", "A", "B", "14L", "20170401", "", "", "", "", "", "0", "", "", "", "1",
)  # fmt: skip
GROUPS = (
    "ods_code,name,kind\nQOP,NHS Greater Manchester Integrated Care Board,icb\n"
    "QYG,NHS Cheshire and Merseyside Integrated Care Board,icb\nY62,North West,region\n"
)


def run(
    database: Database, content: str | bytes, name: str = "list.csv", **options: object
) -> Report:
    source = io.BytesIO(content.encode() if isinstance(content, str) else content)
    kind = options.pop("kind", None)
    table, layout = open_list(source, name, kind)  # type: ignore[arg-type]
    arguments: dict[str, object] = {"by": operator(), "now": NOW, **options}
    return import_list(database, table, layout, **arguments)  # type: ignore[arg-type]


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, len(report.refused)


def events(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Event)) or 0


def organisation(database: Database, code: str) -> Organisation:
    with database.reading() as session:
        found = by_ods(session, code)
    assert found is not None
    return found


def test_the_official_list_of_trusts_is_taken_with_its_groups(database: Database) -> None:
    run(database, GROUPS)
    report = run(database, ETR, "etr.csv")
    assert counts(report) == (3, 0, 0, 0)
    assert report.links == 3
    found = organisation(database, "R0A")
    assert (found.name, found.kind) == (
        "Manchester University NHS Foundation Trust", OrganisationKind.TRUST,
    )
    assert (found.address, found.postcode) == ("Cobbett House, Oxford Road, Manchester", "M13 9WL")
    assert organisation(database, "RM2").closed_on == date(2017, 10, 1)
    with database.reading() as session:
        groups = groups_of(session, member_id=found.id, on=TODAY)
        closed = groups_of(session, member_id=organisation(database, "RM2").id, on=date(2017, 9, 1))
    assert [(kind, group.ods_code) for kind, group in groups] == [("ics", "QOP"), ("region", "Y62")]
    assert [group.ods_code for _, group in closed] == ["QOP", "Y62"]


def test_repeating_a_list_changes_nothing_and_records_nothing(database: Database) -> None:
    run(database, GROUPS)
    run(database, ETR, "etr.csv")
    before = events(database)
    report = run(database, ETR, "etr.csv")
    assert (counts(report), report.links) == ((0, 0, 3, 0), 0)
    assert events(database) == before


def test_without_the_comparison_a_repeat_would_record_events(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(database, GROUPS)
    before = events(database)
    monkeypatch.setattr(
        "passport.actions.people.organisations.set_fields", lambda row, values: {"name": ["a", "a"]}
    )
    run(database, GROUPS)
    assert events(database) > before


def test_a_dry_run_tells_the_same_and_changes_nothing(database: Database) -> None:
    with_memberships = (
        "ods_code,name,kind,icb_code,icb_name\nR0A,Manchester University,trust,QOP,GM ICB\n"
    )
    report = run(database, with_memberships, dry_run=True)
    assert (counts(report), report.links) == ((1, 0, 0, 0), 1)
    assert events(database) == 0
    assert counts(run(database, with_memberships)) == (1, 0, 0, 0)


def test_an_unknown_group_is_noted_and_found_when_the_list_is_repeated(database: Database) -> None:
    report = run(database, ETR, "etr.csv")
    assert counts(report) == (3, 0, 0, 0)
    assert {said.line for said in report.notes} == {1, 2, 3}
    assert "QOP is not on record" in report.notes[0].text
    run(database, GROUPS)
    repeated = run(database, ETR, "etr.csv")
    assert (repeated.links, repeated.notes) == (3, [])


def test_practices_come_with_their_own_site_and_other_settings_are_passed_over(
    database: Database,
) -> None:
    report = run(database, EPRACCUR, "epraccur.csv")
    assert (counts(report), report.passed_over) == ((1, 0, 0, 0), 1)
    practice = organisation(database, "P84004")
    with database.reading() as session:
        site = session.scalars(sa.select(Site)).one()
    assert (site.organisation_id, site.code, site.name) == (practice.id, "P84004", "The Archways")


def test_the_official_list_of_sites_names_its_trusts(database: Database) -> None:
    run(database, GROUPS)
    run(database, ETR, "etr.csv")
    line = official(
        "R0A02", "MANCHESTER ROYAL INFIRMARY", "Y62", "QOP", "OXFORD ROAD", "", "", "MANCHESTER",
        "", "M13 9WL", "20171001", "", "", "", "R0A", "20171001",
    )  # fmt: skip
    unknown = line.replace("R0A02", "R9X02").replace('"R0A"', '"R9X"')
    report = run(database, line + unknown, "ets.csv")
    assert counts(report) == (1, 0, 0, 1)
    assert report.refused[0].line == 2
    assert "R9X" in report.refused[0].text


def test_capitals_do_not_overwrite_a_spelling_on_record(database: Database) -> None:
    run(database, "ods_code,name,kind\nRBS,Alder Hey Children's NHS Foundation TRUST,trust\n")
    run(database, ETR, "etr.csv")
    assert organisation(database, "RBS").name == "Alder Hey Children's NHS Foundation TRUST"


@pytest.mark.parametrize(
    ("capitals", "name"),
    [
        ("ST. MARY'S HOSPITAL FOR CHILDREN", "St. Mary's Hospital for Children"),
        ("THE QUEEN ELIZABETH HOSPITAL, KING'S LYNN, NHS TRUST",
         "The Queen Elizabeth Hospital, King's Lynn, NHS Trust"),
        ("DR A HAMID & PARTNERS (PCN)", "Dr A Hamid & Partners (PCN)"),
        ("STOKE-ON-TRENT 4TH FLOOR", "Stoke-on-Trent 4th Floor"),
        ("3D GP CENTRE", "3D GP Centre"),
    ],
)  # fmt: skip
def test_a_shouted_name_is_spoken(capitals: str, name: str) -> None:
    assert spoken(capitals) == name


HEADED = "ods_code,name,kind,postcode,open_date,close_date\n"
REFUSED_ROWS = {
    "a code that is none": (HEADED + "R 0A,X,trust,,,\n", "is not an ODS code"),
    "no name": (HEADED + "R0A,,trust,,,\n", "name: is missing"),
    "an unknown kind": (HEADED + "R0A,X,hospital,,,\n", "none of trust"),
    "a postcode that is none": (HEADED + "R0A,X,trust,M13,,\n", "is not a postcode"),
    "a date that is none": (HEADED + "R0A,X,trust,,31/02/2020,\n", "there is no day 31/02/2020"),
    "an American date": (HEADED + "R0A,X,trust,,12/31/2020,\n", "there is no day"),
    "an Excel day number": (HEADED + "R0A,X,trust,,44105,\n", "is not a date"),
    "closed before it opened": (
        HEADED + "R0A,X,trust,,2020-01-02,2020-01-01\n", "before the opening",
    ),
    "a formula for a name": (HEADED + "R0A,=1+1,trust,,,\n", "formula"),
    "more cells than columns": (HEADED + "R0A,X,trust,,,,more\n", "7 cells for 6 columns"),
}


@pytest.mark.parametrize(("content", "said"), REFUSED_ROWS.values(), ids=REFUSED_ROWS.keys())
def test_a_row_is_refused_with_line_and_reason_for(
    sqlite_database: Database, content: str, said: str
) -> None:
    report = run(sqlite_database, content + "R0B,Good,trust,,,\n")
    assert counts(report) == (1, 0, 0, 1)
    assert report.refused[0].line == 2
    assert said in report.refused[0].text


def test_a_code_is_never_given_to_another_kind(database: Database) -> None:
    run(database, GROUPS)
    report = run(database, "ods_code,name,kind\nQOP,Greater Manchester,trust\n")
    assert "on record as icb" in report.refused[0].text


def test_a_file_that_does_not_say_what_it_lists_is_refused(sqlite_database: Database) -> None:
    with pytest.raises(Invalid, match="list_of_what"):
        run(sqlite_database, "colour,size\nred,1\n")
    with pytest.raises(Invalid, match="list_of_what"):
        run(sqlite_database, official("QOP", "GREATER MANCHESTER ICB"), "download.csv")
    assert counts(run(sqlite_database, official("QOP", "GM"), "download.csv", kind="icb"))[0] == 1
    assert counts(run(sqlite_database, ETR, "download.csv")) == (3, 0, 0, 0)


PLACES = [
    "site_code,site_name,organisation_ods_code,postcode,latitude,longitude\n"
    "R0A02,Manchester Royal Infirmary,R0A,m139wl,53.4625,-2.2275\n",
    "unit_code,unit_name,site_code,organisation_ods_code,phone,instant_book\n"
    "WARD7,Ward 7,R0A02,R0A,0161 276 0000,no\n",
]


def test_sites_and_units_come_from_our_own_layout(database: Database) -> None:
    run(database, ETR, "etr.csv")
    assert [counts(run(database, place)) for place in PLACES] == [(1, 0, 0, 0)] * 2
    assert [counts(run(database, place)) for place in PLACES] == [(0, 0, 1, 0)] * 2
    with database.reading() as session:
        site, unit = session.scalars(sa.select(Site)).one(), session.scalars(sa.select(Unit)).one()
    assert (site.postcode, site.latitude) == ("M13 9WL", 53.4625)
    assert (unit.site_id, unit.code, unit.instant_book) == (site.id, "WARD7", False)


MEMBERSHIPS = "member_ods_code,group_ods_code,membership_kind,from_date,until_date\n"


def test_memberships_are_dated_and_many(database: Database) -> None:
    run(database, GROUPS)
    run(database, ETR, "etr.csv")
    content = MEMBERSHIPS + "R0A,QYG,ics,2024-04-01,2026-09-30\nRBS,QOP,ics,2025-01-01,\n"
    assert counts(run(database, content)) == (2, 0, 0, 0)
    assert counts(run(database, content)) == (0, 0, 2, 0)
    with database.reading() as session:
        alder_hey = organisation(database, "RBS").id
        now_in = groups_of(session, member_id=alder_hey, on=TODAY, kind=MembershipKind.ICS)
        manchester = organisation(database, "R0A").id
        was_in = groups_of(
            session, member_id=manchester, on=date(2026, 9, 30), kind=MembershipKind.ICS
        )
        no_longer = groups_of(session, member_id=manchester, on=TODAY, kind=MembershipKind.ICS)
    assert [group.ods_code for _, group in now_in] == ["QYG", "QOP"]
    assert [group.ods_code for _, group in was_in] == ["QYG", "QOP"]
    assert [group.ods_code for _, group in no_longer] == ["QOP"]


REFUSED_MEMBERSHIPS = {
    "a group that is not on record": ("R0A,QXX,ics,,", "QXX is not on record"),
    "a member that is not on record": ("R9X,QOP,ics,,", "R9X is not on record"),
    "a group of another kind": ("R0A,QOP,pcn,,", "not icb"),
    "itself": ("R0A,R0A,successor,,", "the same organisation"),
    "an unknown kind of membership": ("R0A,QOP,parent,,", "none of pcn"),
    "an end before the beginning": ("R0A,QYG,ics,2025-01-02,2025-01-01", "before"),
    "a period that overlaps one on record": ("RBS,QOP,ics,2024-01-01,2025-06-01", "on record from"),
}


@pytest.mark.parametrize(
    ("line", "said"), REFUSED_MEMBERSHIPS.values(), ids=REFUSED_MEMBERSHIPS.keys()
)
def test_a_membership_is_refused_for(sqlite_database: Database, line: str, said: str) -> None:
    run(sqlite_database, GROUPS)
    run(sqlite_database, ETR, "etr.csv")
    run(sqlite_database, MEMBERSHIPS + "RBS,QOP,ics,2025-01-01,\n")
    report = run(sqlite_database, MEMBERSHIPS + line + "\n")
    assert counts(report)[3] == 1, report
    assert said in report.refused[0].text


def test_only_the_operator_imports_organisations(sqlite_database: Database) -> None:
    manager = Actor(
        account_id=None, organisation_id=None, roles=frozenset(AccessRole), stepped_up=True
    )
    with pytest.raises(Forbidden):
        run(sqlite_database, GROUPS, by=manager)
    assert events(sqlite_database) == 0


@pytest.fixture
def command_line(sqlite_url: str, tmp_path: Path) -> Callable[..., Result]:
    env = {
        "BANKHUB_DATABASE_URL": sqlite_url,
        "BANKHUB_SECRET_KEY": "ab" * 32,
        "BANKHUB_MASTER_KEY": "cd" * 32,
    }

    def invoke(content: str | bytes, *options: str) -> Result:
        path = tmp_path / "etr.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return CliRunner().invoke(command.group, ["import", str(path), *options], env=env)

    return invoke


def test_the_command_tells_what_came_of_it(command_line: Callable[..., Result]) -> None:
    done = command_line(ETR)
    assert done.exit_code == 0
    assert "3 added, 0 changed, 0 unchanged" in done.stdout
    again = command_line(ETR, "--json")
    assert json.loads(again.stdout)["unchanged"] == 3


def test_the_command_hands_refused_rows_back(
    command_line: Callable[..., Result], tmp_path: Path
) -> None:
    back = tmp_path / "refused.csv"
    bad = HEADED + "R 0A,@home,trust,,,\nR0B,Good,trust,,,\n"
    done = command_line(bad, "--refused-out", str(back), "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["refused"][0]["line"] == 2
    heading, line = back.read_text("utf-8-sig").splitlines()
    assert heading.endswith('"refused_line","refused_because"')
    assert line.startswith('"R 0A","\'@home","trust"')


def test_the_command_refuses_a_wrong_file_in_one_sentence(
    command_line: Callable[..., Result],
) -> None:
    done = command_line(b"PK\x03\x04 not really")
    assert done.exit_code == 2
    assert "Excel workbook" in done.stderr
