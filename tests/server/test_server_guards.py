"""Who may ask the server, and what of a request is refused before any verb sees it."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_in_process import Server, ask, held_jobs, running_server, signed_in

from jupyter_mlops.server.checked import SCHEMA, hold

if TYPE_CHECKING:
    from collections.abc import Iterator

JOB = {"verb": "export", "model": "income@champion", "target": "bundle"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("guards")
    (home / "root/project/.mlops").mkdir(parents=True)
    (home / "root/project/.git").mkdir()
    (home / "root/.hidden/project/.mlops").mkdir(parents=True)
    (home / "root/link").symlink_to(home)
    (home / "root/project/out").symlink_to(home)
    (home / "root/file.txt").write_text("")
    held = held_jobs(home / "held")
    with running_server(home, home / "root", base_url="/hub/user/ada/", PYTHONPATH=held) as server:
        yield server


def is_problem(content: Any) -> bool:
    hold(content, "Problem")
    return True


PLACES = (
    "runs",
    "runs/" + "0" * 32,
    "models",
    "moves?name=x",
    "gates?name=x&version=1",
    "servers",
    "servers/8080",
    "servers/8080/log",
    "bundles",
    "alarms",
    "jobs",
    "jobs/" + "0" * 16,
    "",
    "no/such/place",
    "runs%2f..%2fjobs",
)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
def test_without_the_token_nothing_is_told_and_nothing_done(server: Server, method: str) -> None:
    for path in PLACES:
        answer = server.send(method, path, b"{}" if method in {"POST", "PUT", "PATCH"} else None)
        assert answer.status in {403, 405}, (path, answer)
        assert method == "HEAD" or is_problem(answer.content)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Type"].startswith("application/json")


def test_what_a_browser_asks_before_a_request_of_another_site_lets_nobody_in(server: Server) -> None:
    wish = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for path in ("jobs", "no/such/place"):
        answer = server.send("OPTIONS", path, headers=wish)
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_with_the_token_every_refusal_is_a_problem(server: Server) -> None:
    for path in ("", "no/such/place", "runs/abc", "jobs/../jobs/x", "servers/123456", "runs%2f..%2fjobs"):
        answer = server.get(path)
        assert (answer.status, answer.content["kind"]) == (404, "NotFoundError"), path
    for method, path in (("PUT", "jobs"), ("DELETE", "runs"), ("PATCH", "models"), ("POST", "servers/8080")):
        answer = server.send(method, path, b"{}" if method != "DELETE" else None, server.headers)
        assert (answer.status, is_problem(answer.content)) == (405, True)


def test_a_page_of_another_site_cannot_start_a_job_with_the_users_cookies(server: Server) -> None:
    page = signed_in(server)
    for headers in (
        {"Content-Type": "application/json"},
        {"Content-Type": "application/json", "Origin": "https://evil.example"},
        {"Content-Type": "text/plain", "Origin": "https://evil.example"},
    ):
        request = urllib.request.Request(
            f"{server.url}jupyter-mlops/jobs?folder=project", json.dumps(JOB).encode(), headers, method="POST"
        )
        assert ask(page, request).status in {403, 404}
    assert server.get("jobs?folder=project").content == {"jobs": []}


def test_a_body_that_is_not_sent_as_json_is_refused(server: Server) -> None:
    headers = server.headers | {"Content-Type": "text/plain"}
    answer = server.send("POST", "jobs?folder=project", json.dumps(JOB).encode(), headers)
    assert (answer.status, answer.content["what"]) == (400, "the request is not JSON")


@pytest.mark.parametrize("where", ["runs", "servers", "bundles", "alarms", "jobs", "models"])
def test_a_folder_that_jupyter_does_not_show_is_refused(server: Server, where: str) -> None:
    out = [
        "..",
        "..%5c..",
        "../..",
        "project/../..",
        "link",
        "link/..",
        "project/out",
        "..%2f..",
        "%2e%2e/",
        "/..",
    ]
    nowhere = [
        "/etc",
        "~",
        "no",
        ".hidden",
        ".hidden/project",
        "file.txt",
        "C:/Windows",
        "%00",
        "a%00b",
        "%0a",
    ]
    nowhere += ["a" * 300, "a/" * 5000, "%F0%9F%92%A9", "%252e%252e", "project%20"]
    for folder, status in [*((each, 400) for each in out), *((each, 404) for each in nowhere)]:
        answer = server.get(f"{where}?folder={folder}")
        assert answer.status == status, (folder, answer)
        assert is_problem(answer.content)
        assert folder not in json.dumps(answer.content) or len(folder) <= 4
    assert server.get(f"{where}?folder=%ff").status == 400


@pytest.mark.parametrize(
    "target",
    [
        "../bundle",
        "/var/bundle",
        "a/../../bundle",
        "../../link/x",
        "out/bundle",
        "link/x/..",
        ".",
        ".git/hooks",
        ".mlops/x",
    ],
)
def test_a_bundle_cannot_be_exported_out_of_the_project_or_out_of_sight(server: Server, target: str) -> None:
    answer = server.post("jobs?folder=project", JOB | {"target": target})
    if target == "link/x/..":  # there is no such link in the project: it would be a new folder
        assert answer.status == 202
        server.delete(f"jobs/{answer.content['id']}")
        return
    assert (answer.status, answer.content["kind"]) == (400, "BadInputError")
    assert not Path("/var/bundle").exists()


def test_a_bundle_of_another_project_is_not_served(server: Server) -> None:
    for model in ("/etc", "../../root", "out", "../project/out"):
        answer = server.post("jobs?folder=project", {"verb": "serve", "model": model})
        assert (answer.status, answer.content["kind"]) == (400, "BadInputError")
    long = server.post("jobs?folder=project", {"verb": "serve", "model": "\U0001f4a9" * 250})
    assert long.status == 202  # no file has such a name; a model might
    server.delete(f"jobs/{long.content['id']}")


@pytest.mark.parametrize(
    "request_",
    [
        {"verb": "forget", "model": "x"},
        {"verb": "export", "model": "x"},
        JOB | {"engine": "sklearn"},
        JOB | {"model": "x\n"},
        JOB | {"model": 3},
        JOB | {"model": "x\0"},
        JOB | {"model": "\ud800"},
        JOB | {"model": "x" * 251},
        {"verb": "rollback", "model": "m", "reason": "x\0"},
        {"verb": "rollback", "model": "m", "reason": "x" * 2001},
        [],
        "export",
        None,
    ],
)
def test_a_job_that_the_schema_does_not_know_is_refused_without_its_values(
    server: Server, request_: Any
) -> None:
    answer = server.post("jobs?folder=project", request_)
    assert (answer.status, answer.content["kind"]) == (400, "BadInputError")
    assert "x\\n" not in json.dumps(answer.content)


def test_a_value_that_looks_like_an_option_stays_a_value(server: Server) -> None:
    job = server.job({"verb": "reproduce", "run": "--help"}, "project")
    assert job["status"] == "failed"
    assert "--help" in job["problem"]["what"]


def test_a_page_that_only_looks_does_not_keep_an_idle_server_alive(server: Server) -> None:
    def last_activity() -> str:
        request = urllib.request.Request(f"{server.url}api/status", headers=server.headers)
        return str(ask(urllib.request.build_opener(), request).content["last_activity"])

    server.send("POST", "jobs", b"", server.headers)
    before = last_activity()
    server.get("servers?folder=project")
    assert last_activity() == before
    server.send("POST", "jobs", b"", server.headers)
    assert last_activity() > before


def test_an_empty_project_has_empty_lists(server: Server) -> None:
    assert server.get("servers?folder=project").content == {"servers": []}
    assert server.get("bundles?folder=project").content == {"bundles": []}
    assert server.get("alarms?folder=project").content == {"alarms": []}
    assert server.get("models?folder=project").content == {"versions": []}
    assert server.get("runs?folder=project").content["runs"] == []
    assert server.get("moves?folder=project&name=income").status == 404
    assert [each.name for each in (server.root / "project").iterdir() if each.name == "mlflow.db"] == []


def test_what_is_not_there_is_a_problem_with_a_way_out(server: Server) -> None:
    for path in ("servers/8080/log?folder=project", "jobs/" + "0" * 16):
        answer = server.get(path)
        assert answer.status == 404
        assert is_problem(answer.content)
        assert answer.content["fix"]
    for number in ("x", "-1", "1001", "1e3", "9" * 5000, "%D9%A1", "0x1", ""):
        assert server.get(f"runs?folder=project&limit={number}").status == 400
    assert server.get("runs?folder=project&offset=99999999999").status == 400
    assert server.get("runs?folder=project&offset=2000000000").content["runs"] == []
    assert server.get("moves?folder=project").content["what"] == "the request lacks name"


def test_a_body_is_read_within_limits(server: Server) -> None:
    headers = server.headers | {"Content-Type": "application/json; charset=utf-8"}
    for body in (
        b"",
        b"{",
        b"[" * 60_000,
        b"\xff",
        b"NaN",
        b"1" * 5000,
        b'{"verb": "export"' + b" " * 70_000,
    ):
        answer = server.send("POST", "jobs?folder=project", body, headers)
        assert (answer.status, is_problem(answer.content)) == (400, True)


def test_a_job_can_be_cancelled_while_it_starts(server: Server) -> None:
    started = server.post("jobs?folder=project", {"verb": "reproduce", "run": "held"}).content
    assert server.delete(f"jobs/{started['id']}").status == 200
    assert server.wait(started["id"])["status"] == "cancelled"
    assert server.delete(f"jobs/{started['id']}").status == 400


def test_the_schema_itself_is_one() -> None:
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(json.loads(SCHEMA.read_text("utf-8")))
