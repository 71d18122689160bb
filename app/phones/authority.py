"""A certificate authority of this house, so that phones on the local network get a secure page.

Browsers give a page lasting offline storage, the camera and a service worker only over https. There is no
public certificate for 192.168.1.20, so the house signs its own, and each phone is told once to trust it.

The authority can vouch for nothing but this local network: its certificate is limited, critically, to private
addresses, `localhost` and names under `.local`. Whoever steals its key cannot pose as a bank.
"""

from __future__ import annotations

import datetime
import ipaddress
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# What the authority may vouch for.
NETWORKS = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "fc00::/7",
    "fe80::/10",
)
NAMES = ("localhost", "local")
AUTHORITY_DAYS = 3650
# iOS refuses a server certificate that lives longer than 825 days.
SERVER_DAYS = 390
RENEW_DAYS = 30


@dataclass(frozen=True)
class Paths:
    """Where the files lie in the data folder; the two keys are readable by their owner only."""

    folder: Path

    @property
    def authority(self) -> Path:
        """The certificate that phones install (PEM)."""
        return self.folder / "ca.crt"

    @property
    def authority_key(self) -> Path:
        """The key that signs; it never leaves the folder."""
        return self.folder / "ca.key"

    @property
    def server(self) -> Path:
        """The certificate the server shows, followed by the authority's (PEM)."""
        return self.folder / "server.crt"

    @property
    def server_key(self) -> Path:
        """The server's key."""
        return self.folder / "server.key"


def paths(data_dir: Path) -> Paths:
    """The files' places under `data_dir`."""
    return Paths(data_dir / "certificates")


def own_addresses() -> list[Address]:
    """This machine's addresses on its networks, the one of the default route first; nothing is sent."""
    found: list[Address] = []
    for family, far in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            # Connecting a datagram socket only asks the system which of its addresses it would send from.
            if probe.connect_ex((far, 9)) == 0:
                found.append(ipaddress.ip_address(probe.getsockname()[0]))
    for entry in socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_STREAM):
        found.append(ipaddress.ip_address(str(entry[4][0]).split("%")[0]))
    return [address for address in dict.fromkeys(found) if not address.is_loopback and may_vouch(address)]


def may_vouch(address: Address) -> bool:
    """Whether the address lies in a network the authority is limited to."""
    return any(address in ipaddress.ip_network(network) for network in NETWORKS)


def prepare(data_dir: Path, addresses: list[Address], *, today: datetime.datetime) -> Paths:
    """Make the authority once, and a server certificate for `addresses` when there is none that fits.

    The authority stays for ten years: phones that trust it need not be told again when the address changes.
    """
    files = paths(data_dir)
    files.folder.mkdir(parents=True, exist_ok=True)
    files.folder.chmod(0o700)
    if not (files.authority.exists() and files.authority_key.exists()):
        _make_authority(files, today)
    if not _fits(files, addresses, today):
        _make_server(files, addresses, today)
    return files


def fingerprint(files: Paths) -> str:
    """SHA-256 of the authority's certificate, in pairs, as phones show it."""
    digest = _read(files.authority).fingerprint(hashes.SHA256()).hex().upper()
    return ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))


def _read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _fits(files: Paths, addresses: list[Address], today: datetime.datetime) -> bool:
    """Whether the server certificate names all addresses, is of this authority and lives a while yet."""
    if not (files.server.exists() and files.server_key.exists()):
        return False
    certificate = _read(files.server)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    lives = certificate.not_valid_after_utc - today > datetime.timedelta(days=RENEW_DAYS)
    signed = certificate.issuer == _read(files.authority).subject
    return lives and signed and set(addresses) <= set(names.get_values_for_type(x509.IPAddress))


def _make_authority(files: Paths, today: datetime.datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    # The random part tells two houses apart in a phone's list.
    name = _name(f"Offstage {socket.gethostname()} {x509.random_serial_number() % 0x10000:04x}")
    permitted: list[x509.GeneralName] = [x509.IPAddress(ipaddress.ip_network(network)) for network in NETWORKS]
    permitted += [x509.DNSName(allowed) for allowed in NAMES]
    usage = x509.KeyUsage(
        key_cert_sign=True,
        crl_sign=True,
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        _builder(name, name, key.public_key(), today, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_key(files.authority_key, key)
    files.authority.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _make_server(files: Paths, addresses: list[Address], today: datetime.datetime) -> None:
    authority = _read(files.authority)
    signer = serialization.load_pem_private_key(files.authority_key.read_bytes(), None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{files.authority_key} is not the key this program made")
    key = ec.generate_private_key(ec.SECP256R1())
    loopback = ipaddress.ip_address("127.0.0.1")
    vouched: list[x509.GeneralName] = [x509.IPAddress(address) for address in dict.fromkeys([*addresses, loopback])]
    vouched += [
        x509.DNSName("localhost"),
        x509.DNSName(f"{socket.gethostname().split('.')[0].lower()}.local"),
    ]
    certificate = (
        _builder(_name("Offstage"), authority.subject, key.public_key(), today, SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(vouched), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
    _write_key(files.server_key, key)
    pem = serialization.Encoding.PEM
    files.server.write_bytes(certificate.public_bytes(pem) + authority.public_bytes(pem))


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, today: datetime.datetime, days: int
) -> x509.CertificateBuilder:
    # A day back, because the clock of a phone that was just unpacked may be behind.
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=days))
    )


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    # Made readable by its owner only from the first byte on.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(pem)
