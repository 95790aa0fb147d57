"""What the worker does at each tick. Every job takes its work from rows and may run twice."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from jinja2 import Environment
from sqlalchemy.orm import Session

from bankhub.actions import notices
from bankhub.actions.figures import fill_weeks
from bankhub.actions.governance import retention
from bankhub.actions.people.passport_jobs import jobs_of
from bankhub.actions.rosters import roster_files
from bankhub.worker.mail import is_lasting, post_office, texts, written
from passport.actions import audit
from passport.actions.access import idempotency, links, sessions, throttles
from passport.actions.issuing import collecting, issue_batches
from passport.actions.issuing.issue_records import Sources
from passport.actions.signing import keys, status_lists
from passport.actions.signing.signing import Where
from passport.actions.trust import own_list
from passport.actions.verifying import presented_answers
from passport.actors import job
from passport.config import Config
from passport.db import Database
from passport.fetching import Fetcher
from passport.imports import foreign_lists
from passport.sealing import vault_of

log = logging.getLogger("bankhub.worker")

Clock = Callable[[], datetime]
ROSTERS_KEPT = timedelta(days=7)
"""How long the bytes of an uploaded roster file are kept for handing refused rows back."""


@dataclass(frozen=True, slots=True)
class Jobs:
    """The worker's jobs over one database. `now` is the trade's clock, `real_now` the wall's."""

    database: Database
    config: Config
    now: Clock
    real_now: Clock
    environment: Environment

    @classmethod
    def over(cls, database: Database, config: Config, now: Clock, real_now: Clock) -> "Jobs":
        """The jobs, with the letters' templates loaded."""
        return cls(database, config, now, real_now, texts())

    def announce(self) -> int:
        """Tell people about tiers that have opened, until none is left; returns how many."""
        told = 0
        while found := self.database.attempt(
            lambda session: notices.announce(session, by=job(), now=self.now())
        ):
            told += found
        return told

    def send(self) -> int:
        """Send the letters that are due. Without a mail server they wait in the outbox."""
        if not self.config.smtp_url:
            return 0
        count = 0
        while letters := self.database.attempt(
            lambda session: notices.lease(session, now=self.now())
        ):
            with post_office(self.config.smtp_url) as server:
                for letter in letters:
                    count += self._send_one(server.send_message, letter)
        return count

    def _send_one(self, send: Callable[..., object], letter: notices.Letter) -> int:
        try:
            send(written(letter, self.config, self.environment))
        except (OSError, ValueError) as error:  # SMTPException is an OSError
            log.warning("letter %s not sent: %s", letter.notice_id, type(error).__name__)
            lasting, said = is_lasting(error), type(error).__name__
            with self.database.transaction() as session:
                notices.failed(
                    session,
                    notice_id=letter.notice_id,
                    error=said,
                    lasting=lasting,
                    now=self.now(),
                )
            return 0
        with self.database.transaction() as session:
            notices.sent(session, notice_id=letter.notice_id, now=self.now())
        return 1

    def roll_up(self) -> int:
        """Count the weeks again that events touched; returns how many."""
        with self.database.transaction() as session:
            fill_weeks.collect_dirty_weeks(session, now=self.now())
        counted = 0
        while self._count_one_week():
            counted += 1
        return counted

    def _count_one_week(self) -> bool:
        with self.database.transaction() as session:
            claimed = fill_weeks.next_dirty_week(session)
            if claimed is None:
                return False
            self._recompute(session, *claimed)
        return True

    def rebuild(self) -> int:
        """Count every week again: the nightly proof that the roll-up tells the same."""
        with self.database.reading() as session:
            weeks = fill_weeks.every_week(session)
        for organisation_id, week in weeks:
            with self.database.transaction() as session:
                self._recompute(session, organisation_id, week)
        return len(weeks)

    def _recompute(self, session: Session, organisation_id: UUID, week: date) -> None:
        now = self.now()
        fill_weeks.recompute(session, organisation_id=organisation_id, week=week, now=now)

    def number_events(self) -> int:
        """Add new events to the audit log and sign where it stands; returns how many."""
        added = 0
        while found := self.database.attempt(
            lambda session: audit.sequence(session, master_key=self.config.master_key)
        ):
            added += found
        return added

    def issue_approved(self) -> int:
        """Issue the batches that were approved, portion by portion; returns how many portions."""
        sources = Sources(vault_of(self.config), jobs_of)
        portions = 0
        while batch_id := self.database.attempt(issue_batches.approved):
            with self.database.transaction() as session:
                issue_batches.issue_portion(
                    session, batch_id=batch_id, sources=sources, by=job(), now=self.real_now()
                )
            portions += 1
        return portions

    def publish(self) -> int:
        """Sign the status lists and the trust list that changed or grew old; returns how many. A
        list that cannot be signed keeps none of the others waiting."""
        vault, where, now = vault_of(self.config), Where.of(self.config), self.real_now()
        signed, left_out, more = 0, set[UUID](), 1
        while more:
            try:
                more = self.database.attempt(
                    lambda session: status_lists.publish(
                        session, vault=vault, base=where.base, by=job(), now=now, without=left_out
                    )
                )
                signed += more
            except status_lists.CannotSign as problem:
                log.error("%s", problem)
                left_out.add(problem.list_id)
        return signed + self.database.attempt(
            lambda session: own_list.publish(
                session, vault=vault, where=where, by=job(), now=now
            )
        )

    def renew_keys(self) -> int:
        """Make the next key where one will soon not sign any more; returns how many."""
        vault, now = vault_of(self.config), self.real_now()
        made = self.database.attempt(
            lambda session: keys.renew_due(
                session, vault=vault, base=self.config.base_url, by=job(), now=now
            )
        )
        return len(made)

    def fetch_lists(self) -> int:
        """Fetch what other installations publish; returns how many status lists say more."""
        with Fetcher.of(self.config) as fetcher:
            found = foreign_lists.refresh(self.database, fetcher, by=job(), now=self.real_now())
        for trouble in found.troubles:
            log.warning("not fetched: %s", trouble)
        return found.changed

    def forget_shown(self) -> int:
        """Throw away what was shown once its purpose no longer allows keeping it; returns how
        many requests that was."""
        forgotten = 0
        while found := self.database.attempt(
            lambda session: presented_answers.forget(session, by=job(), now=self.real_now())
        ):
            forgotten += found
        return forgotten

    def keep_retention(self) -> int:
        """Let go of what has outlived the retention schedule; returns how many rows and people."""
        gone = 0
        while done := self.database.attempt(
            lambda session: retention.keep(session, by=job(), now=self.now())
        ):
            gone += sum(done.values())
        return gone

    def tidy(self) -> None:
        """Forget what has outlived its use."""
        with self.database.transaction() as session:
            now = self.real_now()
            idempotency.forget_old(session, now)
            sessions.forget_dead(session, now)
            links.forget_expired(session, now)
            throttles.forget_empty(session, now)
            collecting.forget_old(session, now=now)
            roster_files.forget_uploads(session, received_before=now - ROSTERS_KEPT)
