"""Run beside an Orthanc in a network of its own: sends it a CT, then picks it as a user would.

python -m tests.apps.web.pacs_session HOME FOLDER
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
from pydicom.data import get_testdata_file

from radcite.apps.configuration import load_settings
from radcite.apps.web.app import open_desk
from radcite.apps.wiring import open_house
from tests.apps.web.scene import Site, copied, events

_ARCHIVE = "http://127.0.0.1:8042"
_LOGIN = ("radcite", "secret-of-a-test")
_IMAGES = ("CT_small.dcm", "MR_small.dcm", "rtplan.dcm")


def fill() -> None:
    """Wait for the archive and give it three objects of three studies."""
    for name in _IMAGES:
        content = Path(str(get_testdata_file(name, download=False))).read_bytes()
        for _ in range(120):
            try:
                reply = httpx.post(f"{_ARCHIVE}/instances", content=content, auth=_LOGIN)
            except httpx.HTTPError:
                time.sleep(0.25)
                continue
            reply.raise_for_status()
            break
        else:
            raise SystemExit("the archive did not start")


def ingest(home: Path, *arguments: str) -> dict[str, Any]:
    """What `radcite ingest dicomweb:` prints, with its exit code."""
    command = "from radcite.apps.cli import main; main()"
    settings = {
        "RADCITE_PACS__URL": f"{_ARCHIVE}/dicom-web",
        "RADCITE_PACS__USERNAME": _LOGIN[0],
        "RADCITE_PACS__PASSWORD": _LOGIN[1],
    }
    given = ["ingest", "--home", str(home), "--json", *arguments]
    ran = subprocess.run(
        [sys.executable, "-c", command, *given],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    return {"exit": ran.returncode, **json.loads(ran.stdout)}


async def relay(client: httpx.AsyncClient, uid: str) -> dict[str, Any]:
    """What a viewer does at `/dicom-web`: search, metadata, an object, a frame, a rendered image."""
    root = f"/dicom-web/studies/{uid}"
    (study,) = (await client.get("/dicom-web/studies", params={"StudyInstanceUID": uid})).json()
    (series,) = (await client.get(f"{root}/series")).json()
    path = f"{root}/series/{series['0020000E']['Value'][0]}"
    (instance,) = (await client.get(f"{path}/instances")).json()
    path = f"{path}/instances/{instance['00080018']['Value'][0]}"
    metadata = await client.get(f"{path}/metadata")
    whole = await client.get(
        path, headers={"accept": 'multipart/related; type="application/dicom"'}
    )
    frame = await client.get(
        f"{path}/frames/1", headers={"accept": 'multipart/related; type="application/octet-stream"'}
    )
    rendered = await client.get(f"{path}/rendered", headers={"accept": "image/png"})
    return {
        "study": study["0020000D"]["Value"],
        "rows": metadata.json()[0]["00280010"]["Value"],
        "internal": _ARCHIVE in metadata.text,
        "object": b"DICM" in whole.content,
        "frame": len(frame.content) > 128 * 128 * 2,
        "rendered": rendered.content[:4].hex(),
        "unknown": (await client.get("/dicom-web/studies/1.2.3/metadata")).json()["code"],
    }


async def pick(home: Path) -> None:
    """List, fetch, and print what came."""
    pacs = {"url": f"{_ARCHIVE}/dicom-web", "username": _LOGIN[0], "password": _LOGIN[1]}
    settings = load_settings({"home": home, "pacs": pacs})
    async with (
        open_house(settings) as house,
        open_desk(house) as desk,
        Site(desk, home).client() as client,
    ):
        ready = (await client.get("/health/ready")).json()
        listed = (await client.get("/api/pacs/studies", params={"modality": "CT"})).json()
        fetched = events(await client.post("/api/pacs/studies", json={"uid": listed[0]["uid"]}))
        uid = listed[0]["uid"]
        unknown = events(await client.post("/api/pacs/studies", json={"uid": "1.2.3"}))
        relayed = await relay(client, uid)
    study = fetched[-1][1]["study"]
    told = {
        "ready": ready["dependencies"]["pacs"],
        "listed": listed[0]["modalities"],
        "series": [[one["modality"], len(one["images"])] for one in study["series"]],
        "removed": study["gate"]["removed"],
        "unknown": unknown[-1][1]["code"],
        "uid": uid,
        "relayed": relayed,
        "ingests": [
            ingest(home.parent / "fresh", "dicomweb:", *chosen)
            for chosen in (
                ["--study", uid],
                ["--study", uid],
                ["--query", "date=19000101-"],
                ["--study", "1.2.3"],
            )
        ],
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    fill()
    asyncio.run(pick(copied(Path(sys.argv[1]), Path(sys.argv[2]) / "home")))
