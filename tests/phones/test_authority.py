"""The house's certificate authority: phones accept what it signs, and it can sign nothing beyond the local network."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.phones import authority

TODAY = datetime.datetime.now(datetime.UTC)
HOME = ipaddress.ip_address("192.168.1.20")
LOOPBACK = ipaddress.ip_address("127.0.0.1")


@pytest.fixture
def files(tmp_path: Path) -> authority.Paths:
    """The certificates of a house at 192.168.1.20."""
    return authority.prepare(tmp_path, [HOME], today=TODAY)


def handshake(files: authority.Paths, name: str) -> None:
    """Shake hands as a phone that trusts the authority would with a server at `name`; raises when it would not."""
    mine, theirs = socket.socketpair()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files.server, files.server_key)
    phone = ssl.create_default_context(cafile=str(files.authority))
    failures: list[Exception] = []

    def answer() -> None:
        try:
            server.wrap_socket(theirs, server_side=True).close()
        except (ssl.SSLError, OSError) as problem:
            failures.append(problem)

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        with phone.wrap_socket(mine, server_hostname=name):
            pass
    finally:
        mine.close()
        thread.join()
        theirs.close()


@pytest.mark.parametrize("name", ["192.168.1.20", "127.0.0.1", "localhost"])
def test_a_phone_that_trusts_the_house_accepts_its_server(files: authority.Paths, name: str) -> None:
    """The address of the network, and this machine itself."""
    handshake(files, name)


def test_a_phone_refuses_an_address_the_certificate_does_not_name(files: authority.Paths) -> None:
    """A certificate for one machine is none for its neighbour."""
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(files, "192.168.1.21")


@pytest.mark.parametrize("name", ["bank.example", "203.0.113.7"])
def test_a_stolen_authority_cannot_pose_as_another_site(files: authority.Paths, name: str) -> None:
    """The limits are in the certificate that phones hold, so a thief with the key cannot lift them."""
    signer = serialization.load_pem_private_key(files.authority_key.read_bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    own = x509.load_pem_x509_certificate(files.authority.read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    forged_name = x509.DNSName(name) if name.endswith("example") else x509.IPAddress(ipaddress.ip_address(name))
    forged = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(own.subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(TODAY - datetime.timedelta(days=1))
        .not_valid_after(TODAY + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([forged_name]), critical=True)
        .sign(signer, hashes.SHA256())
    )
    files.server.write_bytes(forged.public_bytes(serialization.Encoding.PEM))
    files.server_key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        handshake(files, name)


def test_the_authority_stays_when_the_address_changes(files: authority.Paths) -> None:
    """Phones are told once: a new address means a new server certificate under the same authority."""
    before = files.authority.read_bytes(), files.server.read_bytes()
    authority.prepare(files.folder.parent, [ipaddress.ip_address("10.0.0.7")], today=TODAY)
    assert files.authority.read_bytes() == before[0]
    assert files.server.read_bytes() != before[1]
    handshake(files, "10.0.0.7")


def test_a_certificate_that_fits_is_kept_until_it_runs_out(files: authority.Paths) -> None:
    """Starting again changes nothing; shortly before its end the server's certificate is made anew."""
    before = files.server.read_bytes()
    authority.prepare(files.folder.parent, [HOME], today=TODAY + datetime.timedelta(days=1))
    assert files.server.read_bytes() == before
    authority.prepare(files.folder.parent, [HOME], today=TODAY + datetime.timedelta(days=380))
    assert files.server.read_bytes() != before


def test_the_keys_are_their_owners_alone(files: authority.Paths) -> None:
    """Nobody else on the machine reads them."""
    assert files.folder.stat().st_mode & 0o077 == 0
    assert files.authority_key.stat().st_mode & 0o077 == 0
    assert files.server_key.stat().st_mode & 0o077 == 0


def test_the_server_certificate_lives_as_long_as_phones_allow(files: authority.Paths) -> None:
    """iOS refuses more than 825 days and wants the server's use and names spelled out."""
    certificate = x509.load_pem_x509_certificate(files.server.read_bytes())
    assert (certificate.not_valid_after_utc - certificate.not_valid_before_utc).days <= 825
    assert certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {HOME, LOOPBACK} <= set(names.get_values_for_type(x509.IPAddress))


def test_the_fingerprint_is_that_of_the_authority(files: authority.Paths) -> None:
    """In the form phones show it: pairs of hexadecimal digits."""
    pairs = authority.fingerprint(files).split(":")
    own = x509.load_pem_x509_certificate(files.authority.read_bytes())
    assert bytes.fromhex("".join(pairs)) == own.fingerprint(hashes.SHA256())


@pytest.mark.parametrize(
    ("address", "allowed"),
    [("10.1.2.3", True), ("172.16.0.1", True), ("172.32.0.1", False), ("8.8.8.8", False), ("fd00::2", True)],
)
def test_only_local_networks_are_vouched_for(address: str, allowed: bool) -> None:
    """Private addresses, and no others."""
    assert authority.may_vouch(ipaddress.ip_address(address)) is allowed
