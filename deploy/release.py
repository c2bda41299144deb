"""Makes a signed release of the committed state: `deploy/release.py --key release.key --out DIR`.

A release holds the tracked files of HEAD and, in `wheels/`, every Python package of `requirements.lock`,
built for this machine's Python: a kiosk takes it without network and without a compiler. How the pair of keys
is made: docs/operations.md. The private key stays off every kiosk.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from deploy.signed_release import LIST_NAME, SIGNATURE_NAME, ReleaseError, sign

ROOT: Final = Path(__file__).resolve().parent.parent
LEFT_OUT: Final = ("tests/", "benchmarks/", ".ci/", "docs/pictures/")
"""What a kiosk does not need."""


def tracked(root: Path) -> dict[str, bool]:
    """Return the committed files by path, with whether they are programs.

    Raises:
        ReleaseError: Something is changed and not committed.
    """
    if _git(root, "status", "--porcelain", "--untracked-files=no"):
        raise ReleaseError("commit first: a release is made of a commit, and there are changed files")
    found = {}
    for line in _git(root, "ls-tree", "-r", "HEAD").splitlines():
        about, path = line.split("\t", 1)
        if not path.startswith(LEFT_OUT) and about.split()[1] == "blob":
            found[path] = about.startswith("100755")
    return found


def _git(root: Path, *words: str) -> str:
    command = ["git", "-C", str(root), "-c", "core.quotepath=off", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


def build_wheels(root: Path, folder: Path, python: str) -> None:
    """Put a wheel of every locked package into a folder, compiled here where there is none to be had."""
    command = [python, "-m", "pip", "wheel", "--quiet", "--require-hashes", "--wheel-dir", str(folder)]
    subprocess.run([*command, "-r", str(root / "requirements.lock")], check=True, timeout=1800)


def pack(root: Path, *, key: Path, out: Path, wheels: Path) -> Path:
    """Write the release and return its file.

    Args:
        root: The checkout.
        key: The private key, PEM.
        out: The folder to write to.
        wheels: The folder of wheels.

    Raises:
        ReleaseError: Uncommitted changes, or the key cannot be used.
    """
    programs = tracked(root)
    sources = {path: root / path for path in programs}
    sources |= {f"wheels/{wheel.name}": wheel for wheel in sorted(wheels.glob("*.whl"))}
    version = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    about = {
        "version": version,
        "commit": _git(root, "rev-parse", "HEAD"),
        "size": sum(source.stat().st_size for source in sources.values()),
        "programs": sorted(path for path, program in programs.items() if program),
        "files": {path: _digest(source) for path, source in sorted(sources.items())},
    }
    text = json.dumps(about, indent=1).encode()
    file = out / f"kiosk-{version}.release"
    partial = file.with_suffix(".partial")
    with tarfile.open(partial, "w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in ((LIST_NAME, text), (SIGNATURE_NAME, sign(text, key))):
            archive.addfile(_member(name, len(data)), io.BytesIO(data))
        for path, source in sorted(sources.items()):
            with source.open("rb") as data_file:
                archive.addfile(_member(path, source.stat().st_size), data_file)
    partial.replace(file)
    return file


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o644
    return member


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main() -> int:
    """Make a release; return 0, or 1 with a sentence."""
    parser = argparse.ArgumentParser(description="Make a signed release of the committed state.")
    parser.add_argument("--key", type=Path, required=True, help="the private key (Ed25519, PEM)")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write to")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory() as folder:
            build_wheels(ROOT, Path(folder), sys.executable)
            file = pack(ROOT, key=args.key, out=args.out, wheels=Path(folder))
    except ReleaseError as error:
        sys.stderr.write(f"release: {error}\n")
        return 1
    sys.stdout.write(f"{file}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
