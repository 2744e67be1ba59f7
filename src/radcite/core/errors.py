"""Every failure a user can meet, by its public code, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

__all__ = ["CODES", "DependencyDown", "ErrorCode", "RadciteError", "Wording"]

ErrorCode = Literal[
    "UNSUPPORTED_FILE",
    "DICOM_TRUNCATED",
    "DICOM_MISSING_TAG",
    "DICOM_TRANSFER_SYNTAX",
    "DICOM_PIXEL_DECODE",
    "LIMIT_EXCEEDED",
    "PARSER_TIMEOUT",
    "PARSER_CRASH",
    "INSTANCE_CONFLICT",
    "REPORT_CHANGED",
    "PDF_ENCRYPTED",
    "PDF_DAMAGED",
    "PDF_NO_TEXT",
    "PHI_REVIEW",
    "RECORD_INVALID",
    "IMAGE_DECODE",
    "VALIDATION",
    "NOT_FOUND",
    "CONFIG_INVALID",
    "MISSING_EXTRA",
    "HOME_LOCKED",
    "HOME_NEWER",
    "QUARANTINED",
    "LLM_UNAVAILABLE",
    "LLM_BAD_OUTPUT",
    "RETRIEVAL_UNAVAILABLE",
    "STATE_UNAVAILABLE",
    "INDEX_MODEL_MISMATCH",
    "EMBEDDING_INVALID",
    "STORAGE_LOW",
    "AUDIT_UNAVAILABLE",
    "UNAUTHENTICATED",
    "FORBIDDEN",
    "RATE_LIMITED",
    "TIMEOUT",
    "INTERNAL",
]


@dataclass(frozen=True, slots=True)
class Wording:
    """What a code says to its reader: a title and a hint in each language."""

    en: str
    zh: str
    hint_en: str
    hint_zh: str


CODES: Mapping[ErrorCode, Wording] = {
    "UNSUPPORTED_FILE": Wording(
        "This kind of file is not read",
        "不支持的文件类型",
        "DICOM, PNG, JPEG, PDF, JATS XML, HTML, slides, NIfTI, text, passages.jsonl and cases.jsonl are read.",
        "可读取 DICOM、PNG、JPEG、PDF、JATS XML、HTML、切片、NIfTI、文本、passages.jsonl 和 cases.jsonl。",
    ),
    "DICOM_TRUNCATED": Wording(
        "The DICOM file ends too early",
        "DICOM 文件不完整",
        "Send the file again from its source.",
        "请从来源重新传送该文件。",
    ),
    "DICOM_MISSING_TAG": Wording(
        "A required DICOM attribute is missing",
        "缺少必需的 DICOM 属性",
        "Export the object again with the named attribute.",
        "请补全所列属性后重新导出。",
    ),
    "DICOM_TRANSFER_SYNTAX": Wording(
        "The transfer syntax cannot be decoded",
        "无法解码该传输语法",
        "Send it in another transfer syntax, or install a codec: see `radcite doctor`.",
        "请改用其他传输语法，或安装解码器：见 `radcite doctor`。",
    ),
    "DICOM_PIXEL_DECODE": Wording(
        "The pixel data cannot be decoded",
        "像素数据无法解码",
        "The file is damaged: send it again from its source.",
        "文件已损坏：请从来源重新传送。",
    ),
    "LIMIT_EXCEEDED": Wording(
        "The file exceeds a limit",
        "文件超出限制",
        "Raise the limit in the settings if you trust the file.",
        "如信任该文件，可在设置中提高限制。",
    ),
    "PARSER_TIMEOUT": Wording(
        "Reading the file took too long",
        "读取文件超时",
        "Raise the time limit in the settings if you trust the file.",
        "如信任该文件，可在设置中延长时限。",
    ),
    "PARSER_CRASH": Wording(
        "The reader of this file crashed",
        "读取该文件时解析器崩溃",
        "The file is quarantined; nothing else is affected.",
        "该文件已隔离，其余不受影响。",
    ),
    "INSTANCE_CONFLICT": Wording(
        "An object with this identity and other content exists",
        "已存在相同标识但内容不同的对象",
        "Check the source: one SOP Instance UID must mean one object.",
        "请检查来源：同一 SOP Instance UID 只能对应一个对象。",
    ),
    "REPORT_CHANGED": Wording(
        "The report is not what it was when you read it",
        "报告已不是您所见的版本",
        "Read it as it is now, then decide or sign again.",
        "请查看当前内容后重新决定或签署。",
    ),
    "PDF_ENCRYPTED": Wording(
        "The PDF is encrypted",
        "PDF 已加密",
        "Remove the password and ingest it again.",
        "请去除密码后重新导入。",
    ),
    "PDF_DAMAGED": Wording(
        "The PDF is damaged", "PDF 已损坏", "Fetch the file again.", "请重新获取该文件。"
    ),
    "PDF_NO_TEXT": Wording(
        "The PDF has no readable text",
        "PDF 没有可读文本",
        "Nothing on its pages could be read, by character recognition (English, Chinese) either: get a better copy.",
        "各页均无文字，也未识别出中英文文字：请换更清晰的文件。",
    ),
    "PHI_REVIEW": Wording(
        "Held for a privacy review",
        "已暂存，等待隐私审核",
        "See `radcite review phi`.",
        "见 `radcite review phi`。",
    ),
    "RECORD_INVALID": Wording(
        "A record does not have the required form",
        "记录格式不正确",
        "Mend what is named. Where records are ingested, the others were read; any other file is taken whole or not.",
        "请修正所列之处。导入记录列表时其他记录已读取；其他文件须整体有效。",
    ),
    "IMAGE_DECODE": Wording(
        "The image cannot be decoded",
        "图像无法解码",
        "Save it again as PNG or JPEG.",
        "请重新保存为 PNG 或 JPEG。",
    ),
    "VALIDATION": Wording(
        "The request is not valid",
        "请求无效",
        "See the detail for the field at fault.",
        "详情中列出了有误的字段。",
    ),
    "NOT_FOUND": Wording("Not found", "未找到", "Check the name or path.", "请检查名称或路径。"),
    "CONFIG_INVALID": Wording(
        "The configuration is not valid",
        "配置无效",
        "`radcite config schema` shows every setting.",
        "`radcite config schema` 列出全部设置。",
    ),
    "MISSING_EXTRA": Wording(
        "An optional part is not installed",
        "未安装可选组件",
        "Install the named extra: pip install 'radcite[EXTRA]'.",
        "请安装所列组件：pip install 'radcite[组件]'。",
    ),
    "HOME_LOCKED": Wording(
        "Another process owns this data folder",
        "数据目录正被另一进程使用",
        "Stop the other process, or choose another folder with --home.",
        "请停止另一进程，或用 --home 指定其他目录。",
    ),
    "HOME_NEWER": Wording(
        "The data were written by a newer radcite",
        "数据由更新版本的 radcite 写入",
        "Install the newer radcite again, or choose another folder with --home; nothing was changed.",
        "请重新安装较新的 radcite，或用 --home 指定其他目录；数据未被改动。",
    ),
    "QUARANTINED": Wording(
        "The file is held in quarantine",
        "文件已被隔离",
        "`radcite ledger retry` releases it.",
        "用 `radcite ledger retry` 解除隔离。",
    ),
    "LLM_UNAVAILABLE": Wording(
        "The language model does not answer",
        "语言模型无响应",
        "Check `llm.base_url` and the server.",
        "请检查 `llm.base_url` 与服务器。",
    ),
    "LLM_BAD_OUTPUT": Wording(
        "The language model's reply was not usable",
        "语言模型的回复不可用",
        "Use a server that supports response_format json_schema.",
        "请使用支持 response_format json_schema 的服务器。",
    ),
    "RETRIEVAL_UNAVAILABLE": Wording(
        "The search index is not available",
        "检索索引不可用",
        "Run `radcite doctor`; `radcite index rebuild` restores the index from the ledger.",
        "请运行 `radcite doctor`；`radcite index rebuild` 可从台账恢复索引。",
    ),
    "STATE_UNAVAILABLE": Wording(
        "The database of conversations and reports does not answer",
        "会话与报告数据库无响应",
        "Check `state.url` and the server.",
        "请检查 `state.url` 与服务器。",
    ),
    "INDEX_MODEL_MISMATCH": Wording(
        "The collection was made with other encoders",
        "该集合由其他编码器建立",
        "Make its vectors anew: `radcite index rebuild --encode`; or set the earlier encoders again.",
        "请用 `radcite index rebuild --encode` 重新编码文本与图像，或恢复原编码器设置。",
    ),
    "EMBEDDING_INVALID": Wording(
        "An encoder returned an unusable vector",
        "编码器返回了无效向量",
        "Check the model and its input.",
        "请检查模型及其输入。",
    ),
    "STORAGE_LOW": Wording(
        "Too little disk space is left",
        "磁盘空间不足",
        "Free space; reading goes on, writing waits.",
        "请释放空间；读取照常，写入暂停。",
    ),
    "AUDIT_UNAVAILABLE": Wording(
        "The audit record cannot be written",
        "审计记录无法写入",
        "Nothing is shown until the audit store works again.",
        "审计恢复之前不显示任何结果。",
    ),
    "UNAUTHENTICATED": Wording("Sign in first", "请先登录", "Sign in again.", "请重新登录。"),
    "FORBIDDEN": Wording(
        "Not permitted", "无权限", "Ask an administrator for the role.", "请向管理员申请权限。"
    ),
    "RATE_LIMITED": Wording(
        "Too many requests", "请求过多", "Wait, then try again.", "请稍后再试。"
    ),
    "TIMEOUT": Wording("It took too long", "操作超时", "Try again.", "请重试。"),
    "INTERNAL": Wording(
        "Unexpected error",
        "意外错误",
        "Report it with the command and version.",
        "请附上命令与版本报告此问题。",
    ),
}
assert set(CODES) == set(get_args(ErrorCode))  # noqa: S101 - a code without words must not import


class RadciteError(Exception):
    """A failure with a public code.

    Args:
        code: One of the published codes.
        detail: What failed and which limit or field, in English; never a stack, a server path or
            a patient's data.
        detail_zh: The same in Chinese; the English detail stands in when it is only names.
        retryable: Whether the same call may succeed later.
    """

    def __init__(
        self, code: ErrorCode, detail: str, detail_zh: str | None = None, *, retryable: bool = False
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code: ErrorCode = code
        self.detail = detail
        self.detail_zh = detail_zh or detail
        self.retryable = retryable

    def __reduce__(
        self,
    ) -> tuple[type["RadciteError"], tuple[ErrorCode, str, str], dict[str, bool]]:
        return type(self), (self.code, self.detail, self.detail_zh), {"retryable": self.retryable}

    @property
    def wording(self) -> Wording:
        """Title and hint of the code in both languages."""
        return CODES[self.code]


class DependencyDown(RadciteError):
    """An engine radcite depends on does not answer; asking again later may help."""

    def __init__(
        self,
        code: Literal[
            "LLM_UNAVAILABLE",
            "RETRIEVAL_UNAVAILABLE",
            "STATE_UNAVAILABLE",
            "AUDIT_UNAVAILABLE",
            "TIMEOUT",
        ],
        detail: str,
        detail_zh: str | None = None,
    ) -> None:
        super().__init__(code, detail, detail_zh, retryable=True)
