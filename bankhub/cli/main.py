"""`bankhub`: the console command."""

import click

from bankhub.cli import (
    accounts,
    agreements,
    db,
    demo,
    figures,
    organisations,
    passport,
    passport_issue,
    passport_keys,
    passport_offer,
    passport_registers,
    passport_request,
    passport_trust,
    people,
    service,
    shifts,
    subjects,
    training,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="bankhub")
def main() -> None:
    """BankHub: fill shifts with your own people before you pay an agency."""


passport.group.add_command(passport_offer.offer)
passport.group.add_command(passport_issue.checks)
passport.group.add_command(passport_issue.issue)
passport.group.add_command(passport_keys.group)
passport.group.add_command(passport_registers.group)
passport.group.add_command(passport_trust.group)
passport.group.add_command(passport_request.request)
passport.group.add_command(passport_request.verdict)

for command in (
    db.group,
    organisations.group,
    people.group,
    training.group,
    passport.group,
    shifts.group,
    subjects.group,
    agreements.group,
    accounts.group,
    accounts.token,
    figures.fill_rate,
    figures.audit_group,
    service.serve,
    service.worker,
    demo.command,
):
    main.add_command(command)


if __name__ == "__main__":
    main()
