"""The forms of `REDIS_URL` that name those who know where the keys live: Sentinels, or nodes of a cluster.

    redis+sentinel://[user:password@]host[:26379][,host…]/name-of-the-master[/database][?options]
    redis+cluster://[user:password@]host[:6379][,host…][?options]

With `rediss` instead of `redis` every connection is TLS. User and password are the data nodes'; the options `sentinel_username` and
`sentinel_password` are the Sentinels' own. All other options are redis-py's, such as `ssl_ca_certs`.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final, Self
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

_PORTS: Final = {"sentinel": 26379, "cluster": 6379}
_OF_SENTINELS: Final = ("sentinel_username", "sentinel_password")


class Kind(Enum):
    """Who is asked."""

    SENTINEL = "sentinel"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class Address:
    """A URL taken apart. `scheme` is `redis` or `rediss`; `master` is the name the Sentinels know, empty for a cluster."""

    kind: Kind
    scheme: str
    userinfo: str
    hosts: tuple[tuple[str, int], ...]
    master: str
    database: str
    options: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, url: str) -> Self | None:
        """Take it apart; None for a URL of a server itself (`redis://`, `rediss://`, `unix://`)."""
        scheme, _, rest = url.partition("://")
        scheme, _, kind = scheme.partition("+")
        if not kind:
            return None
        # urlsplit knows no list of hosts.
        end = min((at for mark in "/?" if (at := rest.find(mark)) >= 0), default=len(rest))
        userinfo, _, hosts = rest[:end].rpartition("@")
        tail = urlsplit(f"//host{rest[end:]}")
        master, _, database = tail.path.strip("/").partition("/")
        return cls(
            kind=Kind(kind),
            scheme=scheme,
            userinfo=userinfo,
            hosts=tuple(_host(one, _PORTS[kind]) for one in hosts.split(",")),
            master=master,
            database=database,
            options=tuple(parse_qsl(tail.query)),
        )

    def of_node(self, host: str, port: int) -> str:
        """The URL of a server that holds data."""
        options = urlencode([(name, value) for name, value in self.options if name not in _OF_SENTINELS])
        at = f"{self.userinfo}@" if self.userinfo else ""
        return (
            f"{self.scheme}://{at}{_bracketed(host)}:{port}/{self.database or 0}{options and f'?{options}'}"
        )

    def of_asked(self, host: str, port: int) -> str:
        """The URL of one who knows."""
        if self.kind is Kind.CLUSTER:
            return self.of_node(host, port)
        own = dict(self.options)
        user, password = (quote(own.get(name, ""), safe="") for name in _OF_SENTINELS)
        at = f"{user}:{password}@" if user or password else ""
        options = urlencode([(name, value) for name, value in self.options if name.startswith("ssl_")])
        return f"{self.scheme}://{at}{_bracketed(host)}:{port}{options and f'?{options}'}"


def _host(text: str, port: int) -> tuple[str, int]:
    found = urlsplit(f"//{text}")
    return found.hostname or "", found.port or port


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
