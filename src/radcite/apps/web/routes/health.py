from typing import Any

from fastapi import APIRouter, Response

from radcite.apps.web.desk import Desk, TheDesk, allow
from radcite.core.errors import RadciteError

__all__ = ["router"]

router = APIRouter(tags=["health"])


@router.get("/health/live", summary="The process runs")
async def live() -> dict[str, str]:
    """Nothing is asked of any dependency."""
    return {"status": "ok"}


@router.get("/health/ready", summary="Each dependency, and whether questions can be answered")
async def ready(desk: TheDesk, response: Response) -> dict[str, Any]:
    """Whether questions are answered: 503 where the ledger, the state, the audit record, the index or the disk fails.

    Without its model radcite answers in quotes: `degraded`, 200.
    """
    from radcite.backends.state.storage import require_headroom

    checks: dict[str, str] = {}
    checks["ledger"] = await _state(desk.house.ledger.collections())
    checks["audit"] = await _state(desk.house.audit.probe())
    checks["state"] = await _state(_reached(desk))
    checks["index"] = await _state(desk.house.index.count("default"))
    try:
        require_headroom(desk.house.home)
        checks["storage"] = "ok"
    except RadciteError as error:
        checks["storage"] = error.code
    checks["text_encoder"] = "ok" if desk.house.text_encoder else "absent"
    checks["llm"] = await _model(desk)
    checks["pacs"] = await _state(desk.house.pacs.probe()) if desk.house.pacs else "not set"
    failed = any(checks[name] != "ok" for name in ("ledger", "audit", "state", "index", "storage"))
    degraded = checks["text_encoder"] != "ok" or any(
        checks[name] not in {"ok", "not set"} for name in ("llm", "pacs")
    )
    response.status_code = 503 if failed else 200
    return {
        "status": "down" if failed else "degraded" if degraded else "ok",
        "dependencies": checks,
    }


@router.get("/metrics", dependencies=[allow("metrics")], summary="For Prometheus")
async def metrics(desk: TheDesk) -> Response:
    """The text exposition format."""
    return Response(desk.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


async def _state(call: Any) -> str:
    try:
        await call
    except RadciteError as error:
        return error.code
    return "ok"


async def _reached(desk: Desk) -> None:
    await desk.house.conversations.holds(["0" * 64])


async def _model(desk: Desk) -> str:
    if desk.house.chat is None:
        return "not set"
    return await _state(desk.house.chat.probe())
