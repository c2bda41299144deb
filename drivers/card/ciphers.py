"""The symmetric half of the card protocols: padding, key derivation, CBC, MACs.

Source: ICAO Doc 9303-11 (8th ed.), 9.7 and 9.8; ISO/IEC 9797-1.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

from drivers.errors import CardProtocolError

MAC_LENGTH = 8
DES_BLOCK = 8
AES_BLOCK = 16
PAD_START = 0x80


class KeyUse(IntEnum):
    """The counter that tells derived keys apart. Source: ICAO Doc 9303-11, 9.7.1."""

    ENCRYPTION = 1
    MAC = 2
    PASSWORD = 3


def pad(data: bytes, block: int) -> bytes:
    """Append 80 and zeros up to a whole block. Source: ISO/IEC 9797-1, padding method 2."""
    return data + bytes([PAD_START]) + bytes(-(len(data) + 1) % block)


def unpad(data: bytes) -> bytes:
    """Take the padding off again.

    Raises:
        CardProtocolError: There is no 80 followed by zeros only.
    """
    stripped = data.rstrip(b"\x00")
    if not stripped or stripped[-1] != PAD_START:
        raise CardProtocolError("The card sent wrongly padded data.")
    return stripped[:-1]


class CipherSuite(Protocol):
    """What secure messaging needs of a cipher."""

    @property
    def name(self) -> str:
        """The name as the proof tells it: `AES-128`, `3DES`."""
        ...

    @property
    def block(self) -> int:
        """Bytes of one block."""
        ...

    def derive(self, secret: bytes, use: KeyUse) -> bytes:
        """Derive a key from a shared secret."""
        ...

    def encrypt(self, key: bytes, data: bytes, *, ssc: bytes | None = None) -> bytes:
        """Encrypt whole blocks in CBC mode; `ssc` makes the IV where the suite wants one."""
        ...

    def decrypt(self, key: bytes, data: bytes, *, ssc: bytes | None = None) -> bytes:
        """Decrypt whole blocks in CBC mode."""
        ...

    def mac(self, key: bytes, data: bytes) -> bytes:
        """Return the eight-byte MAC over data already padded by the protocol."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AesSuite:
    """AES-CBC with CMAC. Source: ICAO Doc 9303-11, 9.8.6.1 and 9.8.7.1."""

    name: str = "AES-128"
    key_length: int = 16
    block: int = AES_BLOCK

    def derive(self, secret: bytes, use: KeyUse) -> bytes:
        """Derive a key: SHA-1 for AES-128, SHA-256 above. Source: ICAO Doc 9303-11, 9.7.1.2."""
        material = secret + use.to_bytes(4, "big")
        if self.key_length == AES_BLOCK:
            # SHA-1 is what the standard fixes for 128-bit keys; it derives, it does not sign.
            return hashlib.sha1(material, usedforsecurity=False).digest()[: self.key_length]
        return hashlib.sha256(material).digest()[: self.key_length]

    def encrypt(self, key: bytes, data: bytes, *, ssc: bytes | None = None) -> bytes:
        """Encrypt whole blocks; the IV is E(K, SSC), or zero without a counter."""
        encryptor = Cipher(algorithms.AES(key), modes.CBC(self._iv(key, ssc))).encryptor()
        return encryptor.update(data) + encryptor.finalize()

    def decrypt(self, key: bytes, data: bytes, *, ssc: bytes | None = None) -> bytes:
        """Decrypt whole blocks; the IV is E(K, SSC), or zero without a counter."""
        decryptor = Cipher(algorithms.AES(key), modes.CBC(self._iv(key, ssc))).decryptor()
        return decryptor.update(data) + decryptor.finalize()

    def mac(self, key: bytes, data: bytes) -> bytes:
        """Return the first eight bytes of the CMAC."""
        cmac = CMAC(algorithms.AES(key))
        cmac.update(data)
        return cmac.finalize()[:MAC_LENGTH]

    @staticmethod
    def _iv(key: bytes, ssc: bytes | None) -> bytes:
        if ssc is None:
            return bytes(AES_BLOCK)
        # One block in ECB is what the standard defines as the IV.
        ecb = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 - ICAO 9303-11, 9.8.6.1
        return ecb.update(ssc) + ecb.finalize()


@dataclass(frozen=True, slots=True, kw_only=True)
class TripleDesSuite:
    """Two-key 3DES-CBC with the retail MAC. Source: ICAO Doc 9303-11, 9.8.6.2 and 9.8.7.2."""

    name: str = "3DES"
    key_length: int = 16
    block: int = DES_BLOCK

    def derive(self, secret: bytes, use: KeyUse) -> bytes:
        """Derive a 16-byte key with odd parity. Source: ICAO Doc 9303-11, 9.7.1.1."""
        material = secret + use.to_bytes(4, "big")
        # SHA-1 is what the standard fixes for 3DES; it derives, it does not sign.
        digest = hashlib.sha1(material, usedforsecurity=False).digest()[: self.key_length]
        return bytes((byte & 0xFE) | ((byte >> 1).bit_count() + 1) % 2 for byte in digest)

    def encrypt(self, key: bytes, data: bytes, *, ssc: bytes | None = None) -> bytes:
        """Encrypt whole blocks; the IV is zero whatever the counter."""
        del ssc
        return _des_encrypt(key + key[:8], data)

    def decrypt(self, key: bytes, data: bytes, *, ssc: bytes | None = None) -> bytes:
        """Decrypt whole blocks; the IV is zero whatever the counter."""
        del ssc
        decryptor = Cipher(TripleDES(key + key[:8]), modes.CBC(bytes(DES_BLOCK))).decryptor()
        return decryptor.update(data) + decryptor.finalize()

    def mac(self, key: bytes, data: bytes) -> bytes:
        """Return the retail MAC. Source: ISO/IEC 9797-1, MAC algorithm 3 with DES."""
        first = key[:8] * 3  # three times the same key is single DES
        chained = bytes(DES_BLOCK)
        if len(data) > DES_BLOCK:
            chained = _des_encrypt(first, data[:-DES_BLOCK])[-DES_BLOCK:]
        last = bytes(a ^ b for a, b in zip(chained, data[-DES_BLOCK:], strict=True))
        return _des_encrypt(key + key[:8], last)


def _des_encrypt(key: bytes, data: bytes) -> bytes:
    encryptor = Cipher(TripleDES(key), modes.CBC(bytes(DES_BLOCK))).encryptor()
    return encryptor.update(data) + encryptor.finalize()


AES_128 = AesSuite()
AES_192 = AesSuite(name="AES-192", key_length=24)
AES_256 = AesSuite(name="AES-256", key_length=32)
TRIPLE_DES = TripleDesSuite()
