"""`bankhub demo`, where the demo's extra is installed: it runs as a program of its own."""

import importlib.util
import os
import sys

import click

from bankhub.cli.shared import fail


@click.command("demo", context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def command(words: tuple[str, ...]) -> None:
    """Serve a seeded demo on this machine (needs the extra: pip install 'bankhub[demo]')."""
    if importlib.util.find_spec("faker") is None:
        fail("The demo invents people with Faker: pip install 'bankhub[demo]'.")
    demo = [sys.executable, "-m", "bankhub.demo.main", *words]
    os.execv(sys.executable, demo)  # noqa: S606  our own interpreter, no shell
