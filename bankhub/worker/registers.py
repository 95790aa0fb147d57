"""The worker's part in watching registers: daily looks where a service is set, ends, warnings."""

import logging
from dataclasses import dataclass
from uuid import UUID

from bankhub.actions.clearances import clearance_checks
from bankhub.imports.clearance_registers import ClearedHere
from bankhub.worker.jobs import Jobs
from passport.actions.registers import ends_soon, register_checks, watching
from passport.actors import job
from passport.imports.register_rounds import Round, take_service
from passport.imports.register_service import service_of
from passport.rules.people.register_answers import Register

log = logging.getLogger("bankhub.worker")

MOST_ROUNDS = 100
"""Of one register and organisation, before the job gives way to its next tick."""


@dataclass(frozen=True, slots=True)
class RegisterJobs:
    """Jobs over the same database. A look is at a moment of the wall's clock, as a verifier sees
    it; ends and warnings are days of the trade's."""

    jobs: Jobs

    def check_registers(self) -> int:
        """Ask the register service about everybody who is due; how many answers came."""
        service = service_of(self.jobs.config)
        if service is None:
            return 0
        with self.jobs.database.reading() as session:
            bodies = self.jobs.config.register_bodies
            wanted = register_checks.organisations_with(session, bodies=bodies)
            wanted += [(host, body) for host in clearance_checks.hosts(session) for body in bodies]
        return sum(self._ask(service, *one) for one in dict.fromkeys(wanted))

    def _ask(self, service: Register, organisation_id: UUID, body: str) -> int:
        by, answers = register_checks.acting_in(job(), organisation_id), 0
        with self.jobs.database.reading() as session:
            held = register_checks.held_lately(
                session, organisation_id=organisation_id, body=body, now=self.jobs.real_now()
            )
        for _ in range(0 if held else MOST_ROUNDS):
            guests = ClearedHere(self.jobs.now)
            round_ = Round(organisation_id, body, by, self.jobs.real_now(), guests=guests)
            report = take_service(self.jobs.database, service, round_)
            answers += len(report.taken) + report.guests
            if report.held:
                log.error("register checks of %s held: see the registers page", body)
            if report.held or report.troubled or not report.asked:
                break
        return answers

    def close_registrations(self) -> int:
        """Hold back what ended at midnight; how many."""
        count = 0
        while closed := self.jobs.database.attempt(
            lambda session: watching.close_ended(session, by=job(), now=self.jobs.now())
        ):
            count += closed
        return count

    def warn_of_ends(self) -> int:
        """Write the warnings that are due; how many letters."""
        return self.jobs.database.attempt(
            lambda session: ends_soon.warn(session, by=job(), now=self.jobs.now())
        )
