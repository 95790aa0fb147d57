"""`bankhub demo`, where the demo's extra is installed."""

import importlib.util

import click

from bankhub.cli.shared import fail


@click.command("demo", context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def command(words: tuple[str, ...]) -> None:
    """Serve a seeded demo on this machine (needs the extra: pip install 'bankhub[demo]')."""
    if importlib.util.find_spec("faker") is None:
        fail("The demo invents people with Faker: pip install 'bankhub[demo]'.")
    main = importlib.import_module("bankhub.demo.main")
    main.demo.main(args=list(words), prog_name="bankhub demo")
