"""The test country's authorities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from drivers.simulated.card.authority import write_csca_folder

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def csca_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_csca_folder(tmp_path_factory.mktemp("csca"))
