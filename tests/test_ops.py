"""What the operator's own tools read: figures behind their token."""

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
