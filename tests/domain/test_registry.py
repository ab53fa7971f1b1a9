"""A folder that is its own registry."""

from dataclasses import dataclass

import pytest

from crowd.domain.registry import members


@dataclass(frozen=True)
class Animal:
    name: str


@pytest.fixture
def folder(tmp_path, monkeypatch, request):
    package = f"zoo_{abs(hash(request.node.name))}"
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    return package, tmp_path / package


def written(folder, name, line):
    (folder / f"{name}.py").write_text(f"from tests_zoo import Animal\n{line}\n")


@pytest.fixture(autouse=True)
def zoo_module(monkeypatch):
    import sys
    from types import ModuleType

    module = ModuleType("tests_zoo")
    module.Animal = Animal
    monkeypatch.setitem(sys.modules, "tests_zoo", module)


def test_a_new_file_is_found_by_itself_and_underscores_are_not_members(folder):
    package, path = folder
    written(path, "wolf", 'ANIMAL = Animal("wolf")')
    written(path, "ant", 'ANIMAL = Animal("ant")')
    written(path, "_shared", "")
    assert list(members(package, [str(path)], "ANIMAL", Animal)) == ["ant", "wolf"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "must hold a Animal named ANIMAL"),
        ('ANIMAL = "wolf"', "must hold a Animal"),
        ('ANIMAL = Animal("dog")', "must be the file's name"),
    ],
)
def test_a_file_without_its_member_is_named(folder, line, reason):
    package, path = folder
    written(path, "wolf", line)
    with pytest.raises(TypeError, match=reason):
        members(package, [str(path)], "ANIMAL", Animal)
