from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.card.curves import DOMAINS, SECP_256R1, Domain, KeyPair
from drivers.errors import CardProtocolError

CURVES = st.sampled_from(list(DOMAINS.values()))


@settings(deadline=None, max_examples=40)
@given(CURVES, st.integers(2, 1 << 250))
def test_own_arithmetic_agrees_with_openssl(curve: Domain, scalar: int) -> None:
    numbers = ec.derive_private_key(scalar, curve.openssl()).public_key().public_numbers()
    assert curve.multiply(scalar, curve.g) == (numbers.x, numbers.y)
    assert curve.multiply_generator(scalar) == (numbers.x, numbers.y)


@settings(deadline=None, max_examples=20)
@given(CURVES, st.integers(1, 1 << 200), st.integers(1, 1 << 200))
def test_sums_of_multiples_are_multiples_of_sums(curve: Domain, left: int, right: int) -> None:
    point = curve.multiply_generator(right)
    total = curve.multiply_sum((left, curve.g), (right, point))
    assert total == curve.multiply_generator(left + right * right)
    assert curve.decode(curve.encode(total)) == total


@pytest.mark.parametrize("curve", DOMAINS.values(), ids=lambda curve: curve.name)
def test_infinity_is_refused(curve: Domain) -> None:
    x, y = curve.g
    with pytest.raises(CardProtocolError):
        curve.multiply_sum((1, curve.g), (1, (x, curve.p - y)))
    with pytest.raises(CardProtocolError):
        curve.multiply(curve.n, curve.g)
    with pytest.raises(CardProtocolError):
        curve.multiply_generator(curve.n)
    assert curve.multiply_sum((1, curve.g), (1, curve.g)) == curve.multiply_generator(2)


def test_a_point_of_order_two_doubles_to_infinity() -> None:
    # Not a point of the curve; the arithmetic must still end in an error, never in a wrong point.
    with pytest.raises(CardProtocolError):
        SECP_256R1.multiply(2, (5, 0))


def test_points_off_the_curve_are_refused() -> None:
    curve = SECP_256R1
    good = curve.encode(curve.g)
    for bad in (good[:-1], good + b"\x00", b"\x02" + good[1:], good[:-1] + bytes([good[-1] ^ 1]), b"\x00"):
        with pytest.raises(CardProtocolError):
            curve.decode(bad)
    with pytest.raises(CardProtocolError):
        curve.decode(b"\x04" + (curve.g[0] + 0).to_bytes(32, "big") + b"\xff" * 32)
    with pytest.raises(CardProtocolError):
        KeyPair(curve, 5).agree((1, 1))
