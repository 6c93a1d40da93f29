"""`dialogue …`: everything the operator does. Results on stdout, logs on stderr; every command migrates first."""

import gc
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

# What a command needs is imported by it: `serve` loads without collecting rubbish, `--help` answers at once.
if TYPE_CHECKING:
    from app.adapters import Adapters
    from app.settings import Settings

# Without rich, which every start would have to load.
app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, help=__doc__
)
Port = Annotated[int, typer.Option(min=1, max=65535)]
Many = Annotated[int, typer.Option(min=1)]


def ready(meanwhile: Callable[[], object] | None = None, **overrides: object) -> "tuple[Settings, Adapters]":
    """Settings read, database migrated, everything connected. Exits with words where that is impossible.

    `meanwhile` is called while a child process migrates, when nothing else runs in this one yet.
    """
    from app import migrate, observe
    from app.consultation.reading import ContentError
    from app.settings import read_settings

    settings = read_settings(**overrides)
    if refusals := settings.refusals():
        sys.exit("The service cannot start with these settings:\n  " + "\n  ".join(refusals))
    observe.configure(settings.log_format)
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)  # words and addresses: nobody else's here
        observe.metrics_folder(settings.data_dir)
    except OSError as error:
        sys.exit(f"DIALOGUE_DATA_DIR: {error.strerror}: {error.filename}")
    from app.process import Unusable, configure

    if meanwhile is None:
        migrate.to(url=settings.database)
    else:
        with migrate.beside(url=settings.database):
            meanwhile()
    try:
        return settings, configure(settings)
    except ContentError as error:
        sys.exit(f"The content file cannot be used:\n{error}")
    except Unusable as named:
        sys.exit(str(named))


@app.command()
def serve(host: str = "127.0.0.1", port: Port = 8000, workers: Many = 1) -> None:
    """Starts the web service and, beside it, one job worker. Stops cleanly on Ctrl-C or SIGTERM."""
    gc.disable()  # there is no rubbish among what is loaded; the children switch it on again
    shown = f"[{host}]" if ":" in host else host
    if not os.environ.get("DIALOGUE_BASE_URL") and host in ("127.0.0.1", "localhost", "::1"):
        os.environ["DIALOGUE_BASE_URL"] = f"http://{shown}:{port}"
    settings, adapters = ready(meanwhile=lambda: import_module("app.main"))
    from app import db
    from app.jobs import supervisor, worker
    from app.main import create_app

    try:
        sock = supervisor.bind(host, port)
    except OSError as error:
        sys.exit(f"{host}:{port} cannot be used: {error.strerror}. Already running? Or --port 8001 (make: PORT=8001).")
    _forget_old_figures(settings)
    _announce(settings, f"http://{shown}:{port}")
    whole = create_app(settings, adapters)  # built before the fork, so that all processes share its memory
    db.dispose()

    def web() -> None:
        _after_fork(settings)
        supervisor.web_child(
            lambda: whole,
            sock,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=list(settings.trusted_proxies),
        )

    def jobs_worker() -> None:
        sock.close()
        worker.stand_back()
        worker.run(_after_fork(settings))

    raise SystemExit(supervisor.supervise([web] * workers + [jobs_worker]))


def _after_fork(settings: "Settings") -> "Adapters":
    """Connections are not shared between processes; the consultation is, or they might not tell the same one."""
    from app.process import connect

    return connect(settings)


def _forget_old_figures(settings: "Settings") -> None:
    for file in (settings.data_dir / "metrics").glob("*.db"):
        file.unlink(missing_ok=True)


def _announce(settings: "Settings", address: str) -> None:
    from app.consultation.content import consultation

    typer.echo(f"{consultation().title.in_('fr')}: {settings.base_url or address}")
    typer.echo(f"  team: {settings.base_url or address}/equipe   data: {settings.data_dir.resolve()}")
    if settings.now:
        typer.echo(f"  simulated date: the clock started at {settings.now:%d %B %Y %H:%M %Z} (DIALOGUE_NOW)")
    if not settings.smtp_url:
        typer.echo(f"  no SMTP: mails are kept as files in {settings.data_dir.resolve() / 'mail'}")


@app.command()
def worker(concurrency: Many = 1) -> None:
    """Runs jobs (photos, mail, sweeps) until stopped; on as many hosts as wanted with PostgreSQL."""
    from app.jobs import worker as jobs_worker

    _, adapters = ready()
    jobs_worker.stand_back()
    jobs_worker.run(adapters, concurrency=concurrency)


@app.command()
def demo() -> None:
    """Loads the demonstration content and accounts, once; says what it made."""
    from app import demo as demonstration

    settings, adapters = ready()
    for line in demonstration.load(settings, adapters):
        typer.echo(line)


@app.command()
def check() -> None:
    """What works, what is missing, how to mend it. Exits 1 when something is broken."""
    from app.checks import findings

    settings, adapters = ready()
    broken = False
    for name, good, words in findings(settings, adapters):
        typer.echo(f"{'ok     ' if good else 'MISSING' if good is None else 'BROKEN '} {name}: {words}")
        broken = broken or good is False
    raise SystemExit(1 if broken else 0)


