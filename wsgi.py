"""For application servers: `gunicorn wsgi:app`."""

from bankhub.app import from_env

app = from_env()
