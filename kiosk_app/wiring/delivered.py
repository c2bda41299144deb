"""What the embedded backend holds of a dossier, opened with its own key: proof that it arrived whole."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from kiosk_app.wiring.embedded_backend import EmbeddedBackend

FOLDER: Final = "documents/"


def documents(backend: EmbeddedBackend, dossier_id: str) -> dict[str, bytes]:
    """Return the files of a delivered dossier by name.

    Args:
        backend: The embedded backend of a demonstration; a real backend's key is never on a kiosk.
        dossier_id: As given at hand-in.

    Raises:
        OSError: The backend's folder does not hold it.
    """
    from backend.blobs.folder import FolderBlobs
    from backend.keys import load_keys

    folder = backend.database.parent
    sealed = FolderBlobs(folder / "blobs").read(dossier_id)
    plain = load_keys(folder / "blobs.keys").open_sealed(sealed)
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        names = [name for name in archive.namelist() if name.startswith(FOLDER)]
        return {name.removeprefix(FOLDER): archive.read(name) for name in names}
