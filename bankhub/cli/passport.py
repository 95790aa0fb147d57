"""`bankhub passport`: credentials on the command line."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from bankhub.cli.shared import fail, wall_clock
from passport.model.freshness import freshness_on
from passport.rules.tokens import jws, status_list
from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.gate_token import GATE, PREFIX
from passport.rules.tokens.trust_list import TrustList, read_trust
from passport.rules.verifying.credential_verdict import credential_verdict
from passport.rules.verifying.gate_verdict import gate_verdict
from passport.rules.verifying.verdict import Known, Outcome, Verdict

MOST = 8 * 1024 * 1024
"""Bytes of any file: far above what a list or token may have."""

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FILE_OR_DASH = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)


@click.group("passport")
def group() -> None:
    """Issue, ask for and verify staff passports."""


@group.command("verify")
@click.argument("shown", type=FILE_OR_DASH, metavar="FILE|-")
@click.option("--root", type=FILE, multiple=True, help="PEM of who signs the list.")
@click.option("--trust-list", type=FILE, help="The signed trust list.")
@click.option("--status", type=FILE, multiple=True, help="A signed status list.")
@click.option("--nonce", help="What the request asked to be signed.")
@click.option("--audience", help="For whom it has to be made.")
@click.option("--challenge", help="Digits that the holder typed in.")
@click.option("--at", help="The moment to judge at (ISO, with offset); now if not given.")
@click.option("--json", "json_wanted", is_flag=True, help="Print one JSON object.")
def verify(
    shown: Path,
    root: Sequence[Path],
    trust_list: Path | None,
    status: Sequence[Path],
    nonce: str | None,
    audience: str | None,
    challenge: str | None,
    at: str | None,
    json_wanted: bool,
) -> None:
    """Say whether a passport can be believed, with no server and no network.

    FILE holds the text of a QR code (SP1:…) or an SD-JWT VC. Exit code 0: green; 1: amber or red;
    2: not asked rightly.
    """
    now = moment_of(at)
    text = read_text(shown).strip()
    known = Known(
        trust=trust_of(trust_list, root, now),
        policy=freshness_on(now.date()).policy,
        now=now,
        lists=_lists(status),
    )
    verdict = _verdict(text, known, nonce=nonce, audience=audience, challenge=challenge)
    click.echo(json.dumps(told(verdict)) if json_wanted else "\n".join(_lines(verdict)))
    raise SystemExit(0 if verdict.outcome is Outcome.GREEN else 1)


def told(verdict: Verdict) -> dict[str, Any]:
    """A verdict as JSON."""
    return {
        "outcome": verdict.outcome.name.lower(),
        "reasons": [
            {"code": one.code, "detail": one.detail, "act": one.act,
             "outcome": one.outcome.name.lower()}
            for one in verdict.findings
        ],
        "facts": [
            {"kind": one.kind, "says": one.says, "by": one.by, "checked": one.checked}
            for one in verdict.facts
        ],
        "checked": list(verdict.checked),
        "not_checked": list(verdict.not_checked),
    }  # fmt: skip


def _lines(verdict: Verdict) -> list[str]:
    lines = [verdict.outcome.name]
    if verdict.name:
        lines.append(verdict.name)
    lines += [f"  {one.detail} {one.act}" for one in verdict.findings]
    lines += [
        f"  {one.says}. {one.by}{f', {one.checked}' if one.checked else ''}"
        for one in verdict.facts
    ]
    lines.append(f"Checked: {', '.join(verdict.checked) or 'nothing'}.")
    if verdict.not_checked:
        lines.append(f"Not checked: {', '.join(verdict.not_checked)}.")
    return lines


def _verdict(
    text: str, known: Known, *, nonce: str | None, audience: str | None, challenge: str | None
) -> Verdict:
    if text.startswith(PREFIX):
        return gate_verdict(text, known, audience=audience or GATE, challenge=challenge)
    if bool(nonce) != bool(audience):
        fail("--nonce and --audience belong together.")
    return credential_verdict(text, known, audience=audience or None, nonce=nonce or None)


def moment_of(at: str | None) -> datetime:
    """The moment that `--at` names, or now; anything else ends the command with 2."""
    if at is None:
        return wall_clock()
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        fail(f"--at is no ISO moment: {at[:40]}")
    if moment.tzinfo is None:
        fail("--at needs its offset, for example 2026-11-22T07:30:00+00:00.")
    return moment.astimezone(UTC)


def trust_of(file: Path | None, roots: Sequence[Path], now: datetime) -> TrustList | None:
    """The trust list of a file, believed by its root; one that is not ends the command with 2."""
    if file is None:
        return None
    if not roots:
        fail("--trust-list is believed only with the --root that stands behind it.")
    try:
        believed = [read_text(root) for root in roots]
        return read_trust(read_text(file).strip(), root=believed, now=now)
    except BadToken as problem:
        fail(f"The trust list is not believed: {_why(problem)}")


def _lists(files: Sequence[Path]) -> dict[str, str]:
    """Status lists by the address they say they are published at; the verdict believes them or
    not."""
    found = {}
    for file in files:
        text = read_text(file).strip()
        try:
            said = jws.read(
                text,
                typ=status_list.TYP,
                key_headers=frozenset({"x5c"}),
                most=status_list.MOST_TEXT,
            )
            found[str(said.claims.get("sub"))] = text
        except BadToken as problem:
            fail(f"{file.name} is no status list: {_why(problem)}")
    return found


def _why(problem: BadToken) -> str:
    return f"{problem.code.replace('_', ' ')}{f' ({problem.detail})' if problem.detail else ''}."


def read_text(path: Path) -> str:
    """The text of a file or of standard input, of at most `MOST` bytes."""
    with click.open_file(str(path), "rb") as file:
        content: bytes = file.read(MOST + 1)
    if len(content) > MOST:
        fail(f"{path.name} is larger than {MOST // 1024 // 1024} MB.")
    return content.decode("utf-8", "replace")
