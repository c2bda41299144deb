"""Elliptic curves of the card: named domains and the arithmetic of PACE's mapped generator.

OpenSSL multiplies by a curve's own generator; PACE maps the generator to a fresh point, and needs both
coordinates of a product, so that multiplication is done here. Nothing here is constant-time: the
scalars live for one session and a kiosk gives no one a stopwatch on them.

Source: BSI TR-03111 v2.1; RFC 5639; SEC 2 v2; standardised parameter ids ICAO Doc 9303-11, 9.5.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec

from drivers.errors import CardProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

Point = tuple[int, int]
"""Affine coordinates; infinity never leaves this module."""

Jacobian = tuple[int, int, int]
INFINITY: Jacobian = (1, 1, 0)
UNCOMPRESSED = 0x04
WINDOW_BITS = 4
"""Bits of a scalar taken at once: one hexadecimal digit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """A named curve: y² = x³ + ax + b over the prime p, generator g of order n, cofactor 1."""

    name: str
    p: int
    a: int
    b: int
    g: Point
    n: int
    openssl: Callable[[], ec.EllipticCurve]

    @property
    def size(self) -> int:
        """Bytes of one coordinate."""
        return (self.p.bit_length() + 7) // 8

    def contains(self, point: Point) -> bool:
        """Tell whether a point is on the curve with reduced coordinates."""
        x, y = point
        reduced = 0 <= x < self.p and 0 <= y < self.p
        return reduced and (y * y - (x * x * x + self.a * x + self.b)) % self.p == 0

    def encode(self, point: Point) -> bytes:
        """Return a point as 04 || x || y. Source: BSI TR-03111, 3.2.1."""
        return (
            bytes([UNCOMPRESSED]) + point[0].to_bytes(self.size, "big") + point[1].to_bytes(self.size, "big")
        )

    def decode(self, data: bytes) -> Point:
        """Read an uncompressed point and check that it lies on the curve.

        Raises:
            CardProtocolError: Wrong length or form, or not on the curve.
        """
        size = self.size
        if len(data) != 2 * size + 1 or data[0] != UNCOMPRESSED:
            raise CardProtocolError("The card sent a malformed curve point.")
        point = int.from_bytes(data[1 : size + 1], "big"), int.from_bytes(data[size + 1 :], "big")
        if not self.contains(point):
            raise CardProtocolError("The card sent a point that is not on its curve.")
        return point

    def multiply(self, scalar: int, point: Point) -> Point:
        """Multiply any point of the curve.

        Raises:
            CardProtocolError: The product is infinity.
        """
        return self.multiply_sum((scalar, point))

    def multiply_sum(self, *terms: tuple[int, Point]) -> Point:
        """Add the products of scalars and points, four bits of every scalar at a time (Straus' trick).

        Two products together cost little more than one, because they share the doublings.

        Raises:
            CardProtocolError: The sum is infinity.
        """
        tables = [self._multiples(point) for _scalar, point in terms]
        digits = [f"{scalar % self.n:0{2 * self.size}x}" for scalar, _point in terms]
        result = INFINITY
        for column in zip(*digits, strict=True):
            for _ in range(WINDOW_BITS):
                result = self._double(result)
            for table, digit in zip(tables, column, strict=True):
                result = self._add(result, table[int(digit, 16)])
        return self._affine(result)

    def multiply_generator(self, scalar: int) -> Point:
        """Multiply the curve's own generator, by OpenSSL.

        Raises:
            CardProtocolError: The product is infinity.
        """
        return KeyPair(self, scalar).public

    def _multiples(self, point: Point) -> list[Jacobian]:
        """Return 0 to 15 times a point."""
        base = (*point, 1)
        found = [INFINITY]
        while len(found) < 1 << WINDOW_BITS:
            found.append(self._add(found[-1], base))
        return found

    def _affine(self, point: Jacobian) -> Point:
        x, y, z = point
        if not z:
            raise CardProtocolError("A product on the card's curve is the point at infinity.")
        inverse = pow(z, -1, self.p)
        square = inverse * inverse % self.p
        return x * square % self.p, y * square * inverse % self.p

    def _double(self, point: Jacobian) -> Jacobian:
        x, y, z = point
        if not y or not z:
            return INFINITY
        p = self.p
        yy = y * y % p
        s = 4 * x * yy % p
        zz = z * z % p
        m = (3 * x * x + self.a * (zz * zz % p)) % p
        x3 = (m * m - 2 * s) % p
        return x3, (m * (s - x3) - 8 * yy * yy) % p, 2 * y * z % p

    def _add(self, left: Jacobian, right: Jacobian) -> Jacobian:
        if not left[2] or not right[2]:
            return right if not left[2] else left
        p = self.p
        (x1, y1, z1), (x2, y2, z2) = left, right
        z1z1, z2z2 = z1 * z1 % p, z2 * z2 % p
        u1, u2 = x1 * z2z2 % p, x2 * z1z1 % p
        s1, s2 = y1 * z2 * z2z2 % p, y2 * z1 * z1z1 % p
        if u1 == u2:
            return self._double(left) if s1 == s2 else INFINITY
        h, r = (u2 - u1) % p, (s2 - s1) % p
        hh = h * h % p
        hhh, v = h * hh % p, u1 * hh % p
        x3 = (r * r - hhh - 2 * v) % p
        return x3, (r * (v - x3) - s1 * hhh) % p, h * z1 * z2 % p


