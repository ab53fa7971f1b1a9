"""Checks the third-party files we carry against their manifests; --refresh fetches them again through npm."""

import argparse
import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MANIFESTS = (ROOT / "static/vendor/manifest.json", ROOT / "tests/vendor/manifest.json")


def integrity(content: bytes) -> str:
    """The file's hash as browsers write it: sha384-…"""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def complaints(manifest_path: Path) -> list[str]:
    """What differs between a manifest and the files beside it; empty when all is well."""
    folder = manifest_path.parent
    listed = {
        file["path"]: file["integrity"] for package in _packages(manifest_path) for file in package["files"]
    }
    present = {path.name for path in folder.iterdir() if path.is_file() and path != manifest_path}
    found = [f"{folder / name}: listed but missing" for name in sorted(listed.keys() - present)]
    found += [
        f"{folder / name}: not listed in {manifest_path.name}" for name in sorted(present - listed.keys())
    ]
    for name in sorted(listed.keys() & present):
        if integrity((folder / name).read_bytes()) != listed[name]:
            found.append(f"{folder / name}: differs from its integrity in {manifest_path.name}")
    return found


def refresh(manifest_path: Path) -> None:
    """Fetches every package at the manifest's version and writes its files and their integrity."""
    packages = _packages(manifest_path)
    for package in packages:
        contents = _fetched(
            f"{package['name']}@{package['version']}", [file["from"] for file in package["files"]]
        )
        for file in package["files"]:
            content = contents[file["from"]]
            (manifest_path.parent / file["path"]).write_bytes(content)
            file["integrity"] = integrity(content)
    manifest_path.write_text(json.dumps({"packages": packages}, indent=2) + "\n", encoding="utf-8")


def _packages(manifest_path: Path) -> list[dict[str, Any]]:
    packages: list[dict[str, Any]] = json.loads(manifest_path.read_text(encoding="utf-8"))["packages"]
    return packages


def _fetched(package: str, members: list[str]) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", "--ignore-scripts", package]
        packed = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
        with tarfile.open(Path(folder) / packed.stdout.strip().splitlines()[-1]) as archive:
            return {member: _member(archive, member) for member in members}


def _member(archive: tarfile.TarFile, member: str) -> bytes:
    stream = archive.extractfile(f"package/{member}")
    if stream is None:
        raise SystemExit(f"{member} is not a file of the package; correct `from` in the manifest.")
    return stream.read()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--refresh", action="store_true", help="fetch the files again and rewrite the manifests"
    )
    if parser.parse_args().refresh:
        for manifest_path in MANIFESTS:
            refresh(manifest_path)
    found = [complaint for manifest_path in MANIFESTS for complaint in complaints(manifest_path)]
    print("\n".join(found) if found else "Every vendored file is what its manifest says.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
