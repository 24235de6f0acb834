"""Secrets while they are being changed: a file or variable may hold the old and the new one."""

import re

import structlog

from bot.config.secrets import Secret

_BETWEEN = re.compile(r"[,\s]+")
log = structlog.get_logger()


def accepted(secret: Secret) -> tuple[bytes, ...]:
    """Each value that counts now, in UTF-8: those that a comma or a line's end parts. Empty when none is configured."""
    try:
        value = secret.get()
    except (OSError, UnicodeDecodeError) as error:
        log.warning("secret cannot be read", secret=secret.name, why=type(error).__name__)
        return ()
    return tuple(part.encode() for part in _BETWEEN.split(value or "") if part)
