"""What a program apart may say, and how it may end."""

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from app.errors import DiskFull
from app.media import program, sandbox

LIMITS = sandbox.Limits(seconds=20, cpu=10)


def written(folder: Path, body: str) -> Path:
    path = folder / "some_child.py"
    path.write_text("import json, os, signal, sys, time\nasked = json.load(open(sys.argv[1]))\n" + dedent(body))
    return path


def answer(folder: Path, body: str, limits: sandbox.Limits = LIMITS, **more: Any) -> dict[str, Any]:
    return program.ask(written(folder, body), {"n": 20}, limits=limits, **more)


def test_an_answer_and_how_far_it_is(tmp_path: Path) -> None:
    said: list[int] = []
    body = """
    print("a library's own words"); print("[1]"); print('{"progress": 50}', flush=True); print('{"progress": 99}')
    sys.stdout.write(json.dumps({"ok": {"n": asked["n"] + 1}}) + chr(10))
    """
    assert answer(tmp_path, body, progress=said.append) == {"n": 21}
    assert said == [50, 99]


def test_it_sees_its_files_and_nothing_else(tmp_path: Path) -> None:
    secret, shown, out = tmp_path / "secret", tmp_path / "shown", tmp_path / "out"
    secret.write_text("key")
    shown.write_text("photo")
    out.mkdir()
    body = f"""
    open({str(out / "made")!r}, "w").write(open({str(shown)!r}).read())
    seen = os.path.exists({str(secret)!r})
    print(json.dumps({{"ok": {{"environment": sorted(os.environ), "secret": seen}}}}))
    """
    found = answer(tmp_path, body, reads=[shown], writes=out)
    assert not {name for name in found["environment"] if "DIALOGUE" in name or "AWS" in name}
    assert found["secret"] is not sandbox.usable()
    assert (out / "made").read_text() == "photo"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("""print('{"code": "too_large", "detail": "x"}')""", "too_large"),
        ("sys.exit(3)", "broken"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "broken"),
        ("print('{\"ok\": {')", "broken"),
        ("print('x' * 1000)", "broken"),
    ],
)
def test_a_refusal_is_final(tmp_path: Path, body: str, code: str) -> None:
    with pytest.raises(program.Refused) as refused:
        answer(tmp_path, body)
    assert refused.value.code == code


def test_time_that_is_up(tmp_path: Path) -> None:
    with pytest.raises(program.Refused) as refused:
        answer(tmp_path, "time.sleep(60)", sandbox.Limits(seconds=0.4, cpu=10))
    assert refused.value.code == "timeout"
    with pytest.raises(program.Refused) as refused:
        answer(tmp_path, "while True: pass", sandbox.Limits(seconds=60, cpu=1))
    assert refused.value.code == "timeout"


def test_what_may_be_tried_again(tmp_path: Path) -> None:
    with pytest.raises(program.Lost):
        answer(tmp_path, "os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(DiskFull):
        answer(tmp_path, """print('{"code": "disk_full"}')""")


def test_it_cannot_fill_our_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "MOST_SAID", 10_000)
    with pytest.raises(program.Refused):
        answer(tmp_path, "while True: print('x' * 1000)")
