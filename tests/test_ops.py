"""What the operator's own tools read: figures behind their token."""

from pathlib import Path

import pytest
from prometheus_client.values import MultiProcessValue
from pydantic import SecretStr

from app.media import spool
from tests.conftest import World


def figures(text: str) -> dict[str, float]:
    lines = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def test_the_figures_tell_how_much_room_is_left(world: World) -> None:
    world.app.fastapi.state.settings = world.settings.model_copy(update={"metrics_token": SecretStr("to-be-read")})
    read = world.client.get("/metrics", headers={"Authorization": "Bearer to-be-read"})
    assert read.status_code == 200
    told = figures(read.text)
    free, reserve = spool.room(world.settings.data_dir)
    assert told["dialogue_disk_reserve_bytes"] == reserve
    assert abs(told["dialogue_disk_free_bytes"] - free) < 1e9  # others write to this disk too
    assert told['dialogue_jobs{state="waiting"}'] == 0
    assert world.client.get("/metrics").status_code == 404


def test_figures_of_the_moment_are_told_once_and_leave_nothing_behind(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As under `dialogue serve`: several processes whose counters are added up out of files."""
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    monkeypatch.setattr("prometheus_client.values.ValueClass", MultiProcessValue())
    world.app.fastapi.state.settings = world.settings.model_copy(update={"metrics_token": SecretStr("to-be-read")})
    for _ in range(2):
        read = world.client.get("/metrics", headers={"Authorization": "Bearer to-be-read"}).text
        assert read.count("# TYPE dialogue_jobs gauge") == read.count("# TYPE dialogue_disk_free_bytes gauge") == 1
        assert "pid=" not in read
    assert not list(tmp_path.glob("gauge*"))
