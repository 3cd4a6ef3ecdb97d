"""Where a connection may send its credentials: https, or plain http to this machine where a connector allows it.

Refused as well: names and passwords in the address, signs that readers of addresses take differently, numbers
that are an address in disguise (`2130706433`), and addresses at which no CRM lives: link-local ones and the
metadata services of clouds. A private network is no reason to refuse: a company may have a proxy of its own
there, and https makes a host prove its name, whatever the name resolves to.

Not here: links people follow (weblink.py), signing in (connectors).
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_STRANGE = frozenset('\\"<>^`{|}')
METADATA_NAMES = frozenset({"metadata", "metadata.google.internal", "instance-data", "instance-data.ec2.internal"})
# those that are not link-local: AWS by IPv6, Alibaba, Oracle
METADATA = frozenset(map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200", "192.0.0.192")))


def allowed(url: str, *, plain_on_loopback: bool = False) -> bool:
    """Whether credentials may go to this address. `plain_on_loopback`: also by http to this machine."""
    if not url.isascii() or any(char <= " " or char == "\x7f" or char in _STRANGE for char in url):
        return False
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:  # a port or a bracket that is none
        return False
    if not host or port == 0 or "@" in parts.netloc:
        return False
    try:
        address = _address(host)
    except ValueError:
        return False
    if parts.scheme == "http":
        return plain_on_loopback and (host == "localhost" or (address is not None and address.is_loopback))
    return parts.scheme == "https" and host.rstrip(".") not in METADATA_NAMES and not _nobodys(address)


def _address(host: str) -> Address | None:
    """The number in a host; null for a name. Raises ValueError for a number in disguise."""
    try:
        found: Address = ipaddress.ip_address(host)
    except ValueError:
        try:
            socket.inet_aton(host.rstrip("."))
        except OSError:
            return None
        raise
    mapped = found.ipv4_mapped or found.sixtofour if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def _nobodys(address: Address | None) -> bool:
    if address is None:
        return False
    special = address.is_link_local or address.is_multicast or address.is_unspecified or address in METADATA
    return special or (address.is_reserved and not address.is_loopback)