class KeyPair:
    """An ephemeral key of the kiosk, held by OpenSSL; made once, because its public half is the dear part.

    Raises:
        CardProtocolError: The scalar is no private key.
    """

    def __init__(self, domain: Domain, scalar: int) -> None:
        if not scalar % domain.n:
            raise CardProtocolError("A product on the card's curve is the point at infinity.")
        self._curve = domain.openssl()
        self._key = ec.derive_private_key(scalar % domain.n, self._curve)

    @property
    def public(self) -> Point:
        """The generator times the scalar."""
        numbers = self._key.public_key().public_numbers()
        return numbers.x, numbers.y

    def agree(self, point: Point) -> bytes:
        """Return the x coordinate of a point times the scalar.

        Raises:
            CardProtocolError: The point is not on the curve.
        """
        try:
            public = ec.EllipticCurvePublicNumbers(point[0], point[1], self._curve).public_key()
        except ValueError as error:
            raise CardProtocolError("The card sent a point that is not on its curve.") from error
        return self._key.exchange(ec.ECDH(), public)


def _domain(name: str, openssl: Callable[[], ec.EllipticCurve], numbers: tuple[str, ...]) -> Domain:
    """Build a domain from its six numbers in hexadecimal, p, a, b, x, y, n."""
    p, a, b, x, y, n = (int(number, 16) for number in numbers)
    return Domain(name=name, p=p, a=a, b=b, g=(x, y), n=n, openssl=openssl)


