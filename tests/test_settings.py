import dataclasses
import os
import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.services.secrets import secret_key
from crowd.settings import LONGEST_SOCKET_PATH, ROOT, BadSetting, Settings, load_settings

DEFAULTS = ROOT / "config" / "default.toml"
NAMES = [field.name for field in dataclasses.fields(Settings)]


def test_every_setting_stands_in_the_file_once_under_a_comment():
    lines = DEFAULTS.read_text(encoding="utf-8").splitlines()
    assert sorted(tomllib.loads("\n".join(lines))) == sorted(NAMES)
    for block in "\n".join(lines).split("\n\n"):
        assert block.startswith("#"), f"without a comment: {block}"


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("CROWD_PORT", "9001", "port", 9001),
        ("CROWD_DATA_DIR", "/srv/crowd", "data_dir", "/srv/crowd"),
        ("CROWD_OPEN_SIGN_UP", "no", "open_sign_up", False),
        ("CROWD_DEMO", "TRUE", "demo", True),
        ("CROWD_REDIS_URL", "redis://:secret@cache:6379", "redis_url", "redis://:secret@cache:6379"),
    ],
)
def test_the_environment_beats_the_file(variable, text, name, value):
    assert getattr(load_settings({variable: text}), name) == value


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({"CROWD_PROT": "9000"}, "CROWD_PROT"),
        ({"CROWD_PORT": "many"}, "CROWD_PORT"),
        ({"CROWD_PORT": "70000"}, "port"),
        ({"CROWD_DEMO": "perhaps"}, "CROWD_DEMO"),
        ({"CROWD_CURRENCY": "euro"}, "currency"),
        ({"CROWD_SECRET_KEY": "short"}, "secret_key"),
        ({"CROWD_DATABASE_URL": "mysql://x"}, "database_url"),
        ({"CROWD_REDIS_URL": "http://x"}, "redis_url"),
        ({"CROWD_PUBLIC_URL": "crowd.example.org"}, "public_url"),
        ({"CROWD_SWEEP_SECONDS": "0"}, "sweep_seconds"),
    ],
)
def test_a_setting_that_is_unknown_or_malformed_is_named(environment, names):
    with pytest.raises(BadSetting, match=names):
        load_settings(environment)


@pytest.mark.parametrize(
    ("text", "names"),
    [("port = 1", "missing"), ("nonsense = 1", "nonsense"), ("port = ", "not valid TOML")],
)
def test_a_broken_file_is_named(tmp_path, text, names):
    path = tmp_path / "default.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadSetting, match=names):
        load_settings({}, default_file=path)


def test_a_file_that_gives_text_for_a_number_is_refused(tmp_path):
    path = tmp_path / "default.toml"
    path.write_text(DEFAULTS.read_text(encoding="utf-8").replace("port = 8000", 'port = "8000"'))
    with pytest.raises(BadSetting, match="port"):
        load_settings({}, default_file=path)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "crowd.example.org"])
def test_the_demo_opens_on_this_machine_only(host):
    with pytest.raises(BadSetting, match="loopback"):
        load_settings({"CROWD_HOST": host, "CROWD_PUBLIC_URL": "https://crowd.example.org"}, demo=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_the_demo_opens_on_every_loopback_address(host):
    assert load_settings({"CROWD_HOST": host}, demo=True).is_loopback


def test_listening_beyond_this_machine_needs_the_public_address():
    with pytest.raises(BadSetting, match="CROWD_PUBLIC_URL"):
        load_settings({"CROWD_HOST": "0.0.0.0"})


@given(
    st.builds(
        dict,
        port=st.integers(1, 65535),
        demo=st.booleans(),
        secret_key=st.just("") | st.text("abc", min_size=32, max_size=40),
        data_dir=st.sampled_from(["/srv/crowd", "/var/a b"]),
    )
)
def test_a_child_process_gets_exactly_the_same_settings(overrides):
    settings = load_settings({}, **overrides)
    assert load_settings(settings.as_environment()) == settings


def test_a_deep_data_directory_gets_its_socket_on_a_path_that_the_kernel_takes():
    settings = load_settings({}, data_dir="/srv/" + "deep/" * 40)
    assert len(os.fsencode(settings.redis_socket)) <= LONGEST_SOCKET_PATH
    other = load_settings({}, data_dir="/srv/" + "deep/" * 41)
    assert settings.redis_socket != other.redis_socket
    assert settings.redis_address == f"unix://{settings.redis_socket}"


def test_the_secret_is_made_once_and_is_its_owners_only(tmp_path):
    settings = load_settings({}, data_dir=str(tmp_path / "var"))
    key = secret_key(settings)
    path = tmp_path / "var" / "secret.key"
    assert len(key) >= 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert secret_key(settings) == key


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path):
    settings = load_settings({}, data_dir=str(tmp_path))
    secret_key(settings)
    (tmp_path / "secret.key").chmod(0o644)
    with pytest.raises(BadSetting, match="chmod 600"):
        secret_key(settings)


def test_a_secret_that_is_too_short_is_refused(tmp_path: Path):
    path = tmp_path / "secret.key"
    path.write_text("tooshort", encoding="ascii")
    path.chmod(0o600)
    with pytest.raises(BadSetting, match="too short"):
        secret_key(load_settings({}, data_dir=str(tmp_path)))
