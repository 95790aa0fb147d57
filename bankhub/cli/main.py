"""`bankhub`: the console command."""

import click

from bankhub.cli import db

@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="bankhub")
def main() -> None:
    """BankHub: fill shifts with your own people before you pay an agency."""


for group in (db.group,):
    main.add_command(group)
