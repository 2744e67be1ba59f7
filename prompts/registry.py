"""The prompts that ship with radcite: checked when loaded, rendered without a template engine."""

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated, get_args

import yaml
from pydantic import AfterValidator, Field, ValidationError, model_validator

from radcite.core.claims import Evidence
from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.ports import ChatMessage, ChatPrompt
from radcite.core.sources import Language
from radcite.prompts.evidence import fence, inert

__all__ = ["Prompt", "available", "load"]

_FILE = re.compile(r"([a-z][a-z_]*)\.v([1-9][0-9]*)\.(en|zh)\.md")
_PARTS = re.compile(
    r"\A---\n(?P<head>.*?)\n---\n## system\n(?P<system>.*?)\n## user\n(?P<user>.*)\Z",
    re.DOTALL,
)
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


def _without_placeholder(text: str) -> str:
    if _PLACEHOLDER.search(text):
        raise ValueError("the system text is the same for every request and takes no input")
    return text


class Prompt(Frozen):
    """A released prompt. `system` is byte-stable, `user` holds each of `inputs` as `{{name}}`.

    `reply` names the form of the reply the words ask for.
    """

    name: str = Field(pattern=r"^[a-z][a-z_]*$")
    version: int = Field(ge=1)
    language: Language
    inputs: tuple[str, ...]
    reply: str
    max_tokens: int = Field(default=1024, ge=1)
    system: Annotated[str, AfterValidator(_without_placeholder)]
    user: str

    @model_validator(mode="after")
    def _inputs_are_used(self) -> "Prompt":
        if sorted(_PLACEHOLDER.findall(self.user)) != sorted(self.inputs):
            raise ValueError("the declared inputs are not the placeholders of the text")
        return self

    @property
    def id(self) -> str:
        """What traces and results record, such as `answer.v1.en`."""
        return f"{self.name}.v{self.version}.{self.language}"

    def render(
        self, *, images: tuple[str, ...] = (), **inputs: str | Sequence[Evidence]
    ) -> ChatPrompt:
        """The messages for these inputs.

        A text is made inert and evidence is fenced before it is put in; what an input holds is
        never taken for a placeholder.

        Args:
            images: PNG data URIs of de-identified pixels, shown with the user's message.
            inputs: The declared inputs, no more and no fewer.

        Raises:
            TypeError: The inputs are not the declared ones.
        """
        if inputs.keys() != set(self.inputs):
            raise TypeError(f"{self.id} takes {', '.join(self.inputs)}")
        texts = {name: inert(v) if isinstance(v, str) else fence(v) for name, v in inputs.items()}
        user = _PLACEHOLDER.sub(lambda match: texts[match[1]], self.user)
        return ChatPrompt(
            name=self.id,
            messages=(
                ChatMessage(role="system", content=self.system),
                ChatMessage(role="user", content=user, images=images),
            ),
            max_tokens=self.max_tokens,
        )


def available(library: Traversable | None = None) -> tuple[tuple[str, int, Language], ...]:
    """Name, version and language of every prompt in the library, in order."""
    matches = (_FILE.fullmatch(entry.name) for entry in (library or _shipped()).iterdir())
    return tuple(sorted((m[1], int(m[2]), "en" if m[3] == "en" else "zh") for m in matches if m))


@lru_cache
def load(name: str, version: int, language: Language, library: Traversable | None = None) -> Prompt:
    """A prompt of the library, once it and its translation have been checked.

    Args:
        name: What it is for: plan, answer, caption, diagnosis, consultation or judge.
        version: A released prompt is never edited, so a version names its words.
        language: The language of its words and of the reply.
        library: A folder of prompt files; by default the one that ships with radcite.

    Raises:
        RadciteError: `NOT_FOUND` for a prompt or a translation the library does not have;
            `INTERNAL` for a file whose head, text and translation disagree.
    """
    folder = library or _shipped()
    translations = [_read(folder, name, version, each) for each in get_args(Language)]
    if len({(frozenset(each.inputs), each.reply, each.max_tokens) for each in translations}) > 1:
        raise RadciteError("INTERNAL", f"the translations of prompt {name}.v{version} differ")
    return next(each for each in translations if each.language == language)


def _shipped() -> Traversable:
    return files("radcite.prompts") / "library"


def _read(folder: Traversable, name: str, version: int, language: Language) -> Prompt:
    file = f"{name}.v{version}.{language}.md"
    if not _FILE.fullmatch(file) or not (folder / file).is_file():
        raise RadciteError("NOT_FOUND", f"no prompt {file}", f"没有提示词 {file}")
    try:
        prompt = _parse((folder / file).read_text("utf-8"))
    except (ValidationError, ValueError, yaml.YAMLError) as exc:
        raise RadciteError("INTERNAL", f"prompt {file} is malformed: {exc}") from exc
    if f"{prompt.id}.md" != file:
        raise RadciteError("INTERNAL", f"prompt {file} says it is {prompt.id}")
    return prompt


def _parse(text: str) -> Prompt:
    parts = _PARTS.match(text)
    if not parts:
        raise ValueError("a prompt has a head between --- lines, then ## system, then ## user")
    head = yaml.safe_load(parts["head"])
    if not isinstance(head, dict):
        raise ValueError("the head is not a mapping")
    body = {"system": parts["system"].strip(), "user": parts["user"].strip()}
    return Prompt.model_validate({**head, **body})
