"""Letters out: a leased notice becomes an e-mail by its text template."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import make_msgid
from urllib.parse import unquote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bankhub.actions.notices import Letter
from passport.asset_files import asset_folder
from passport.config import Config
from passport.web.words import FILTERS

SECONDS = 5


def texts() -> Environment:
    """The notices' templates of both floors: the first line of each is the subject."""
    folder = asset_folder("templates")
    made = Environment(
        loader=FileSystemLoader([folder / "passport" / "notices", folder / "bankhub" / "notices"]),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701  plain text, never HTML
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(FILTERS)
    return made


def written(letter: Letter, config: Config, environment: Environment) -> EmailMessage:
    """The e-mail. Its Message-ID is the notice's, so a second copy is known for one."""
    text = environment.get_template(f"{letter.template}.txt").render(
        letter.context, base_url=config.base_url
    )
    subject, _, body = text.partition("\n")
    message = EmailMessage()
    message["Subject"] = subject.removeprefix("Subject:").strip()
    message["From"] = config.mail_from
    message["To"] = letter.address
    message["Message-ID"] = make_msgid(str(letter.notice_id), config.mail_from.rpartition("@")[2])
    message.set_content(body.strip() + "\n")
    return message


@contextmanager
def post_office(smtp_url: str) -> Iterator[smtplib.SMTP]:
    """A connection to the mail server: `smtp://` (STARTTLS where offered) or `smtps://`."""
    parts = urlsplit(smtp_url)
    host, secure = parts.hostname or "localhost", parts.scheme == "smtps"
    if secure:
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SECONDS)
    else:
        server = smtplib.SMTP(host, parts.port or 25, timeout=SECONDS)
    with server:
        if not secure and server.has_extn("starttls"):
            server.starttls()
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server


def is_lasting(error: Exception) -> bool:
    """Whether sending again cannot help: the server refused for good (5xx)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _said in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and 500 <= error.smtp_code < 600
