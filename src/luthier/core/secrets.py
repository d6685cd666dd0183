"""Passwords in addresses, which are neither shown nor kept."""

import re
from urllib.parse import unquote_plus

STARS = "***"
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s'\"<>]+")
HARMLESS = {
    "application_name", "cache", "channel_binding", "charset", "check_same_thread", "client_encoding",
    "connect_timeout", "dbname", "fallback_application_name", "gssencmode", "host", "hostaddr", "immutable",
    "isolation_level", "keepalives", "keepalives_count", "keepalives_idle", "keepalives_interval", "krbsrvname",
    "mode", "passfile", "port", "service", "sslcert", "sslcrl", "sslkey", "sslmode", "sslrootcert",
    "target_session_attrs", "tcp_user_timeout", "timeout", "unix_socket", "uri", "user", "vfs",
}  # fmt: skip
"""Parameters of an address that may be shown; any other may be a password, whatever its name."""


def hide_password(address: str) -> str:
    """Return an address that can be shown and kept: what may be a password in it is left out.

    >>> hide_password("postgresql://me:secret@host/studies")
    'postgresql://me:***@host/studies'
    >>> hide_password("postgresql://me@host/studies?sslmode=require&password=secret")
    'postgresql://me@host/studies?sslmode=require&password=***'
    """
    return _split(address)[0]


def hide_passwords(text: str) -> str:
    """Hide the passwords of all addresses in a text.

    >>> hide_passwords("--storage=postgresql://me:secret@host/studies")
    '--storage=postgresql://me:***@host/studies'
    """
    return ADDRESS.sub(lambda found: hide_password(found[0]), text)


def has_password(address: str) -> bool:
    """Return whether `hide_password` leaves something out, or has done so."""
    return STARS in hide_password(address)


def is_ambiguous(address: str) -> bool:
    """Return whether an address has an @ before that of its host, which programs read in different ways."""
    head = _cut_query(address.partition("://")[2])[0]
    return not head.startswith("/") and head.count("@") > 1


def hide_in(text: str, address: str) -> str:
    """Hide the passwords of an address where a text, such as an error of a driver, repeats them or the address."""
    shown, secrets = _split(address)
    told = text.replace(address, shown)
    spelled = {form for one in secrets for form in (one, unquote_plus(one), *re.split("[@:/?&=#]", one))}
    for secret in sorted(spelled, key=len, reverse=True):
        if len(secret) > 2:  # a shorter one would be found everywhere, and says nothing where it is
            told = told.replace(secret, STARS)
    return told


def _split(address: str) -> tuple[str, list[str]]:
    """Return an address without what may be a password, and what was left out."""
    scheme, separator, rest = address.partition("://")
    if not separator:
        return address, []
    head, query = _cut_query(rest)
    user, at, place = head.rpartition("@")
    name, colon, password = user.partition(":")
    secrets = [password] if at and colon and not head.startswith("/") else []
    start = f"{name}:{STARS}@{place}" if secrets else head
    items = []
    for item in query[1:].split("&") if query else []:
        key, equals, value = item.partition("=")
        if unquote_plus(key).lower() in HARMLESS or not (value or key):
            items.append(item)
        else:
            secrets.append(value if equals else key)
            items.append(f"{key}={STARS}" if equals else STARS)
    return f"{scheme}{separator}{start}{query[:1]}{'&'.join(items)}", secrets


def _cut_query(rest: str) -> tuple[str, str]:
    """Cut an address, without its scheme, before its parameters; a question mark in a password begins none."""
    for found in re.finditer(r"\?", rest):
        head, query = rest[: found.start()], rest[found.start() :]
        if "@" not in query or "=" in query.partition("@")[0]:
            return head, query
    return rest, ""
