from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from radcite.apps.cli.options import AsJson, Home, new_app
from radcite.apps.cli.output import console, print_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

app = new_app("Show, start or describe the configuration.")


@app.command()
def show(as_json: AsJson = False, home: Home = None) -> None:
    """Print the settings in force: file, environment and flags; keys are masked."""
    from radcite.apps.configuration import home_of, load_settings

    settings = load_settings({"home": home})
    shown = settings.model_dump(mode="json") | {"home": str(home_of(settings))}
    if as_json:
        print_json({"schema": "radcite.config/1", "settings": shown})
        return
    out = console()
    for name, value in _lines(shown):
        out.print(f"{name} = {value}", highlight=False, markup=False)


@app.command()
def init(
    path: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("radcite.toml"),
) -> None:
    """Write a commented radcite.toml; a file that is there is left alone."""
    from radcite.core.errors import RadciteError

    text = files("radcite.apps").joinpath("template.toml").read_text("utf-8")
    try:
        with path.open("x", encoding="utf-8") as target:
            target.write(text)
    except FileExistsError:
        raise RadciteError(
            "VALIDATION", f"{path.name} is there already", f"{path.name} 已存在"
        ) from None
    except OSError as exc:
        raise RadciteError(
            "NOT_FOUND", f"{path.name} cannot be written there", f"无法在该处写入 {path.name}"
        ) from exc
    console().print(f"{path}", highlight=False, markup=False)


@app.command()
def schema() -> None:
    """Print the JSON Schema of the configuration."""
    from radcite.core.settings import Settings

    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    print_json(dialect | Settings.model_json_schema())


def _lines(settings: "Mapping[str, object]", above: str = "") -> "Iterator[tuple[str, str]]":
    """Each value under its dotted name; what is not set is left out."""
    import json

    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _lines(cast("Mapping[str, object]", value), f"{above}{name}.")
        elif value is not None:
            yield f"{above}{name}", json.dumps(value, ensure_ascii=False)
