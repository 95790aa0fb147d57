"""A browser and its system in a few words, so that people can tell their sessions apart."""

import re

UNKNOWN = "Unknown device"
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)
_PRODUCT = re.compile(r"[A-Za-z][A-Za-z0-9._ -]{1,39}")


def wallet_words(user_agent: str, *, own: bool) -> str:
    """What its holder knows a wallet by: `BankHub, Chrome on Android` for our own, for another
    make's what its program calls itself."""
    device = device_words(user_agent)
    if own:
        return f"BankHub, {device}"
    if device != UNKNOWN:
        return device
    named = _PRODUCT.match(user_agent.partition("/")[0])
    return f"Wallet ({named[0].strip()})" if named else "Another wallet"


def device_words(user_agent: str) -> str:
    """`Firefox on Windows`; `Unknown device` where the browser does not say."""
    browser = next((words for mark, words in _BROWSERS if f"{mark}/" in user_agent), "")
    system = next((words for mark, words in _SYSTEMS if mark in user_agent), "")
    return " on ".join(part for part in (browser, system) if part) or UNKNOWN
