"""A world of its own until tests/conftest.py brings one."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from fastapi import Depends, FastAPI
from fastapi.responses import JSONResponse, Response
from sqlmodel import SQLModel
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

from app import db, limits, web
from app.accounts import pages
from app.accounts.access import Moderator, require
from app.adapters import Adapters, vault
from app.adapters.clock import FixedClock
from app.consultation import content
from app.errors import AppError
from app.models import AuditHead, Publication, Role
from app.security import Guard
from app.settings import Settings
from tests.servers import create_database, postgres

numbers = itertools.count()


@pytest.fixture(scope="session")
def admin_url() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def world(request, tmp_path) -> Iterator[SimpleNamespace]:
    url = f"sqlite:///{tmp_path}/x.sqlite"
    if request.param == "postgres":
        url = create_database(request.getfixturevalue("admin_url"), f"w{next(numbers)}")
    settings = Settings(data_dir=tmp_path, database_url=url, secret_key="k" * 40, base_url="http://testserver")
    vault.configure(settings.key)
    engine = db.configure(settings.database)
    SQLModel.metadata.create_all(engine)
    limits.configure(on=True, folder=tmp_path)
    if request.param == "postgres":
        with engine.begin() as c:
            c.exec_driver_sql(limits.CREATE.format(unlogged="UNLOGGED "))
    with db.writing() as session:
        session.add(AuditHead(id=1, count=0, mac=""))
        session.add(Publication())
    adapters = Adapters(
        storage=None, mailer=None, clock=FixedClock(datetime(2022, 4, 12, 8, tzinfo=UTC)), base_url="http://testserver"
    )
    app = FastAPI()
    app.state.settings, app.state.adapters = settings, adapters
    app.include_router(pages.router)
    app.get("/equipe/moderation", name="moderation_queue", dependencies=[Depends(require(Role.MODERATOR))])(
        lambda: "ok"
    )
    for name, path in (("home", "/"), ("help", "/besoin-aide")):
        app.get(path, name=name)(lambda: "ok")
    web.provide(lambda r: {"menu": [], "footer_links": [], "consultation": content.consultation()})

    @app.get("/api/v1/moderation/queue")
    def queue(staff: Moderator):
        return {}

    @app.exception_handler(AppError)
    def expected(request, error):
        return JSONResponse({"code": error.code}, error.status)

    @app.exception_handler(HTTPException)
    def http(request, error):
        return Response(status_code=error.status_code, headers=error.headers)

    web.prepare(app)
    guarded = Guard(app, base_url=settings.base_url, https=False, path_prefix="")
    guarded.fastapi = app
    yield SimpleNamespace(
        client=TestClient(guarded, follow_redirects=False), adapters=adapters, settings=settings, app=app
    )
    db.dispose()
