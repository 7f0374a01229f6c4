"""Where a request comes from: the peer's address, or the one that trusted proxies tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from ..exceptions import OptionError
from ..exchange import Request

__all__ = ["Address", "Network", "client_address", "is_forwarded_https", "is_within", "parsed_networks"]

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LONGEST_LIST: Final = 4096
"""Characters of a forwarding field that are read; a longer one tells nothing."""

_ALLOWED: Final = "networks such as 10.0.0.0/8 or 2001:db8::/32, or single addresses"
_WITH_PORT: Final = re.compile(r"\[([^\]]*)\](?::\d{1,5})?|([\d.]+):\d{1,5}")
_MAPPED_BITS: Final = 96  # RFC 4291, section 2.5.5.2: an IPv4-mapped IPv6 address


@lru_cache(maxsize=64)
def parsed_networks(option: str, networks: tuple[str, ...]) -> tuple[Network, ...]:
    """Read networks; those of IPv4-mapped IPv6 addresses count as IPv4.

    Args:
        option: The option's name, for the error.
        networks: Such as ``10.0.0.0/8`` or ``192.0.2.7``.

    Raises:
        OptionError: One is none.
    """
    return tuple(_network(option, text) for text in networks)


def _network(option: str, text: str) -> Network:
    try:
        network = ip_network(text.strip())
    except ValueError as error:
        reason = f" ({error})" if "host bits" in str(error) else ""
        raise OptionError(option, text, f"{_ALLOWED}{reason}") from error
    if isinstance(network, IPv6Network) and network.prefixlen >= _MAPPED_BITS:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return IPv4Network((mapped, network.prefixlen - _MAPPED_BITS))
    return network


def is_within(address: Address | None, networks: Iterable[Network]) -> bool:
    """Tell whether an address lies in one of the networks; no address does not.

    Args:
        address: The address, as `client_address` finds it.
        networks: The networks.
    """
    return address is not None and any(
        address.version == network.version and address in network for network in networks
    )


def client_address(request: Request, trusted: tuple[Network, ...] = ()) -> Address | None:
    """Find the address that a request comes from.

    That is the peer's, unless the peer is a trusted proxy: then it is the last one in X-Forwarded-For or Forwarded that
    is none, since whatever stands before it may be the client's own invention. Where both fields are there and differ,
    one of them is.

    Args:
        request: What the client asked for.
        trusted: The networks of trusted proxies.

    Returns:
        The address, or None where it is unknown (a Unix socket, no address, or none that can be read).
    """
    peer = _address(request.client or "")
    if not is_within(peer, trusted):
        return peer
    told = [_walk(chain, trusted) for chain in _chains(request)]
    if not told:
        return peer
    return told[0] if all(address == told[0] for address in told) else None


def is_forwarded_https(request: Request, trusted: tuple[Network, ...]) -> bool:
    """Tell whether a trusted proxy says that it was reached by https.

    Args:
        request: What the client asked for.
        trusted: The networks of trusted proxies.
    """
    if not trusted or not is_within(_address(request.client or ""), trusted):
        return False
    told = [(request.header("X-Forwarded-Proto") or "").rpartition(",")[2]]
    told += [_parameters(request.header("Forwarded") or "").get("proto", "")]
    return any(scheme.strip().lower() == "https" for scheme in told)


def _chains(request: Request) -> Iterator[list[str]]:
    """Find what the forwarding fields list, the client first and the last proxy's peer last."""
    listed = request.header("X-Forwarded-For")
    if listed is not None:
        yield listed.split(",") if len(listed) <= LONGEST_LIST else [""]
    forwarded = request.header("Forwarded")  # RFC 7239, section 4
    if forwarded is not None:
        elements = forwarded.split(",") if len(forwarded) <= LONGEST_LIST else [""]
        yield [_parameters(element).get("for", "") for element in elements]


def _parameters(element: str) -> dict[str, str]:
    """Read the parameters of the last element of a Forwarded field."""
    pairs = [pair.partition("=") for pair in element.rpartition(",")[2].split(";")]
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}


def _walk(chain: list[str], trusted: tuple[Network, ...]) -> Address | None:
    """Go through a chain from its end, as far as trusted proxies vouch for it."""
    address = None
    for entry in reversed(chain):
        address = _address(entry)
        if not is_within(address, trusted):
            break
    return address


def _address(text: str) -> Address | None:
    """Read an address, with or without a port; an IPv4-mapped IPv6 address counts as IPv4."""
    text = text.strip().strip('"')
    found = _WITH_PORT.fullmatch(text)
    try:
        address = ip_address((found[1] or found[2]) if found else text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
