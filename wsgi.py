"""For application servers: `gunicorn wsgi:app`."""

from bankhub.app import create_app
from passport.config import Config

app = create_app(Config.from_env())
