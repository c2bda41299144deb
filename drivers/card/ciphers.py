"""The symmetric half of the card protocols: padding, key derivation, CBC, MACs.

Source: ICAO Doc 9303-11 (8th ed.), 9.7 and 9.8; ISO/IEC 9797-1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
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


class BlockCipher(Protocol):
    """One key, ready to encrypt and decrypt whole blocks in CBC mode."""

    def encrypt(self, data: bytes, *, ssc: bytes | None = None) -> bytes:
        """Encrypt whole blocks; `ssc` makes the IV where the suite wants one."""
        ...

    def decrypt(self, data: bytes, *, ssc: bytes | None = None) -> bytes:
        """Decrypt whole blocks."""
        ...


Authenticator = Callable[[bytes], bytes]
"""Returns the eight-byte MAC over data already padded by the protocol."""


class CipherSuite(Protocol):
    """What secure messaging needs of a cipher.

    Both kinds of keyed object are kept for a whole session: setting a key up costs more than using it on a
    block, and a read of a card has some eighty protected answers.
    """

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

    def cipher(self, key: bytes) -> BlockCipher:
        """Return what encrypts and decrypts under a key."""
        ...

    def authenticator(self, key: bytes) -> Authenticator:
        """Return what makes MACs under a key."""
        ...


class AesCipher:
    """AES-CBC under one key; the IV is E(K, SSC), or zero without a counter.

    Source: ICAO Doc 9303-11, 9.8.6.1.
    """

    def __init__(self, key: bytes) -> None:
        self._key = algorithms.AES(key)
        # The standard defines the IV as one block in ECB, and CBC is taken apart below.
        blocks = Cipher(self._key, modes.ECB())  # noqa: S305 - ICAO 9303-11, 9.8.6.1
        self._forwards, self._backwards = blocks.encryptor(), blocks.decryptor()

    def encrypt(self, data: bytes, *, ssc: bytes | None = None) -> bytes:
        """Encrypt whole blocks."""
        return Cipher(self._key, modes.CBC(self._iv(ssc))).encryptor().update(data)

    def decrypt(self, data: bytes, *, ssc: bytes | None = None) -> bytes:
        """Decrypt whole blocks, one at least."""
        # Each block, decrypted by itself, is XORed with the one before. That needs no new context, which is
        # most of the cost of an answer where the processor has done other things while the card worked.
        before = self._iv(ssc) + data[:-AES_BLOCK]
        plain = int.from_bytes(self._backwards.update(data), "big") ^ int.from_bytes(before, "big")
        return plain.to_bytes(len(data), "big")

    def _iv(self, ssc: bytes | None) -> bytes:
        return bytes(AES_BLOCK) if ssc is None else self._forwards.update(ssc)


class TripleDesCipher:
    """Two-key 3DES-CBC; the IV is zero whatever the counter. Source: ICAO Doc 9303-11, 9.8.6.2."""

    def __init__(self, key: bytes) -> None:
        self._cipher = _triple_des(key + key[:DES_BLOCK])

    def encrypt(self, data: bytes, *, ssc: bytes | None = None) -> bytes:
        """Encrypt whole blocks."""
        del ssc
        return self._cipher.encryptor().update(data)

    def decrypt(self, data: bytes, *, ssc: bytes | None = None) -> bytes:
        """Decrypt whole blocks."""
        del ssc
        return self._cipher.decryptor().update(data)


def _triple_des(key: bytes) -> Cipher[modes.CBC]:
    return Cipher(TripleDES(key), modes.CBC(bytes(DES_BLOCK)))


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

    def cipher(self, key: bytes) -> BlockCipher:
        """Return AES-CBC under a key."""
        return AesCipher(key)

    def authenticator(self, key: bytes) -> Authenticator:
        """Return what gives the first eight bytes of the CMAC."""
        fresh = CMAC(algorithms.AES(key))

        def mac(data: bytes) -> bytes:
            one = fresh.copy()
            one.update(data)
            return one.finalize()[:MAC_LENGTH]

        return mac


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

    def cipher(self, key: bytes) -> BlockCipher:
        """Return two-key 3DES-CBC under a key."""
        return TripleDesCipher(key)

    def authenticator(self, key: bytes) -> Authenticator:
        """Return what gives the retail MAC. Source: ISO/IEC 9797-1, MAC algorithm 3 with DES."""
        chain = _triple_des(key[:DES_BLOCK] * 3)  # three times the same key is single DES
        last = TripleDesCipher(key)

        def mac(data: bytes) -> bytes:
            chained = (bytes(DES_BLOCK) + chain.encryptor().update(data[:-DES_BLOCK]))[-DES_BLOCK:]
            return last.encrypt(bytes(a ^ b for a, b in zip(chained, data[-DES_BLOCK:], strict=True)))

        return mac


AES_128 = AesSuite()
AES_192 = AesSuite(name="AES-192", key_length=24)
AES_256 = AesSuite(name="AES-256", key_length=32)
TRIPLE_DES = TripleDesSuite()
