"""A real pcscd with a virtual reader, and the test country's authorities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from drivers.simulated.card import pcscd
from drivers.simulated.card.authority import write_csca_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def csca_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_csca_folder(tmp_path_factory.mktemp("csca"))


@pytest.fixture(scope="module")
def vpcd_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a slot of our own pcscd, which ends with the module so that other tests may have theirs."""
    missing = pcscd.missing_part()
    if missing:
        pytest.skip(f"no real pcscd: {missing}")
    if pcscd.service_answers():
        pytest.skip("no real pcscd: another one runs on this machine and is not ours")
    port = pcscd.free_port()
    with pcscd.run_pcscd(tmp_path_factory.mktemp("pcscd"), port=port):
        yield port
