"""What an OpenAI-compatible server's failures mean.

Servers echo prompts in their messages: a message is looked at here and never repeated.
"""

import re
from dataclasses import dataclass

import aiohttp
import httpx
import openai

from radcite.backends.chat.http import Refused
from radcite.core.errors import DependencyDown, RadciteError

__all__ = ["Fault", "bad_output", "fault_of", "timed_out", "unavailable"]

_PASSING = frozenset({408, 409, 425, 429})
_REFUSED = frozenset({400, 413, 422})
_CONTEXT = re.compile(r"(?i)context[ _](length|size|window)|maximum model length|max_model_len")
# llama.cpp answers 500 to a reply cut off inside its grammar, and to images without a projector.
_UNUSABLE = re.compile(r"(?i)model produced output|(image|audio) input is not supported")


@dataclass(frozen=True, slots=True)
class Fault:
    """A failure in our words, whether the same request may pass later, and when at the earliest."""

    error: RadciteError
    passing: bool
    retry_after_s: float = 0.0


def unavailable(why: str, why_zh: str) -> DependencyDown:
    """The model does not answer."""
    return DependencyDown("LLM_UNAVAILABLE", why, why_zh)


def timed_out(limit_s: float) -> DependencyDown:
    """The model did not finish in time."""
    return DependencyDown(
        "TIMEOUT",
        f"the language model did not finish within {limit_s:g} s",
        f"语言模型未能在 {limit_s:g} 秒内完成",
    )


def bad_output(why: str, why_zh: str) -> RadciteError:
    """The model answered, but not with what can be used."""
    return RadciteError("LLM_BAD_OUTPUT", why, why_zh)


def fault_of(
    exc: openai.APIError | httpx.HTTPError | aiohttp.ClientError | Refused | ValueError,
) -> Fault:
    """The meaning of an exception of the SDK, of a transport, or of reading the reply's body."""
    match exc:
        case Refused():
            return _status_fault(exc.status, exc.told, exc.retry_after)
        case openai.APIStatusError():
            told = f"{exc.code} {exc.type} {exc.message}"
            return _status_fault(exc.status_code, told, exc.response.headers.get("retry-after", ""))
        case aiohttp.SocketTimeoutError():
            return Fault(unavailable("the server stopped sending", "服务器停止响应"), passing=True)
        case openai.APITimeoutError() if not isinstance(exc.__cause__, httpx.ConnectTimeout):
            return Fault(unavailable("the server stopped sending", "服务器停止响应"), passing=True)
        case openai.APIConnectionError() | httpx.HTTPError() | aiohttp.ClientError():
            return Fault(
                unavailable("the server cannot be reached", "无法连接服务器"), passing=True
            )
        case openai.APIError():
            return Fault(unavailable("the server broke off", "服务器中断了回复"), passing=True)
        case _:
            error = bad_output(
                "the server's answer is not a completion", "服务器返回的不是补全结果"
            )
            return Fault(error, passing=True)


def _status_fault(status: int, told: str, retry_after: str) -> Fault:
    if _CONTEXT.search(told):
        return Fault(
            bad_output("the prompt is longer than the model's context", "提示超出模型的上下文长度"),
            passing=False,
        )
    if status in _REFUSED or _UNUSABLE.search(told):
        return Fault(
            bad_output(
                f"the server does not take the request or its format (status {status})",
                f"服务器不接受该请求或其格式（状态 {status}）",
            ),
            passing=False,
        )
    if status in {401, 403}:
        error = unavailable(
            f"the server refuses the key (status {status})", f"服务器拒绝密钥（状态 {status}）"
        )
    elif status == 404:
        error = unavailable("the server does not know the model", "服务器没有该模型")
    else:
        error = unavailable(f"the server failed (status {status})", f"服务器出错（状态 {status}）")
    return Fault(error, status in _PASSING or status >= 500, _retry_after_s(retry_after))


def _retry_after_s(value: str) -> float:
    # The header may also hold a date; such a server is asked again after the usual wait.
    return float(value) if re.fullmatch(r"\d+(\.\d+)?", value) else 0.0
