"""How a handler tells the engine that an operation does not simply apply."""

from __future__ import annotations

from typing import Any


class NoEffect(Exception):
    """A fact that is kept (`noted`) without changing anything: its exception's owner decides."""

    def __init__(self, code: str, facts: dict[str, Any]) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


class Hold(Exception):
    """The operation waits (`held`) until one of `keys` fires."""

    def __init__(self, code: str, keys: tuple[str, ...], facts: dict[str, Any]) -> None:
        super().__init__(code)
        self.code = code
        self.keys = keys
        self.facts = facts


class ProtocolError(Exception):
    """An HTTP answer of /api that is no verdict: nothing changes on the device."""

    def __init__(self, status: int, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.facts = facts