user = typer.Typer(no_args_is_help=True, help="People of the team.")
token = typer.Typer(no_args_is_help=True, help="Personal tokens for the JSON API.")
audit_commands = typer.Typer(no_args_is_help=True, help="The journal.")
media = typer.Typer(no_args_is_help=True, help="The stores of photos, sound and video.")
app.add_typer(user, name="user")
app.add_typer(token, name="token")
app.add_typer(audit_commands, name="audit")
app.add_typer(media, name="media")
device = typer.Typer(no_args_is_help=True, help="Phones that collect in the street.")
app.add_typer(device, name="device")
collect = typer.Typer(no_args_is_help=True, help="What is collected in the street.")
app.add_typer(collect, name="collect")


@app.command()
def erase(
    receipt: Annotated[str, typer.Option(help="the code of one contribution")] = "",
    email: Annotated[str, typer.Option(help="the address somebody left: all that was left with it")] = "",
) -> None:
    """Forgets somebody, for good: their words, who they are, their places at meetings."""
    from app.privacy import commands

    _, adapters = ready()
    typer.echo(commands.erase(receipt=receipt, email=email, now=adapters.clock()))


@collect.command("import")
def collect_import(
    file: Path,
    mediator: Annotated[str, typer.Option(help="e-mail of whose it is, when the file does not say")] = "",
) -> None:
    """Takes in the sealed file a device exported, revoked or not; as often as one likes: nothing is doubled.

    Exits 1 when something of it was not taken in.
    """
    from app.outreach import commands

    _, adapters = ready()
    raise SystemExit(commands.bring(file, adapters, mediator=mediator))


@device.command("list")
def device_list() -> None:
    """One line each: id, name, whose, state, last contact, records waiting, seconds its clock is ahead."""
    from app.outreach import device_commands

    ready()
    for line in device_commands.list_devices():
        typer.echo(line)


@device.command("revoke")
def device_revoke(device_id: str) -> None:
    """It can send nothing any more; the receipt codes it has not given yet open nothing."""
    from app.outreach import device_commands

    ready()
    typer.echo(device_commands.revoke_device(device_id))


@media.command("move")
def media_move(
    source: str,
    target: str,
    verify: Annotated[bool, typer.Option(help="compare the content of every file again")] = False,
) -> None:
    """Copies every file from one store (file:///folder or s3://…) to another. Go on after a stop: same command.

    The source is only read. Exits 1 when a file could not be copied.
    """
    from app.media import commands

    settings, _ = ready()
    raise SystemExit(commands.move(source, target, verify=verify, settings=settings))


@audit_commands.command("verify")
def audit_verify() -> None:
    """Checks the journal's chain, also against the heads noted outside; exits 1 and names the first that is wrong."""
    from app import db
    from app.audit import heads

    _, adapters = ready()
    with db.reading() as session:
        _, broken, words = heads.verify_whole(session, heads.folder(adapters))
    typer.echo(words)
    raise SystemExit(0 if broken is None else 1)


@audit_commands.command("figures")
def audit_figures(
    exact: Annotated[bool, typer.Option(help="also the small numbers that the public page keeps back")] = False,
) -> None:
    """Prints the figures of /transparence/moderation as JSON, counted anew from the journal alone."""
    import json

    from app import db
    from app.consultation.content import consultation
    from app.transparency import counting, figures

    ready()
    with db.reading() as session:
        tally = counting.whole(session, consultation().zone)
    typer.echo(json.dumps(figures.figures(tally, exact=exact).plain(), indent=1))


@user.command("add")
def user_add(
    email: str,
    role: Annotated[list[str], typer.Option(help="mediator, interpreter, moderator, organiser, administrator")],
    name: str = "",
    reads: Annotated[list[str] | None, typer.Option(help="languages this person reads, such as fr, ar, uk")] = None,
    password_stdin: bool = False,
) -> None:
    """Adds someone to the team. Without a password, prints how to set one."""
    from app.accounts import commands

    settings, _ = ready()
    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    typer.echo(commands.add_user(email, roles=role, name=name, reads=reads, password=password, settings=settings))


@user.command("code")
def user_code(email: str) -> None:
    """Prints the second factor's digits of a demonstration account (no other)."""
    from app import db
    from app import demo as demonstration

    ready()
    if not demonstration.is_demo(email):
        sys.exit("Only for the demonstration's own accounts.")
    with db.reading() as session:
        typer.echo(demonstration.code_now(session, email))


@user.command("list")
def user_list() -> None:
    from app.accounts import commands

    ready()
    for line in commands.list_users():
        typer.echo(line)


@token.command("add")
def token_add(email: str, name: Annotated[str, typer.Option()]) -> None:
    """Prints only the token, once."""
    from app.accounts import commands

    ready()
    typer.echo(commands.add_token(email, name=name))


@token.command("revoke")
def token_revoke(email: str, name: Annotated[str, typer.Option()]) -> None:
    from app.accounts import commands

    ready()
    typer.echo(commands.revoke_token(email, name=name))


def main() -> None:
    app()


if __name__ == "__main__":
    main()
