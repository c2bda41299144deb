from __future__ import annotations

import itertools

import pytest

from drivers.card.apdu import Command, PlainChannel
from drivers.errors import CardProtocolError, DeviceTimeoutError

H = bytes.fromhex


class Answers:
    """Gives prepared answers and remembers the commands."""

    def __init__(self, *answers: str) -> None:
        self.commands: list[bytes] = []
        self._answers = itertools.chain(map(H, answers[:-1]), itertools.repeat(H(answers[-1])))

    def transmit(self, apdu: bytes) -> bytes:
        self.commands.append(apdu)
        return next(self._answers)


@pytest.mark.parametrize(
    ("command", "travels"),
    [
        (Command(ins=0xA4, p1=4, p2=0x0C), "00A4040C"),
        (Command(ins=0xB0, le=256), "00B0000000"),
        (Command(ins=0xB0, le=4), "00B0000004"),
        (Command(ins=0xA4, data=H("011E")), "00A4000002011E"),
        (Command(cla=0x10, ins=0x86, data=H("7C00"), le=256), "10860000027C0000"),
    ],
)
def test_the_four_cases(command: Command, travels: str) -> None:
    assert command.to_bytes() == H(travels)


@pytest.mark.parametrize("command", [Command(ins=0xD6, data=bytes(256)), Command(ins=0xB0, le=257)])
def test_what_does_not_fit_is_refused(command: Command) -> None:
    with pytest.raises(CardProtocolError):
        command.to_bytes()


def test_61xx_fetches_the_rest() -> None:
    card = Answers("AABB6102", "CCDD9000")
    response = PlainChannel(card).send(Command(ins=0xB0, le=4))
    assert (response.data, response.ok) == (H("AABBCCDD"), True)
    assert card.commands[1] == H("00C0000002")


def test_6cxx_asks_again_with_the_right_length() -> None:
    card = Answers("6C07", "010203040506079000")
    assert len(PlainChannel(card).send(Command(ins=0xB0, p2=3, le=256)).data) == 7
    assert card.commands[1] == H("00B0000307")


def test_more_data_without_end_is_refused() -> None:
    with pytest.raises(CardProtocolError):
        PlainChannel(Answers("006101")).send(Command(ins=0xB0, le=1))


def test_a_flood_is_refused() -> None:
    channel = PlainChannel(Answers("00" * 255 + "61FF"), max_bytes=1000)
    with pytest.raises(CardProtocolError):
        channel.send(Command(ins=0xB0, le=1))


def test_less_than_a_status_word_is_refused() -> None:
    with pytest.raises(CardProtocolError):
        PlainChannel(Answers("90")).send(Command(ins=0xB0, le=1))


def test_nothing_is_sent_when_the_time_is_over() -> None:
    card = Answers("9000")
    with pytest.raises(DeviceTimeoutError):
        PlainChannel(card, expired=lambda: True).send(Command(ins=0xB0, le=1))
    assert not card.commands