BRAINPOOL_P256R1 = _domain(
    "brainpoolP256r1",
    ec.BrainpoolP256R1,
    (
        "A9FB57DBA1EEA9BC3E660A909D838D726E3BF623D52620282013481D1F6E5377",
        "7D5A0975FC2C3057EEF67530417AFFE7FB8055C126DC5C6CE94A4B44F330B5D9",
        "26DC5C6CE94A4B44F330B5D9BBD77CBF958416295CF7E1CE6BCCDC18FF8C07B6",
        "8BD2AEB9CB7E57CB2C4B482FFC81B7AFB9DE27E1E3BD23C23A4453BD9ACE3262",
        "547EF835C3DAC4FD97F8461A14611DC9C27745132DED8E545C1D54C72F046997",
        "A9FB57DBA1EEA9BC3E660A909D838D718C397AA3B561A6F7901E0E82974856A7",
    ),
)
BRAINPOOL_P384R1 = _domain(
    "brainpoolP384r1",
    ec.BrainpoolP384R1,
    (
        "8CB91E82A3386D280F5D6F7E50E641DF152F7109ED5456B412B1DA197FB71123ACD3A729901D1A71874700133107EC53",
        "7BC382C63D8C150C3C72080ACE05AFA0C2BEA28E4FB22787139165EFBA91F90F8AA5814A503AD4EB04A8C7DD22CE2826",
        "04A8C7DD22CE28268B39B55416F0447C2FB77DE107DCD2A62E880EA53EEB62D57CB4390295DBC9943AB78696FA504C11",
        "1D1C64F068CF45FFA2A63A81B7C13F6B8847A3E77EF14FE3DB7FCAFE0CBD10E8E826E03436D646AAEF87B2E247D4AF1E",
        "8ABE1D7520F9C2A45CB1EB8E95CFD55262B70B29FEEC5864E19C054FF99129280E4646217791811142820341263C5315",
        "8CB91E82A3386D280F5D6F7E50E641DF152F7109ED5456B31F166E6CAC0425A7CF3AB6AF6B7FC3103B883202E9046565",
    ),
)
BRAINPOOL_P512R1 = _domain(
    "brainpoolP512r1",
    ec.BrainpoolP512R1,
    (
        (
            "AADD9DB8DBE9C48B3FD4E6AE33C9FC07CB308DB3B3C9D20ED6639CCA703308717D4D9B009BC66842AECDA12A"
            "E6A380E62881FF2F2D82C68528AA6056583A48F3"
        ),
        (
            "7830A3318B603B89E2327145AC234CC594CBDD8D3DF91610A83441CAEA9863BC2DED5D5AA8253AA10A2EF1C9"
            "8B9AC8B57F1117A72BF2C7B9E7C1AC4D77FC94CA"
        ),
        (
            "3DF91610A83441CAEA9863BC2DED5D5AA8253AA10A2EF1C98B9AC8B57F1117A72BF2C7B9E7C1AC4D77FC94CA"
            "DC083E67984050B75EBAE5DD2809BD638016F723"
        ),
        (
            "81AEE4BDD82ED9645A21322E9C4C6A9385ED9F70B5D916C1B43B62EEF4D0098EFF3B1F78E2D0D48D50D1687B"
            "93B97D5F7C6D5047406A5E688B352209BCB9F822"
        ),
        (
            "7DDE385D566332ECC0EABFA9CF7822FDF209F70024A57B1AA000C55B881F8111B2DCDE494A5F485E5BCA4BD8"
            "8A2763AED1CA2B2FA8F0540678CD1E0F3AD80892"
        ),
        (
            "AADD9DB8DBE9C48B3FD4E6AE33C9FC07CB308DB3B3C9D20ED6639CCA70330870553E5C414CA9261941866119"
            "7FAC10471DB1D381085DDADDB58796829CA90069"
        ),
    ),
)
SECP_256R1 = _domain(
    "secp256r1",
    ec.SECP256R1,
    (
        "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF",
        "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFC",
        "5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B",
        "6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296",
        "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5",
        "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551",
    ),
)
SECP_384R1 = _domain(
    "secp384r1",
    ec.SECP384R1,
    (
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFFFF0000000000000000FFFFFFFF",
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFFFF0000000000000000FFFFFFFC",
        "B3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF",
        "AA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7",
        "3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F",
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973",
    ),
)
SECP_521R1 = _domain(
    "secp521r1",
    ec.SECP521R1,
    (
        (
            "01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
            "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
        ),
        (
            "01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
            "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC"
        ),
        (
            "0051953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF109E156193951EC7E937B1652"
            "C0BD3BB1BF073573DF883D2C34F1EF451FD46B503F00"
        ),
        (
            "00C6858E06B70404E9CD9E3ECB662395B4429C648139053FB521F828AF606B4D3DBAA14B5E77EFE75928FE1D"
            "C127A2FFA8DE3348B3C1856A429BF97E7E31C2E5BD66"
        ),
        (
            "011839296A789A3BC0045C8A5FB42C7D1BD998F54449579B446817AFBD17273E662C97EE72995EF42640C550"
            "B9013FAD0761353C7086A272C24088BE94769FD16650"
        ),
        (
            "01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFA51868783BF2F966B7FCC"
            "0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409"
        ),
    ),
)

DOMAINS = {
    12: SECP_256R1,
    13: BRAINPOOL_P256R1,
    15: SECP_384R1,
    16: BRAINPOOL_P384R1,
    17: BRAINPOOL_P512R1,
    18: SECP_521R1,
}
"""Standardised domain parameters by id. Source: ICAO Doc 9303-11, table 4."""
