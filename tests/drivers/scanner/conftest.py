"""Pictures of invented papers in known places, rendered once a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from drivers.scanner.page_maker import DocumentPageMaker
from drivers.simulated.scanner.papers import birth_certificate, residence_confirmation

if TYPE_CHECKING:
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
