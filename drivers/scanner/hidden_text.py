"""Lets tesseract read a page and gives what it read as an invisible PDF page, to be laid over the picture.

Only where the configuration asks for it: a page takes seconds on the old PC. tesseract is a program of its
own, so that a page that makes it hang or swell takes nothing along; without it, or where it fails, the page
simply has no text.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drivers.ports import ScannedPage

log = logging.getLogger(__name__)

READ_S = 20.0
"""Given to one page, seconds."""
LANGUAGE = "vie"


def can_read() -> bool:
    """Tell whether tesseract and its Vietnamese are installed."""
    if shutil.which("tesseract") is None:
        return False
    listed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, check=False, timeout=READ_S)
    return LANGUAGE.encode() in listed.stdout.split()


def hidden_text(page: ScannedPage) -> bytes:
    """Return a PDF of one page with the text of this page, invisible, or nothing where none was read.

    The picture goes through a pipe; neither it nor the text touches a disk.
    """
    asked = ["tesseract", "-", "-", "-l", LANGUAGE, "--dpi", str(page.dpi), "-c", "textonly_pdf=1", "pdf"]
    try:
        done = subprocess.run(
            asked,
            input=page.jpeg,
            capture_output=True,
            check=True,
            timeout=READ_S,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("scan.no_text_layer", extra={"reason": type(error).__name__})
        return b""
    return done.stdout
