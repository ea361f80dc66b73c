from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import geoasm
from geoasm.errors import OutputError, ProfileError, UnknownProfile
from geoasm.io.profiles import list_profiles, load_profile, read_template, save_profile


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A user's own copy of a shipped profile."""
    shipped = Path(geoasm.__file__).parent / "profiles" / "pe"
    folder = tmp_path / "pe"
    shutil.copytree(shipped, folder)
    return folder


def test_shipped_profiles_are_listed_and_load() -> None:
    assert list_profiles() == ["br", "cd", "pe"]
    assert [load_profile(name).code for name in list_profiles()] == ["br", "cd", "pe"]


def test_a_folder_is_a_profile_too(own: Path) -> None:
    assert load_profile(str(own)).names == load_profile("pe").names


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(UnknownProfile, match="no profile '';"):  # not the folder one is in
        load_profile("")
    with pytest.raises(UnknownProfile, match="no profile 'bo'; there are br, cd, pe, and"):
        load_profile("bo")


def test_a_folder_that_is_not_there_is_told_from_an_unknown_name() -> None:
    with pytest.raises(UnknownProfile, match=r"no folder \./bo, so no profile either"):
        load_profile("./bo")


def test_the_template_of_drafts_is_no_profile() -> None:
    texts, columns = read_template()
    assert {"profile.toml", "lookups.toml", "law.toml", "cases.toml"} < set(texts)
    assert {"concessions", "registrations"} < set(columns)
    with pytest.raises(UnknownProfile):
        load_profile("profile_template")


def test_a_finished_run_takes_no_new_profile(finished: Path) -> None:
    before = sorted(finished.rglob("*"))
    for place in (finished / "bo", finished / "pages" / "bo"):
        with pytest.raises(OutputError, match="lies in the finished run"):
            save_profile({"profile.toml": ""}, place)
    assert sorted(finished.rglob("*")) == before
    assert (save_profile({"law.toml": ""}, finished.parent / "bo") / "law.toml").is_file()


def test_a_syntax_error_names_file_and_line(own: Path) -> None:
    (own / "law.toml").write_text("steps = [\n\nx ==")
    with pytest.raises(ProfileError, match=r"pe/law\.toml: .*line 3"):
        load_profile(str(own))


def test_a_missing_or_foreign_file_is_named(own: Path) -> None:
    (own / "cases.toml").unlink()
    with pytest.raises(ProfileError, match=r"profile pe has no cases\.toml"):
        load_profile(str(own))
    (own / "cases.toml").write_bytes(b"# \xd1\n")
    with pytest.raises(ProfileError, match=r"pe/cases\.toml is not UTF-8"):
        load_profile(str(own))
