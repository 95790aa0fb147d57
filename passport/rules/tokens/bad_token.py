"""The one thing that reading a token may raise, whoever wrote the token."""


class BadToken(Exception):
    """The token is not believed. `code` is stable; `detail` never repeats what the token holds."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
