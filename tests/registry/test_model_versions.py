"""Versions, aliases and their history in a real MLflow store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jupyter_mlops.errors import BadInputError, NotFoundError, StoreError
from jupyter_mlops.registry.history import history, previous_champion
from jupyter_mlops.registry.moves import move_alias
from jupyter_mlops.registry.names import check_alias, check_apart, check_name
from jupyter_mlops.registry.registering import register
from jupyter_mlops.registry.version_profile import profile_of_version
from jupyter_mlops.registry.versions import (
    all_versions,
    fetch_files,
    find_version,
    list_versions,
    model_names,
)
from jupyter_mlops.settings import Settings, local_uri
from jupyter_mlops.tracking.client import connect, experiment_id

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow import MlflowClient


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    project = tmp_path_factory.mktemp("registry")
    return Settings(project, local_uri(project))


@pytest.fixture(scope="module")
def client(settings: Settings) -> MlflowClient:
    return connect(settings)


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    (folder / "MLmodel").write_text("flavors: {}\n")
    return folder


def make(settings: Settings, client: MlflowClient, folder: Path, name: str, count: int) -> None:
    run = client.create_run(experiment_id(client, settings)).info.run_id
    for _ in range(count):
        register(settings, name, run, folder, "promoted/one", {"mlops.metrics": '{"auc": 0.5}'})


def champion(settings: Settings, name: str) -> str:
    return find_version(settings, f"{name}@champion").version


def test_a_version_is_found_by_number_alias_or_name(
    settings: Settings, client: MlflowClient, model_folder: Path
) -> None:
    make(settings, client, model_folder, "found", 3)
    assert find_version(settings, "found").version == "3"
    move_alias(settings, "found", "2", why="best")
    assert find_version(settings, "found").version == "2"
    assert find_version(settings, "found/1").version == "1"
    assert find_version(settings, "models:/found@champion").version == "2"
    assert find_version(settings, "found/1").metrics == {"auc": 0.5}
    with pytest.raises(NotFoundError, match="version 2 has no profile") as refused:
        profile_of_version(settings, "found")
    assert "Promote the model again" in refused.value.fix


def test_stepping_back_twice_goes_back_twice_and_then_says_that_there_is_no_more(
    settings: Settings, client: MlflowClient, model_folder: Path
) -> None:
    make(settings, client, model_folder, "steps", 3)
    for version in ("1", "2", "3"):
        move_alias(settings, "steps", version, why="promoted")
    for expected in ("2", "1"):
        back = previous_champion(settings, "steps")
        assert back == expected
        move_alias(settings, "steps", back, why="rollback")
    with pytest.raises(NotFoundError, match="no champion before version 1"):
        previous_champion(settings, "steps")
    move_alias(settings, "steps", "3", why="forward again")
    assert previous_champion(settings, "steps") == "1"
    assert [move.after for move in history(settings, "steps")] == ["1", "2", "3", "2", "1", "3"]


def test_a_deleted_version_is_stepped_over(
    settings: Settings, client: MlflowClient, model_folder: Path
) -> None:
    make(settings, client, model_folder, "gaps", 3)
    for version in ("1", "2", "3"):
        move_alias(settings, "gaps", version, why="promoted")
    client.delete_model_version("gaps", "2")
    assert previous_champion(settings, "gaps") == "1"


def test_an_alias_that_others_moved_is_respected(
    settings: Settings, client: MlflowClient, model_folder: Path
) -> None:
    make(settings, client, model_folder, "shared", 2)
    move_alias(settings, "shared", "1", why="promoted")
    client.set_registered_model_alias("shared", "champion", "2")
    assert champion(settings, "shared") == "2"
    assert previous_champion(settings, "shared") == "1"


def test_other_aliases_have_no_part_in_a_rollback(
    settings: Settings, client: MlflowClient, model_folder: Path
) -> None:
    make(settings, client, model_folder, "roles", 2)
    move_alias(settings, "roles", "1", why="promoted")
    move_alias(settings, "roles", "2", why="promoted", alias="challenger")
    assert champion(settings, "roles") == "1"
    with pytest.raises(NotFoundError):
        previous_champion(settings, "roles")


def test_a_version_that_cannot_be_made_leaves_no_empty_model(
    settings: Settings, client: MlflowClient, model_folder: Path
) -> None:
    run = client.create_run(experiment_id(client, settings)).info.run_id
    with pytest.raises(StoreError, match=r"refused a version of 'half' \(INVALID_PARAMETER_VALUE\)"):
        register(settings, "half", run, model_folder, "promoted/one", {"k" * 300: "too long a key"})
    assert "half" not in model_names(settings)


def test_an_alias_for_a_version_that_is_gone_is_refused_and_moves_nothing(
    settings: Settings, client: MlflowClient, model_folder: Path
) -> None:
    make(settings, client, model_folder, "short", 1)
    move_alias(settings, "short", "1", why="first")
    with pytest.raises(StoreError, match="refused version 7 of 'short' as champion"):
        move_alias(settings, "short", "7", why="second")
    assert champion(settings, "short") == "1"
    assert [move.after for move in history(settings, "short")] == ["1"]


def test_a_model_without_versions_and_one_by_others_are_told_apart(
    settings: Settings, client: MlflowClient, tmp_path: Path
) -> None:
    client.create_registered_model("empty")
    with pytest.raises(NotFoundError, match="has no version"):
        find_version(settings, "empty")
    client.create_registered_model("theirs")
    client.create_model_version("theirs", str(tmp_path))
    version = find_version(settings, "theirs")
    assert version.path is None
    with pytest.raises(NotFoundError, match="was not promoted by jupyter-mlops"):
        fetch_files(settings, version, tmp_path)
    assert list_versions(settings, "nobody") == []


@pytest.mark.parametrize("name", ["income", "churn 2024", "größe", "a-b_c.d", "x" * 200])
def test_ordinary_names_are_taken(name: str, settings: Settings, client: MlflowClient) -> None:
    assert check_name(name) == name
    client.create_registered_model(name)


@pytest.mark.parametrize("name", ["", " ", ".", "..", " a", "a ", "a/b", "a:b", "a@b", "a\nb", "x" * 201])
def test_names_that_could_not_be_found_again_are_refused(name: str) -> None:
    with pytest.raises(BadInputError):
        check_name(name)


@pytest.mark.parametrize("name", ["Income", "INCOME", "in come", "\uff49ncome"])
def test_a_name_that_people_take_for_another_is_refused(name: str) -> None:
    names = ["income", "in  come"]
    with pytest.raises(BadInputError, match="would be taken for it"):
        check_apart(name, names)
    assert check_apart("income", names) == "income"
    assert check_apart("incomes", names) == "incomes"


@pytest.mark.parametrize("alias", ["", "latest", "Latest", "v3", "V12", "a b", "a@b", "x" * 201])
def test_aliases_that_mlflow_refuses_are_refused_first(alias: str) -> None:
    with pytest.raises(BadInputError):
        check_alias(alias)


@pytest.mark.parametrize("alias", ["champion", "challenger-2", "v_3", "version3"])
def test_ordinary_aliases_are_taken(alias: str) -> None:
    assert check_alias(alias) == alias


def test_more_versions_than_one_page_of_mlflow_holds_are_all_found(
    settings: Settings, client: MlflowClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.create_registered_model("many")
    for _ in range(7):
        client.create_model_version("many", str(tmp_path))
    client.set_registered_model_alias("many", "champion", "3")
    monkeypatch.setattr("jupyter_mlops.registry.versions._PAGE", 3)
    assert [version.version for version in list_versions(settings, "many")] == list("1234567")
    found = all_versions(settings)
    assert [version.version for version in found["many"] if version.aliases] == ["3"]
    assert set(found) == set(model_names(settings))
