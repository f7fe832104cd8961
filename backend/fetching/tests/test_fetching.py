"""What somebody else wrote down as an address leads nowhere but to the open internet."""

import datetime
import socket
import ssl
import threading
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import httpcore
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from backend.fetching import Reach, Refusal, TargetRefused, checked_url, guarded_client
from backend.fetching import read_at_most as read
from backend.fetching.addresses import is_public
from backend.fetching.client import GuardedNetwork, GuardedTransport
from backend.fetching.tests.listener import Listener, listening, read_request, say

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
TOTAL_S = 5.0

# --- addresses ------------------------------------------------------------------------------

INSIDE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.9.9.9",
    "169.254.169.254", "168.63.129.16", "172.16.0.1", "172.31.255.255", "192.0.0.192",
    "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::808:808", "100::1", "2001::1", "2001:0:7f00:1::1", "2001:db8::1", "2001:10::1",
    "2002:7f00:1::1", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254",
    "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2606:4700::5efe:7f00:1",
]  # fmt: skip
OUTSIDE = [
    "1.1.1.1", "8.8.8.8", "93.184.215.14", "100.63.255.255", "172.32.0.1", "2606:4700:4700::1111",
    "2a00:1450:4001:80b::200e", "::ffff:8.8.8.8", "64:ff9b::808:808",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_of_the_inside_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_of_the_outside_is_public(address: str) -> None:
    assert is_public(ip_address(address))


def test_development_reaches_its_own_networks_but_no_credentials_of_a_cloud() -> None:
    near = ("127.0.0.1", "10.1.2.3", "192.168.1.1", "::1", "fd12::1", "::ffff:127.0.0.1")
    assert all(Reach.PRIVATE_TOO.takes(ip_address(address)) for address in near)
    never = ("169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "0.0.0.0", "::", "224.0.0.1",
             "64:ff9b::a9fe:a9fe", "255.255.255.255", "fd00:ec2::254")  # fmt: skip
    assert not any(Reach.PRIVATE_TOO.takes(ip_address(address)) for address in never)


# --- hostile targets ------------------------------------------------------------------------

HOSTILE = [
    # Not https at all.
    "http://example.com:{port}/", "ftp://example.com:{port}/", "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/", "//127.0.0.1:{port}/", "javascript:alert(1)", "",
    "https:127.0.0.1:{port}", "https:///127.0.0.1:{port}/",
    # This computer by its addresses, as they are and as they may be written.
    "https://127.0.0.1:{port}/", "https://127.1:{port}/", "https://127.0.1:{port}/",
    "https://2130706433:{port}/", "https://0x7f000001:{port}/", "https://0x7f.0.0.1:{port}/",
    "https://0177.0.0.1:{port}/", "https://017700000001:{port}/", "https://127.0.0.1.:{port}/",
    "https://00127.0.0.1:{port}/", "https://127。0。0。1:{port}/", "https://①②⑦.0.0.1:{port}/",
    "https://%31%32%37.0.0.1:{port}/", "https://0:{port}/", "https://0.0.0.0:{port}/",
    "https://[::1]:{port}/", "https://[::]:{port}/", "https://[::ffff:127.0.0.1]:{port}/",
    "https://[::ffff:7f00:1]:{port}/", "https://[0:0:0:0:0:0:0:1]:{port}/",
    "https://[::127.0.0.1]:{port}/", "https://[64:ff9b::7f00:1]:{port}/",
    "https://[2002:7f00:1::]:{port}/", "https://[fe80::1%25lo]:{port}/",
    "https://[::1%lo]:{port}/",
    # By its names.
    "https://localhost:{port}/", "https://LOCALHOST:{port}/", "https://localhost.:{port}/",
    "https://a.localhost:{port}/", "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{port}/", "https://router.local:{port}/",
    # A cloud's credentials, and the networks behind.
    "https://169.254.169.254:{port}/", "https://[fd00:ec2::254]:{port}/",
    "https://metadata.google.internal:{port}/", "https://100.100.100.200:{port}/",
    "https://10.0.0.5:{port}/", "https://192.168.0.1:{port}/", "https://intranet:{port}/",
    # Users, ports and characters.
    "https://example.com@127.0.0.1:{port}/", "https://user:pass@example.com:{port}/",
    "https://example.com\\@127.0.0.1:{port}/", "https://127.0.0.1:{port}\\@example.com/",
    "https://example.com:22/", "https://example.com:0/", "https://example.com:99999/",
    "https://example.com:{port}\r\nHost: 127.0.0.1/", "https://example.com/\r\nX: y",
    "https://exam\tple.com:{port}/", " https://127.0.0.1:{port}/", "https://ex ample.com:{port}/",
    "https://-a.com:{port}/", "https://a..com:{port}/", "https://" + "a" * 64 + ".com:{port}/",
    "https://example.com/" + "a" * 2000,
    # Names like any other, which the resolver of this test sends to 127.0.0.1.
    "https://127.0.0.1.nip.io:{port}/", "https://localtest.me:{port}/",
    "https://rebound.example.com:{port}/", "https://例え.jp:{port}/",
]  # fmt: skip


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening(say(OK)) as made:
        yield made


def to_loopback(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


@pytest.mark.parametrize("target", HOSTILE)
def test_a_hostile_target_gets_no_connection(target: str, listener: Listener) -> None:
    with guarded_client(total_s=TOTAL_S, resolve=to_loopback) as client:
        with pytest.raises(TargetRefused):
            client.post(checked_url(target.replace("{port}", str(listener.port)), Reach.PUBLIC))
        # Nor where the address was never looked at before it was sent to.
        with pytest.raises((TargetRefused, httpx.InvalidURL, httpx.UnsupportedProtocol)):
            client.post(target.replace("{port}", str(listener.port)))
    assert listener.count() == 0


def test_at_least_forty_hostile_targets_are_tried() -> None:
    assert len(set(HOSTILE)) >= 40


@pytest.mark.parametrize(
    "target",
    ["https://example.com", "https://example.com:8443/hooks?a=1", "https://例え.jp/",
     "https://1.1.1.1/", "https://[2606:4700:4700::1111]/", "https://under_score.example.com/",
     "HTTPS://Example.COM/"],
)  # fmt: skip
def test_usual_targets_are_taken(target: str) -> None:
    assert checked_url(target, Reach.PUBLIC).scheme == "https"


@pytest.mark.parametrize(
    ("target", "refusal"),
    [
        ("http://example.com/", Refusal.NOT_HTTPS),
        ("https://a:b@example.com/", Refusal.HAS_USER),
        ("https://example.com:25/", Refusal.PORT),
        ("https://0x7f.1/", Refusal.ODD_HOST),
        ("https://10.0.0.1/", Refusal.NOT_PUBLIC),
        ("https://exa mple.com/", Refusal.NO_URL),
    ],
)
def test_a_refusal_says_what_to_mend(target: str, refusal: Refusal) -> None:
    with pytest.raises(TargetRefused) as refused:
        checked_url(target, Reach.PUBLIC)
    assert refused.value.refusal is refusal
    assert refused.value.fix


# --- resolvers ------------------------------------------------------------------------------


class NoteSockets(httpcore.NetworkBackend):
    """Notes where a connection would go."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def connect_tcp(self, host: str, *_args: object, **_more: object) -> httpcore.NetworkStream:
        self.asked.append(host)
        raise httpcore.ConnectError("only noted")


def noted(answers: list[list[str]]) -> tuple[httpx.Client, NoteSockets, list[str]]:
    """Return a client whose resolver gives one answer after the other, and what it is asked."""
    sockets, asked = NoteSockets(), []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    network = GuardedNetwork(Reach.PUBLIC, TOTAL_S, resolve, sockets)
    transport = GuardedTransport(Reach.PUBLIC, network, ssl.create_default_context())
    return httpx.Client(transport=transport), sockets, asked


def test_a_rebinding_resolver_gets_no_connection() -> None:
    client, sockets, asked = noted([["93.184.215.14"], ["127.0.0.1"]])
    with client:
        with pytest.raises(httpx.ConnectError):
            client.get("https://rebinding.example.com/")
        # Looked up once, and connected to what was checked: there is no second answer.
        assert (sockets.asked, len(asked)) == (["93.184.215.14"], 1)
        with pytest.raises(TargetRefused):
            client.get("https://rebinding.example.com/")
    assert sockets.asked == ["93.184.215.14"]


@pytest.mark.parametrize("address", INSIDE)
def test_one_inner_address_among_public_ones_refuses_all(address: str) -> None:
    client, sockets, _ = noted([["93.184.215.14", address]])
    with client, pytest.raises(TargetRefused):
        client.get("https://mixed.example.com/")
    assert sockets.asked == []


def test_a_name_without_an_address_is_a_failed_connection() -> None:
    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    client = guarded_client(total_s=TOTAL_S, resolve=unknown)
    with client, pytest.raises(httpx.ConnectError):
        client.get("https://nowhere.example.com/")


def test_a_resolver_that_hangs_is_given_up() -> None:
    ended = threading.Event()

    def hang(_host: str, _port: int) -> list[str]:
        ended.wait(30)
        return ["93.184.215.14"]

    with guarded_client(total_s=0.05, resolve=hang) as client, pytest.raises(httpx.ConnectTimeout):
        client.get("https://slow.example.com/")
    ended.set()


# --- answers --------------------------------------------------------------------------------


def near(listener: Listener, total_s: float = TOTAL_S) -> tuple[httpx.Client, str]:
    """Return a client that reaches this computer, and the listener's address."""
    return (
        guarded_client(Reach.PRIVATE_TOO, total_s=total_s, resolve=to_loopback),
        f"http://receiver.test:{listener.port}/",
    )


def test_a_target_within_reach_is_asked(listener: Listener) -> None:
    client, url = near(listener)
    with client:
        assert client.post(url, content=b"{}").text == "ok"
    assert listener.count() == 1


def test_a_redirect_is_an_answer_and_not_followed(listener: Listener) -> None:
    away = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n"
    with listening(say(away % listener.port)) as redirecting:
        client, url = near(redirecting)
        with client:
            assert client.post(url).status_code == 302
    assert listener.count() == 0


def test_a_redirect_that_is_followed_is_checked_like_the_first_address() -> None:
    inside = "http://169.254.169.254/latest/meta-data/"
    away = f"HTTP/1.1 302 Found\r\nLocation: {inside}\r\nContent-Length: 0\r\n\r\n"
    with listening(say(away.encode())) as redirecting:
        client, url = near(redirecting)
        with client, pytest.raises(TargetRefused):
            client.get(url, follow_redirects=True)


def test_proxies_of_the_environment_are_not_asked(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{listener.port}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{listener.port}")
    client = guarded_client(total_s=TOTAL_S, resolve=to_loopback)
    with client, pytest.raises(TargetRefused):
        client.get("https://inside.example.com/")
    assert listener.count() == 0


def test_a_receiver_that_drips_for_ever_is_given_up() -> None:
    def drip(client: socket.socket) -> None:
        read_request(client)
        client.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            client.sendall(b"1\r\nx\r\n")

    with listening(drip) as dripping:
        client, url = near(dripping, total_s=0.3)
        with client, pytest.raises(httpx.ReadTimeout), client.stream("POST", url) as response:
            for _chunk in response.iter_raw():
                pass


def test_of_an_answer_without_end_the_beginning_is_read() -> None:
    def flood(client: socket.socket) -> None:
        read_request(client)
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            client.sendall(b"x" * 65536)

    with listening(flood) as flooding:
        client, url = near(flooding)
        with client, client.stream("POST", url) as response:
            assert read(response, 1000) == b"x" * 1000


# --- TLS ------------------------------------------------------------------------------------


def certificate_for(name: str, folder: Path) -> Path:
    """Write a certificate of its own and its key; return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file


def test_tls_and_the_host_header_go_by_the_name(tmp_path: Path) -> None:
    file = certificate_for("hooks.example.com", tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    asked: list[str | None] = []
    server.sni_callback = lambda _socket, name, _context: asked.append(name)
    heads: list[bytes] = []

    def answer(client: socket.socket) -> None:
        heads.append(read_request(client))
        client.sendall(OK)

    trust = ssl.create_default_context(cafile=str(file))
    client = guarded_client(Reach.PRIVATE_TOO, total_s=TOTAL_S, resolve=to_loopback, tls=trust)
    with listening(answer, server) as listener, client:
        assert client.get(f"https://hooks.example.com:{listener.port}/").text == "ok"
        with pytest.raises(httpx.ConnectError):  # another name than the certificate's
            client.get(f"https://other.example.com:{listener.port}/")
    assert asked[0] == "hooks.example.com"
    assert b"Host: hooks.example.com:" in heads[0]
