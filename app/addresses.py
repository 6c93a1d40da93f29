"""Where a host site serves us: the path before all of our addresses. Pages add a language too (app/web.py)."""

prefix: list[str] = [""]  # "/solidarites", set once at start


def rooted(path: str) -> str:
    """An address of ours from the root of the host's site, as the API's contract asks."""
    return prefix[0] + path
