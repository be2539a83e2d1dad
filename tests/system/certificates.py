# SPDX-License-Identifier: MIT
"""Certificates for tests: an authority, and what it issues, as PEM files in the test's folder."""
import os
import pathlib
import shutil
import subprocess

import harness


class Authority:
    """Writes <name>.pem and <name>.key for itself and for those it issues certificates to."""

    def __init__(self, work, name="ca", subject="test authority"):
        if not shutil.which("openssl"):
            raise harness.Skip("openssl is not installed")
        self.work = work
        self.name = name
        self._key(name)
        self._openssl("req", "-x509", "-new", "-key", f"{name}.key", "-days", "30", "-subj", f"/CN={subject}",
                      "-out", f"{name}.pem")

    def issue(self, name, subject, extension, days=60):
        """With `days` below 0 the certificate has expired."""
        self._key(name)
        pathlib.Path(self.work.path(f"{name}.ext")).write_text(extension + "\n")
        self._openssl("req", "-new", "-key", f"{name}.key", "-subj", f"/CN={subject}", "-out", f"{name}.csr")
        self._openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{self.name}.pem", "-CAkey", f"{self.name}.key",
                      "-CAcreateserial", "-days", str(days), "-extfile", f"{name}.ext", "-out", f"{name}.pem")
        for path in pathlib.Path(self.work.folder).iterdir():
            if path.is_file() and path.name != "client.key":
                path.chmod(0o644)  # a broker that gives its rights up reads them, too
        os.chmod(self.work.folder, 0o755)

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.work.folder, check=True, capture_output=True)

    def _key(self, name):
        self._openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")


LOCALHOST = "subjectAltName=DNS:localhost,IP:127.0.0.1"


def make_all(work):
    """An authority, a certificate for localhost and one for a client: ca.pem, server.*, client.*."""
    authority = Authority(work)
    authority.issue("server", "localhost", LOCALHOST)
    authority.issue("client", "edge", "extendedKeyUsage=clientAuth")
    os.chmod(work.path("client.key"), 0o600)
    return authority


def mosquitto_behind_all(work):
    """A broker with plain TCP, and listeners for TLS, TLS with client certificates, WebSocket and
    WebSocket over TLS; the ports in this order. Needs make_all()."""
    tls, mutual, socket, secure_socket = (harness.free_port() for _ in range(4))
    folder = work.folder
    files = f"cafile {folder}/ca.pem\ncertfile {folder}/server.pem\nkeyfile {folder}/server.key\n"
    plain = work.mosquitto(extra=f"listener {tls} 127.0.0.1\n{files}"
                                 f"listener {mutual} 127.0.0.1\n{files}require_certificate true\n"
                                 f"listener {socket} 127.0.0.1\nprotocol websockets\n"
                                 f"listener {secure_socket} 127.0.0.1\nprotocol websockets\n{files}")
    return plain, tls, mutual, socket, secure_socket
