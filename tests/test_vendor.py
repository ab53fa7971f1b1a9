"""The third-party files in the repository are the ones their manifests name."""

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def vendor() -> ModuleType:
    spec = importlib.util.spec_from_file_location("vendor", ROOT / "scripts/vendor.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_vendored_file_is_what_its_manifest_says(vendor: ModuleType) -> None:
    assert [vendor.complaints(path) for path in vendor.MANIFESTS] == [[], []]


def test_a_changed_a_missing_and_an_unlisted_file_are_named(vendor: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "vendor"
    shutil.copytree(ROOT / "static/vendor", folder)
    (folder / "htmx.min.js").write_text("changed")
    (folder / "hx-csp.min.js").unlink()
    (folder / "stray.js").write_text("stray")
    complaints = vendor.complaints(folder / "manifest.json")
    assert [Path(complaint.split(":")[0]).name for complaint in complaints] == [
        "hx-csp.min.js",
        "stray.js",
        "htmx.min.js",
    ]
