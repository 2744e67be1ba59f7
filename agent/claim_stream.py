"""The claims of a draft whose JSON is still arriving, each as soon as its last brace is there."""

__all__ = ["ClosedClaims"]

_ROOT, _LIST, _CLAIM = 1, 2, 3


class ClosedClaims:
    """Reads `{"claims": [{…}, {…}]}` piece by piece, and gives each claim's JSON once it is whole."""

    def __init__(self) -> None:
        self._depth = 0
        self._in_string = False
        self._escaped = False
        self._open: list[str] = []
        self._whole = False

    @property
    def whole(self) -> bool:
        """Whether the reply has come to its end: nothing of it was cut off."""
        return self._whole

    def feed(self, piece: str) -> list[str]:
        """The claims that this piece closes, in order; each is a JSON text."""
        closed: list[str] = []
        for char in piece:
            if self._depth >= _CLAIM or (self._depth == _LIST and char == "{"):
                self._open.append(char)
            if self._in_string:
                self._in_text(char)
            elif char == '"':
                self._in_string = True
            elif char in "{[":
                self._depth += 1
            elif char in "}]":
                self._depth -= 1
                if self._depth == _LIST and self._open:
                    closed.append("".join(self._open))
                    self._open.clear()
                self._whole = self._depth < _ROOT
        return closed

    def _in_text(self, char: str) -> None:
        if self._escaped:
            self._escaped = False
        elif char == "\\":
            self._escaped = True
        elif char == '"':
            self._in_string = False
