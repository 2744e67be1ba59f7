"""Addresses within an archive's JSON.

Source: DICOM PS3.18, F.2.2 (`BulkDataURI`); PS3.3, C.12.1 (Retrieve URL).
"""

import json
from typing import cast

__all__ = ["turned"]

_BULK, _RETRIEVE_URL = "BulkDataURI", "00081190"


def turned(content: bytes, archive: str, shown_at: str) -> bytes:
    """DICOM JSON with the archive's address replaced by that of the proxy; any other address is left out.

    Raises:
        ValueError: for what is no JSON.
    """
    return json.dumps(_turned(json.loads(content), archive, shown_at), ensure_ascii=False).encode()


def _turned(value: object, archive: str, shown_at: str) -> object:
    if isinstance(value, list):
        return [_turned(one, archive, shown_at) for one in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    made: dict[str, object] = {}
    for name, one in cast("dict[str, object]", value).items():
        if name == _BULK:
            if address := _moved(one, archive, shown_at):
                made[name] = address
        elif name == _RETRIEVE_URL and isinstance(one, dict):
            values = cast("dict[str, object]", one).get("Value")
            listed = cast("list[object]", values) if isinstance(values, list) else []
            moved = [address for each in listed if (address := _moved(each, archive, shown_at))]
            made[name] = {"vr": "UR", **({"Value": moved} if moved else {})}
        else:
            made[name] = _turned(one, archive, shown_at)
    return made


def _moved(address: object, archive: str, shown_at: str) -> str | None:
    if isinstance(address, str) and address.startswith(f"{archive}/"):
        return shown_at + address.removeprefix(archive)
    return None
