"""The worker's part in sharing staff: what agreements, clearances and deployments do by the day."""

from dataclasses import dataclass
from functools import partial

from bankhub.actions.agreements import agreement_keeping, recharges
from bankhub.actions.clearances import clearance_doors
from bankhub.actions.deployments import deployment_reminders, deployment_turns
from bankhub.worker.jobs import Jobs
from passport.actors import job


@dataclass(frozen=True, slots=True)
class SharingJobs:
    """Jobs over the same database, by the trade's clock."""

    jobs: Jobs

    def keep_agreements(self) -> int:
        """Follow successors, warn, end and wind down what the day calls for; returns how many."""
        kept = self.jobs.database.attempt(
            lambda session: agreement_keeping.keep(session, by=job(), now=self.jobs.now())
        )
        return kept.succeeded + kept.warned + kept.ended + kept.wound_down

    def keep_clearances(self) -> int:
        """Decide every open clearance again, for the days that passed; returns how many rounds."""
        after, rounds, more = None, 0, True
        while more:
            after = self.jobs.database.attempt(
                partial(clearance_doors.keep, after=after, by=job(), now=self.jobs.now())
            )
            more = after is not None
            rounds += more
        return rounds

    def derive_coverage(self) -> int:
        """Derive who sees whose shifts anew; returns how many rows that is."""
        return self.jobs.database.attempt(
            lambda session: agreement_keeping.derive(session, by=job(), now=self.jobs.now())
        )

    def keep_deployments(self) -> int:
        """Begin, end and close what the day calls for; delete what is due; returns how many."""
        return self.jobs.database.attempt(
            lambda session: deployment_turns.keep(session, by=job(), now=self.jobs.now())
        )

    def remind_of_tasks(self) -> int:
        """Tell whose tasks after a deployment are past their day; returns how many letters."""
        return self.jobs.database.attempt(
            lambda session: deployment_reminders.remind(session, by=job(), now=self.jobs.now())
        )

    def accrue_recharges(self) -> int:
        """Write what hosts owe for shifts that are over, until none is left; returns how many."""
        written = 0
        while found := self.jobs.database.attempt(
            lambda session: recharges.accrue(session, by=job(), now=self.jobs.now())
        ):
            written += found
        return written
