"""The worker's part in sharing staff: what agreements, clearances and deployments do by the day."""

from dataclasses import dataclass

from bankhub.actions import deployment_turns
from bankhub.worker.jobs import Jobs
from passport.actors import job


@dataclass(frozen=True, slots=True)
class SharingJobs:
    """Jobs over the same database, by the trade's clock."""

    jobs: Jobs

    def keep_deployments(self) -> int:
        """Begin, end and close what the day calls for; delete what is due; returns how many."""
        return self.jobs.database.attempt(
            lambda session: deployment_turns.keep(session, by=job(), now=self.jobs.now())
        )
