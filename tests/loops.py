"""An event loop for a test, whatever the thread it runs in is doing."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def in_a_loop(work: Coroutine[Any, Any, Any]) -> Any:
    """Runs to its end in a thread of its own: Playwright leaves a running loop in the tests' thread."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, work).result()
