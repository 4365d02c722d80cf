"""The session's own certificate authority: what the egress proxy shows in place of real hosts.

Its key lives in memory; OpenSSL reads it once, from a file that exists for that moment.
"""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Final

from routine_harness.plain import Json

_FROM: Final = datetime(2000, 1, 1, tzinfo=UTC)  # the world's clock may stand anywhere
_UNTIL: Final = datetime(2100, 1, 1, tzinfo=UTC)


class Authority:
    """Signs a certificate for every host that is asked for, and keeps it for the session."""

    def __init__(self) -> None:
        from cryptography.hazmat.primitives.asymmetric import ec  # a live run alone needs it

        self._key = ec.generate_private_key(ec.SECP256R1())
        self._certificate = _sign("routine-harness session authority", self._key, None)
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._lock = threading.Lock()

    @property
    def pem(self) -> str:
        """The authority's certificate, for programs to trust."""
        return _pem(self._certificate)

    def context(self, host: str) -> ssl.SSLContext:
        """The server side of TLS for ``host``."""
        with self._lock:
            if host not in self._contexts:
                self._contexts[host] = self._make_context(host)
            return self._contexts[host]

    def _make_context(self, host: str) -> ssl.SSLContext:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _sign(host, key, (self._key, self._certificate))
        secret = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with _private_file(secret + _pem(certificate).encode()) as path:
            context.load_cert_chain(path)
        return context


def _pem(certificate: Json) -> str:
    from cryptography.hazmat.primitives import serialization

    return str(certificate.public_bytes(serialization.Encoding.PEM).decode())


def _sign(name: str, key: Json, issuer: tuple[Json, Json] | None) -> Json:
    """A certificate for ``name``; its own authority where there is no ``issuer``."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    signer = issuer[0] if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[1].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL - timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .add_extension(_usage(signs=issuer is None), critical=True)
    )
    if issuer:
        builder = builder.add_extension(x509.SubjectAlternativeName([_alternative(name)]), critical=False)
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(usage, critical=False)
    return builder.sign(signer, hashes.SHA256())


def _usage(*, signs: bool) -> Json:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _alternative(name: str) -> Json:
    from cryptography import x509

    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


@contextmanager
def _private_file(content: bytes) -> Iterator[str]:
    """A path under which ``content`` can be read: anonymous memory where the system has it."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("routine-harness")
        try:
            os.write(descriptor, content)
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
        return
    import tempfile

    with tempfile.NamedTemporaryFile() as file:  # 0600 by itself
        file.write(content)
        file.flush()
        yield file.name
