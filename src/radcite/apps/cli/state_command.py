import asyncio

from radcite.apps.cli.options import AsJson, Home, new_app
from radcite.apps.cli.output import console, print_json

app = new_app(
    "Users, conversations, reports, the audit record and the agent's threads: in SQLite files, or in PostgreSQL."
    " 状态存储。"
)


@app.callback()
def state() -> None:
    """Keep the name of the one command there is."""


@app.command()
def move(as_json: AsJson = False, home: Home = None) -> None:
    """Move them from the data folder's SQLite files into the empty PostgreSQL that RADCITE_STATE__URL names, or none.

    Stop `serve` first and make a backup. The files are kept aside, as they were; once the new place is trusted they
    are yours to delete: `ledger forget` does not reach into them.
    """
    from radcite.apps.configuration import load_settings
    from radcite.apps.upkeep.state_moving import MOVED, move_state

    made = asyncio.run(move_state(load_settings({"home": home})))
    if as_json:
        print_json(
            {"schema": "radcite.state-move/1", **made.model_dump(mode="json"), "kept": MOVED}
        )
        return
    for name, count in made.model_dump().items():
        console().print(f"{name.replace('_', ' ')}: {count}", highlight=False, markup=False)
    console().print(
        f"The SQLite files are kept in {MOVED}; delete it once the new place is trusted."
        f"\nSQLite 文件保留在 {MOVED}；确认新库无误后请删除。",
        highlight=False,
        markup=False,
    )
