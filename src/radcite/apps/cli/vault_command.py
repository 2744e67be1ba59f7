import asyncio
from pathlib import Path
from typing import Annotated

import typer

from radcite.apps.cli.options import AsJson, Home, new_app
from radcite.apps.cli.output import console, print_json

app = new_app(
    "The identity vault: encrypted originals of pseudonyms, for signed exports alone. Off by default."
    " 身份库（默认关闭）。"
)


@app.command()
def init(
    key_file: Annotated[
        Path, typer.Argument(metavar="KEYFILE", help="A new file outside the data folder.")
    ],
    home: Home = None,
) -> None:
    """Make the vault's key; `[vault] key_file` then turns the vault on. Patients taken in before are not in it."""
    from radcite.apps.configuration import home_of, load_settings
    from radcite.apps.identities import make_key
    from radcite.apps.stores import note_local

    settings = load_settings({"home": home})
    folder = home_of(settings)
    asyncio.run(note_local(settings, "manage", "vault init"))
    make_key(key_file, folder)
    console().print(f'[vault]\nkey_file = "{key_file.resolve()}"', highlight=False, markup=False)


@app.command()
def status(as_json: AsJson = False, home: Home = None) -> None:
    """Whether the vault is on, and how many patients it knows; none of them is shown."""
    from radcite.apps.configuration import home_of, load_settings
    from radcite.apps.identities import vault_key
    from radcite.apps.stores import vault_of

    settings = load_settings({"home": home})
    folder = home_of(settings)
    on = vault_key(settings, folder) is not None

    async def counted() -> int:
        if not (folder / "vault.sqlite").is_file():
            return 0
        vault = vault_of(folder)
        try:
            return await vault.count()
        finally:
            await vault.close()

    patients = asyncio.run(counted())
    if as_json:
        print_json({"schema": "radcite.vault/1", "on": on, "patients": patients})
        return
    state = "on / 已启用" if on else "off / 未启用"
    console().print(f"{state}: {patients} patients / 名患者", highlight=False, markup=False)
