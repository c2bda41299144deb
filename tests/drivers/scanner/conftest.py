"""Pictures of invented papers in known places, rendered once a run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from drivers.scanner.page_maker import DocumentPageMaker
from drivers.simulated.scanner.papers import birth_certificate, residence_confirmation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from drivers.ports import ScannedPage


@pytest.fixture(scope="session")
def certificate() -> NDArray[np.uint8]:
    return birth_certificate()


@pytest.fixture(scope="session")
def confirmation() -> NDArray[np.uint8]:
    return residence_confirmation()


@pytest.fixture(scope="session")
def good_page() -> ScannedPage:
    from drivers.simulated.scanner.scanner import SimulatedScanner

    return DocumentPageMaker().make_page(SimulatedScanner().capture(timeout_s=1))


@pytest.fixture
def sane_environment(tmp_path: Path) -> Mapping[str, str]:
    """Offer SANE's virtual scanner and no other."""
    (tmp_path / "dll.conf").write_text("test\n", encoding="ascii")
    (tmp_path / "test.conf").write_text("number_of_devices 1\n", encoding="ascii")
    return {**os.environ, "SANE_CONFIG_DIR": str(tmp_path)}
