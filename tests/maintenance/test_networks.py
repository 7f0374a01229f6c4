"""Where a request comes from, whatever is claimed."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errorpages import OptionError, Request
from errorpages.maintenance.networks import client_address, is_forwarded_https, is_within, parsed_networks

PROXIES = parsed_networks("trusted_proxies", ("10.0.0.0/8", "2001:db8:99::/48"))


def asking(client: str | None, **fields: str) -> Request:
    return Request(client=client, headers=tuple((name.replace("_", "-"), value) for name, value in fields.items()))


@pytest.mark.parametrize(
    ("request_", "address"),
    [
        pytest.param(asking("192.0.2.7"), "192.0.2.7", id="the peer"),
        pytest.param(asking("2001:db8::7"), "2001:db8::7", id="a peer with IPv6"),
        pytest.param(asking("::ffff:192.0.2.7"), "192.0.2.7", id="an IPv4-mapped peer"),
        pytest.param(asking("fe80::1%eth0"), "fe80::1%eth0", id="a peer with a zone"),
        pytest.param(asking(None), None, id="no address"),
        pytest.param(asking(""), None, id="an empty address"),
        pytest.param(asking("unix:"), None, id="a Unix socket"),
        pytest.param(asking("testclient"), None, id="a name"),
        pytest.param(
            asking("192.0.2.7", X_Forwarded_For="198.51.100.1"), "192.0.2.7", id="a spoofed field of no proxy's"
        ),
        pytest.param(asking("192.0.2.7", Forwarded="for=198.51.100.1"), "192.0.2.7", id="a spoofed Forwarded"),
        pytest.param(asking(None, X_Forwarded_For="198.51.100.1"), None, id="a field, but nobody known who says so"),
        pytest.param(asking("unix:", X_Forwarded_For="198.51.100.1"), None, id="a field through a Unix socket"),
        pytest.param(asking("10.0.0.1"), "10.0.0.1", id="a proxy that tells nothing"),
        pytest.param(asking("10.0.0.1", X_Forwarded_For="198.51.100.1"), "198.51.100.1", id="a proxy's client"),
        pytest.param(
            asking("::ffff:10.0.0.1", X_Forwarded_For="198.51.100.1"), "198.51.100.1", id="an IPv4-mapped proxy"
        ),
        pytest.param(asking("2001:db8:99::1", X_Forwarded_For="2001:db8::7"), "2001:db8::7", id="a proxy with IPv6"),
        pytest.param(
            asking("10.0.0.1", X_Forwarded_For="127.0.0.1, 198.51.100.1"),
            "198.51.100.1",
            id="what stands before the first stranger is his invention",
        ),
        pytest.param(
            asking("10.0.0.1", X_Forwarded_For="127.0.0.1, 198.51.100.1, 10.0.0.3,10.0.0.2"),
            "198.51.100.1",
            id="several proxies",
        ),
        pytest.param(asking("10.0.0.1", X_Forwarded_For="10.9.9.9, 10.0.0.2"), "10.9.9.9", id="proxies all the way"),
        pytest.param(asking("10.0.0.1", X_Forwarded_For="127.0.0.1, nonsense"), None, id="garbage at the end"),
        pytest.param(asking("10.0.0.1", X_Forwarded_For="127.0.0.1,"), None, id="nothing at the end"),
        pytest.param(asking("10.0.0.1", X_Forwarded_For=""), None, id="an empty field"),
        pytest.param(asking("10.0.0.1", X_Forwarded_For="127.0.0.1, unknown"), None, id="a client that is unknown"),
        pytest.param(asking("10.0.0.1", X_Forwarded_For="198.51.100.1:4711"), "198.51.100.1", id="a port"),
        pytest.param(asking("10.0.0.1", X_Forwarded_For="[2001:db8::7]:4711"), "2001:db8::7", id="IPv6 and a port"),
        pytest.param(asking("10.0.0.1", X_Forwarded_For="[2001:db8::7]"), "2001:db8::7", id="IPv6 in brackets"),
        pytest.param(asking("10.0.0.1", X_Forwarded_For="::ffff:198.51.100.1"), "198.51.100.1", id="mapped, forwarded"),
        pytest.param(asking("10.0.0.1", X_Forwarded_For="[]"), None, id="empty brackets"),
        pytest.param(asking("10.0.0.1", X_Forwarded_For="127.0.0.1:port"), None, id="a port that is none"),
        pytest.param(asking("10.0.0.1", X_Forwarded_For="127.0.0.1," * 999), None, id="a very long field"),
        pytest.param(asking("10.0.0.1", Forwarded="for=198.51.100.1"), "198.51.100.1", id="Forwarded"),
        pytest.param(
            asking("10.0.0.1", Forwarded='for=127.0.0.1, For="[2001:db8::7]:4711";proto=https;by=10.0.0.1'),
            "2001:db8::7",
            id="Forwarded with all there is",
        ),
        pytest.param(asking("10.0.0.1", Forwarded="for=127.0.0.1, for=_hidden"), None, id="a hidden client"),
        pytest.param(asking("10.0.0.1", Forwarded="for=127.0.0.1, by=10.0.0.1"), None, id="Forwarded for nobody"),
        pytest.param(
            asking("10.0.0.1", Forwarded="for=127.0.0.1", X_Forwarded_For="198.51.100.1"),
            None,
            id="fields that differ: the proxy writes one, the client invented the other",
        ),
        pytest.param(
            asking("10.0.0.1", Forwarded="for=198.51.100.1", X_Forwarded_For="198.51.100.1"),
            "198.51.100.1",
            id="fields that agree",
        ),
        pytest.param(asking("10.0.0.1", X_Real_IP="127.0.0.1"), "10.0.0.1", id="a field that nobody vouches for"),
    ],
)
def test_the_address_is_the_peers_or_what_trusted_proxies_tell(request_: Request, address: str | None) -> None:
    assert client_address(request_, PROXIES) == (None if address is None else ip_address(address))


def test_without_trusted_proxies_the_peer_alone_counts() -> None:
    request = asking("10.0.0.1", X_Forwarded_For="198.51.100.1", Forwarded="for=198.51.100.1")
    assert client_address(request) == ip_address("10.0.0.1")


@given(st.text(), st.text(), st.sampled_from(["10.0.0.1", "192.0.2.7"]))
def test_no_field_makes_an_error_and_none_of_a_strangers_counts(listed: str, forwarded: str, peer: str) -> None:
    address = client_address(asking(peer, X_Forwarded_For=listed, Forwarded=forwarded), PROXIES)
    assert peer == "10.0.0.1" or str(address) == peer


@pytest.mark.parametrize(
    ("address", "network", "is_there"),
    [
        pytest.param("10.1.2.3", "10.0.0.0/8", True, id="inside"),
        pytest.param("11.1.2.3", "10.0.0.0/8", False, id="outside"),
        pytest.param("192.0.2.7", "192.0.2.7", True, id="a single address"),
        pytest.param("2001:db8::7", "2001:db8::/32", True, id="inside, IPv6"),
        pytest.param("10.1.2.3", "::/0", False, id="another version"),
        pytest.param("10.1.2.3", "::ffff:10.0.0.0/104", True, id="an IPv4-mapped network counts as IPv4"),
        pytest.param("10.1.2.3", "::ffff:0:0/96", True, id="all of IPv4, mapped"),
    ],
)
def test_an_address_lies_in_a_network_or_not(address: str, network: str, is_there: bool) -> None:
    assert is_within(ip_address(address), parsed_networks("networks", (network,))) is is_there


def test_no_address_lies_nowhere() -> None:
    assert not is_within(None, parsed_networks("networks", ("0.0.0.0/0", "::/0")))


@pytest.mark.parametrize("text", ["", "10.0.0.1/8", "10.0.0.0/33", "example.org", "10.0.0", "*"])
def test_what_is_no_network_is_refused_by_name(text: str) -> None:
    with pytest.raises(OptionError) as caught:
        parsed_networks("trusted_proxies", (text,))
    assert caught.value.option == "trusted_proxies" and caught.value.value == text
    assert "10.0.0.0/8" in caught.value.allowed


@pytest.mark.parametrize(
    ("request_", "is_https"),
    [
        pytest.param(asking("10.0.0.1", X_Forwarded_Proto="https"), True, id="a proxy says so"),
        pytest.param(asking("10.0.0.1", X_Forwarded_Proto="http, HTTPS"), True, id="the last one counts"),
        pytest.param(asking("10.0.0.1", X_Forwarded_Proto="https, http"), False, id="and it only"),
        pytest.param(asking("10.0.0.1", Forwarded='for=192.0.2.1;proto="https"'), True, id="Forwarded"),
        pytest.param(asking("10.0.0.1"), False, id="it says nothing"),
        pytest.param(asking("192.0.2.7", X_Forwarded_Proto="https"), False, id="a stranger says so"),
        pytest.param(asking(None, X_Forwarded_Proto="https"), False, id="nobody says so"),
    ],
)
def test_https_is_believed_where_a_trusted_proxy_tells(request_: Request, is_https: bool) -> None:
    assert is_forwarded_https(request_, PROXIES) is is_https
