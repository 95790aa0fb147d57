"""The API of people who ask for their data or its erasure. As on the pages, making a file and an
erasure want a second factor; a program without one reads what there is."""

from base64 import b64encode
from typing import Any
from uuid import UUID

from marshmallow import fields, validate
from sqlalchemy.orm import Session

from bankhub.actions.governance import subject_requests, subject_search
from bankhub.actions.governance.subject_requests import Asked
from bankhub.rules.governance.subject_document import Section
from bankhub.web.shapes import chosen, moment, words
from passport.model.subject_requests import SubjectRequestKind
from passport.sealing import vault_of
from passport.web.access import current_actor
from passport.web.api_base import Answer, Resource, Strict
from passport.web.lent import lent, now

resource = Resource("subject_api", "People who ask for their data, or that it be erased")

PERSON = "/information-governance/people/<uuid:person_id>"
ONE = "/information-governance/requests/<uuid:subject_request_id>"


class SubjectQuery(Strict):
    """The beginning of names or of an e-mail address."""

    search = fields.String(required=True, validate=validate.Length(1, 80))


class SubjectShape(Answer):
    """Somebody of whom the organisation holds something."""

    person_id = fields.UUID(attribute="id")
    name = fields.String()
    own = fields.Boolean(attribute="is_own", metadata={"description": "Not a partner's person"})
    account = fields.Boolean(
        attribute="is_account", metadata={"description": "Holds an office, and is on no record"}
    )


class SubjectList(Answer):
    """By name."""

    people = fields.List(fields.Nested(SubjectShape))


@resource.read(
    "/information-governance/people", query=SubjectQuery, answer=SubjectList, logged=True
)
def find(session: Session, values: dict[str, str]) -> dict[str, Any]:
    """People of whom the organisation holds something; a look at a partner's is logged."""
    by = current_actor()
    found = subject_search.find_people(session, words=values["search"], by=by, now=now())
    return {"people": found}


class HeldShape(Answer):
    """Rows of one table about the person."""

    table = fields.String()
    about = fields.String()
    rows = fields.Integer()
    kept = fields.String()
    erasure = fields.String(allow_none=True)


class HeldList(Answer):
    """What the person's file will hold."""

    tables = fields.List(fields.Nested(HeldShape))
    happened = fields.Integer(metadata={"description": "Entries of the audit log"})


@resource.read(f"{PERSON}/held", answer=HeldList, logged=True)
def read_held(session: Session, person_id: UUID) -> dict[str, Any]:
    """What is held of a person, by table, and what an erasure does with it."""
    file = subject_requests.overview(
        session, person_id=person_id, by=current_actor(), now=now()
    )
    return {
        "tables": [_held(one) for one in file.sections],
        "happened": len(file.happened),
    }


def _held(one: Section) -> dict[str, Any]:
    entry = one.entry
    return {
        "table": entry.table, "about": entry.about, "rows": len(one.rows), "kept": one.kept,
        "erasure": entry.erasure.value if entry.erasure else None,
    }  # fmt: skip


class SubjectFileShape(Answer):
    """A zip archive: a page to read, the same as JSON, the photo."""

    name = fields.String()
    archive = fields.String(metadata={"description": "Base64"})


@resource.deed(f"{PERSON}/file", answer=SubjectFileShape, status=200, shown=True)
def make_file(session: Session, person_id: UUID) -> dict[str, str]:
    """Make the person's file; that it was made is on record, and the file itself is not kept."""
    content = subject_requests.export(
        session, person_id=person_id, vault=vault_of(lent().config), by=current_actor(), now=now()
    )
    return {"name": "subject-file.zip", "archive": b64encode(content).decode()}


class RequestShape(Answer):
    """A request and where it stands; `outcome` says what was done, table by table."""

    id = fields.UUID()
    person_id = fields.UUID()
    name = fields.String()
    kind = chosen(SubjectRequestKind)
    asked_at = moment()
    agreed_at = moment(allow_none=True)
    done_at = moment(allow_none=True)
    refused_at = moment(allow_none=True)
    refused_because = fields.String()
    outcome = fields.Dict(keys=fields.String())


class RequestList(Answer):
    """Those that wait first, then the newest."""

    requests = fields.List(fields.Nested(RequestShape))


@resource.read("/information-governance/requests", answer=RequestList, logged=True)
def list_requests(session: Session) -> dict[str, Any]:
    """The organisation's requests for data and erasure."""
    found = subject_requests.listed(session, by=current_actor(), now=now())
    return {"requests": [_request(one) for one in found]}


@resource.read(ONE, answer=RequestShape, logged=True)
def read_request(session: Session, subject_request_id: UUID) -> dict[str, Any]:
    """One request, and what was done."""
    return _one(session, subject_request_id)


@resource.deed(f"{PERSON}/erasures", answer=RequestShape)
def ask_erasure(session: Session, person_id: UUID) -> dict[str, Any]:
    """Ask that what is held of the person be erased; somebody else agrees."""
    made = subject_requests.ask_erasure(
        session, person_id=person_id, by=current_actor(), now=now()
    )
    return _request(Asked(made, ""))


@resource.deed(f"{ONE}/agree", answer=RequestShape, status=200)
def agree(session: Session, subject_request_id: UUID) -> dict[str, Any]:
    """Agree as the second person: it is done at once and cannot be undone."""
    done = subject_requests.agree_erasure(
        session, request_id=subject_request_id, by=current_actor(), now=now()
    )
    return _request(Asked(done, ""))


class Refusal(Strict):
    """Why; the person is told."""

    because = words(required=True, most=500)


@resource.deed(f"{ONE}/refuse", body=Refusal, answer=RequestShape, status=200)
def refuse(session: Session, values: dict[str, str], subject_request_id: UUID) -> dict[str, Any]:
    """Refuse an erasure, with the reason."""
    made = subject_requests.refuse_erasure(
        session, request_id=subject_request_id, by=current_actor(), now=now(), **values
    )
    return _request(Asked(made, ""))


def _one(session: Session, subject_request_id: UUID) -> dict[str, Any]:
    found = subject_requests.one_request(
        session, request_id=subject_request_id, by=current_actor(), now=now()
    )
    return _request(found)


def _request(asked: Asked) -> dict[str, Any]:
    one = asked.request
    return {
        "id": one.id, "person_id": one.person_id, "name": asked.name, "kind": one.kind,
        "asked_at": one.asked_at, "agreed_at": one.agreed_at, "done_at": one.done_at,
        "refused_at": one.refused_at, "refused_because": one.refused_because,
        "outcome": one.outcome,
    }  # fmt: skip
