"""What requests ask together: admission, manifests, commits."""

from collections.abc import Sequence
from typing import cast

from fastapi import Request

from backend.batching import Batcher
from backend.services import Refusal, Services
from backend.store import admission, ingest
from backend.store.admission import Ask, KnownKiosk
from backend.store.ingest import Announced, Assembled, Kept, Stored


class Batches:
    """The batchers of one process; they belong to its event loop.

    Args:
        services: The running backend.
    """

    def __init__(self, services: Services) -> None:
        def admit(asks: Sequence[Ask]) -> list[KnownKiosk | Refusal]:
            return admission.admit(services, asks)

        def keep(asked: Sequence[Announced]) -> list[Kept | Refusal]:
            return ingest.keep_manifests(services, asked)

        def store(asked: Sequence[Assembled]) -> list[Stored | Refusal]:
            return ingest.store(services, asked)

        self.admission: Batcher[Ask, KnownKiosk] = Batcher(admit)
        self.manifests: Batcher[Announced, Kept] = Batcher(keep)
        self.commits: Batcher[Assembled, Stored] = Batcher(store)


def batches_of(request: Request) -> Batches:
    """Return the batchers of the process a request came to."""
    return cast("Batches", request.app.state.batches)
