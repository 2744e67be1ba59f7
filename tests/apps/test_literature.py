"""Literature by identifier: exchanges written in the services' public formats, replayed on loopback."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from radcite.apps.configuration import load_settings
from radcite.apps.sourcing import take_sources
from radcite.apps.upkeep.filing import hold, retry_files
from radcite.apps.wiring import House, open_house
from radcite.backends.remote.polite_web import PoliteWeb
from radcite.core.errors import DependencyDown, RadciteError
from radcite.core.literature import Retractions, plain_doi
from radcite.ingestion.articles.retractions import mark_retracted, read_retractions
from radcite.tools.literature import LiteratureRequest

PUBMED = """<?xml version="1.0" ?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" "pubmed.dtd">
<PubmedArticleSet>{}</PubmedArticleSet>"""
RECORD = """<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article><Journal><JournalIssue>
<PubDate><MedlineDate>2019 Nov-Dec</MedlineDate></PubDate></JournalIssue></Journal>
<ArticleTitle>{title}.</ArticleTitle><Abstract><AbstractText Label="RESULTS">{words}</AbstractText></Abstract>
<AuthorList><Author><LastName>Okafor</LastName><ForeName>Ada</ForeName></Author>
<Author><CollectiveName>Nodule Group</CollectiveName></Author></AuthorList>
<PublicationTypeList><PublicationType UI="D016428">{kind}</PublicationType></PublicationTypeList></Article>
</MedlineCitation><PubmedData><ArticleIdList><ArticleId IdType="doi">10.1000/P.{pmid}</ArticleId></ArticleIdList>
</PubmedData></PubmedArticle>"""
RECORDS = "".join(
    RECORD.format(pmid=pmid, title=title, words=words, kind=kind)
    for pmid, title, words, kind in (
        ("11", "Meniscus sign", "The meniscus sign needs 200 mL of fluid.", "Journal Article"),
        ("12", "Deep sulcus", "A deep sulcus shows a pneumothorax.", "Retracted Publication"),
    )
) + RECORD.format(pmid="13", title="No abstract", words="", kind="Letter")
JATS = """<article><front><article-meta><article-id pub-id-type="pmcid">PMC{0}</article-id>
<article-id pub-id-type="doi">10.1000/pmc.{0}</article-id><title-group><article-title>Air bronchogram</article-title>
</title-group></article-meta></front><body><p>An air bronchogram marks consolidation, study {0}.</p></body></article>"""
HITS = [
    {
        "id": "21",
        "source": "MED",
        "pmid": "21",
        "pmcid": "PMC700",
        "isOpenAccess": "Y",
        "title": "Open.",
    },
    {
        "id": "22",
        "source": "MED",
        "pmid": "22",
        "isOpenAccess": "N",
        "pubYear": "2021",
        "title": "Kerley <i>lines</i>.",
        "doi": "10.1000/E.22",
        "license": "cc by",
        "abstractText": "<h4>Aim</h4>Kerley B lines in heart failure.<h4>Result</h4>p &lt; 0.05.",
        "authorList": {"author": [{"fullName": "Li W"}]},
        "commentCorrectionList": {"commentCorrection": [{"type": "Retraction in"}]},
    },
    {"id": "23", "source": "MED", "pmid": "23", "title": "Without abstract."},
]


class Replay(BaseHTTPRequestHandler):
    """The services' answers to what the tests ask."""

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Services)
        url = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        server.asked.append((url.path, asked, time.monotonic()))
        if server.busy > 0:
            server.busy -= 1
            self.answer(429, b"")
            return
        self.answer(*replies(url.path, asked))

    def answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing to stderr."""


class Services(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Replay)
        self.asked: list[tuple[str, dict[str, str], float]] = []
        self.busy = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


def replies(path: str, asked: dict[str, str]) -> tuple[int, bytes]:
    match path, asked.get("db"):
        case "/esearch.fcgi", _:
            found = [] if asked["term"] == "nothing" else ["11", "12", "13"]
            return 200, json.dumps({"esearchresult": {"count": "3", "idlist": found}}).encode()
        case "/efetch.fcgi", "pubmed":
            return 200, PUBMED.format(RECORDS).encode()
        case "/efetch.fcgi", "pmc":
            return 200, f"<pmc-articleset>{JATS.format(asked['id'])}</pmc-articleset>".encode()
        case "/search", _:
            first = asked["cursorMark"] == "*"
            some = HITS[:2] if first else HITS[2:]
            told = {"nextCursorMark": "next", "resultList": {"result": some if first else HITS[2:]}}
            return 200, json.dumps(told).encode()
        case "/PMC700/fullTextXML", _:
            return 200, JATS.format("700").encode()
        case _:
            return 404, b""


@pytest.fixture
def services() -> Iterator[Services]:
    server = Services()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def settings(home: Path, services: Services) -> "object":
    urls = {"eutils_url": services.url, "europepmc_url": services.url, "per_second": 10}
    return load_settings({"home": home, "literature": urls, "encoders": {"text": "static"}})


async def cited(house: House, query: str) -> list[str]:
    request = LiteratureRequest(query=query, mode="sparse")
    return [hit.source.text for hit in await house.literature(request)]


async def test_literature_is_taken_by_query_and_identifier_and_retracted_articles_are_not_cited(
    tmp_path: Path, services: Services
) -> None:
    async with open_house(settings(tmp_path, services)) as house:
        sources = ["pubmed:pleural effusion", "pmc:PMC7376533, 7380888", "europepmc:lung AND open"]
        report = await take_sources(house, sources, "default")
        assert report.quarantined == ()
        assert report.documents == 2 + 2 + 2
        assert await cited(house, "meniscus sign fluid") == [
            "The meniscus sign needs 200 mL of fluid."
        ]
        assert await cited(house, "deep sulcus pneumothorax") == []
        assert await cited(house, "Kerley lines failure") == []

        first = await house.ledger.document("default", "pmid:11")
        assert first is not None
        assert (first.title, first.doi, first.year) == ("Meniscus sign", "10.1000/p.11", 2019)
        assert first.authors == ("Ada Okafor", "Nodule Group")
        kerley = await house.ledger.document("default", "pmid:22")
        assert kerley is not None
        assert kerley.text == "Aim\n\nKerley B lines in heart failure.\n\nResult\n\np < 0.05."
        assert (kerley.retracted, kerley.title, kerley.licence) == (True, "Kerley lines", "CC BY")
        assert await house.ledger.document("default", "pmcid:PMC700") is not None

        asked = len(services.asked)
        again = await take_sources(house, sources, "default")
        assert (again.documents, again.passages) == (0, 0)
        assert len(services.asked) == asked
        gaps = [b[2] - a[2] for a, b in zip(services.asked, services.asked[1:], strict=False)]
        assert sorted(gaps)[1] > 0.05


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("pubmed:nothing", "NOT_FOUND"),
        ("pubmed: ", "VALIDATION"),
        ("pmc:PMC1/../x", "VALIDATION"),
        ("pmc:", "VALIDATION"),
        ("europepmc: ", "VALIDATION"),
    ],
)
async def test_a_query_without_an_answer_is_told(
    tmp_path: Path, services: Services, source: str, code: str
) -> None:
    async with open_house(settings(tmp_path, services)) as house:
        with pytest.raises(RadciteError, match=code):
            await take_sources(house, [source], "default")


async def test_a_busy_service_is_asked_again_and_one_that_stays_busy_is_down(
    services: Services,
) -> None:
    web = PoliteWeb(services.url, per_second=1000, pause_seconds=0.01, tries=3)
    services.busy = 2
    assert b"idlist" in await web.get("/esearch.fcgi", {"term": "x"})
    services.busy = 3
    with pytest.raises(DependencyDown, match="RETRIEVAL_UNAVAILABLE"):
        await web.get("/esearch.fcgi", {"term": "x"})
    assert len(services.asked) == 6
    await web.close()


async def test_a_key_is_sent_and_stands_in_no_file(tmp_path: Path, services: Services) -> None:
    web = PoliteWeb(services.url, cache=tmp_path, per_second=1000)
    for key in ("first-key", "second-key"):
        await web.get("/esearch.fcgi", {"term": "x", "api_key": key})
    assert [asked["api_key"] for _, asked, _ in services.asked] == ["first-key"]
    kept = list(tmp_path.iterdir())  # noqa: ASYNC240 - a scratch folder
    assert len(kept) == 1
    assert b"key" not in kept[0].read_bytes() + kept[0].name.encode()
    await web.close()


COLUMNS = "Record ID,Title,RetractionDate,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature"
LIST = f"""{COLUMNS}
1,"Meniscus, sign",1/5/2024 0:00,https://doi.org/10.1000/P.11,0,Retraction
2,Air,1/5/2023 0:00,10.1000/pmc.700,0,Retraction
3,Air,2/5/2024 0:00,10.1000/pmc.700,0,Reinstatement
4,Other,1/5/2024 0:00,unavailable,77,Retraction
5,Other,1/5/2024 0:00,10.1000/doubt,0,Expression of concern
"""


def test_a_list_names_retractions_that_were_not_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("\ufeff" + LIST, encoding="utf-8")
    found = read_retractions(path)
    assert (found.dois, found.pmids) == ({"10.1000/p.11"}, {"77"})
    path.write_text("a,b\n1,2\n")
    with pytest.raises(RadciteError, match="RECORD_INVALID"):
        read_retractions(path)
    assert plain_doi("doi:10.1/X") == "10.1/x"


async def test_a_list_marks_what_is_stored_and_what_comes_later(
    tmp_path: Path, services: Services
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(LIST)
    found = read_retractions(path)
    async with open_house(settings(tmp_path / "home", services)) as house:
        await take_sources(house, ["pubmed:effusion"], "default")
        assert await cited(house, "meniscus sign fluid")
        assert await mark_retracted(house.ledger, house.index, "default", found) == (1, 0)
        assert await mark_retracted(house.ledger, house.index, "default", found) == (0, 0)
        assert await cited(house, "meniscus sign fluid") == []
        request = LiteratureRequest(query="meniscus sign", mode="sparse", with_retracted=True)
        (hit, *_) = await house.literature(request)
        assert hit.source.retracted
        count = await house.index.count("default")
        await take_sources(house, ["pmc:PMC700"], "default")
        assert await house.index.count("default") == count + 1

        house.keep_retractions(found)
        await take_sources(house, ["pubmed:effusion"], "later")
        later = await house.ledger.document("later", "pmid:11")
        assert later is not None
        assert later.retracted


async def test_a_list_that_names_an_article_no_more_takes_its_mark_back(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    text = "The meniscus sign needs 200 mL of fluid."
    records = [
        {"id": "listed", "text": text, "doi": "10.1000/P.11"},
        {"id": "own", "text": f"{text} Withdrawn.", "doi": "10.1000/p.12", "retracted": True},
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    both = Retractions(dois=frozenset({"10.1000/p.11", "10.1000/p.12"}))
    async with open_house(load_settings({"home": tmp_path / "home"})) as house:
        await house.ingestor()([path], "default")
        assert await mark_retracted(house.ledger, house.index, "default", both) == (1, 0)
        assert await cited(house, "meniscus sign fluid") == []
        assert await mark_retracted(house.ledger, house.index, "default", Retractions()) == (0, 1)
        assert await cited(house, "meniscus sign fluid")
        found = [await house.ledger.document("default", name) for name in ("listed", "own")]
        assert [one and one.retracted for one in found] == [False, True]


async def test_a_listed_article_is_never_cited_whichever_way_it_came_in(tmp_path: Path) -> None:
    record = {"id": "d", "text": "The meniscus sign needs 200 mL of fluid.", "doi": "10.1000/P.11"}
    files = [tmp_path / f"{way}.jsonl" for way in ("taken", "held")]
    for path in files:
        path.write_text(json.dumps({**record, "id": path.stem}) + "\n")
    async with open_house(load_settings({"home": tmp_path / "home"})) as house:
        house.keep_retractions(Retractions(dois=frozenset({"10.1000/p.11"})))
        await house.ingestor()(files[:1], "default")
        await hold(house, "default", files[1:], [])
        assert (await retry_files(house, "default", files[1:])).report.documents == 1
        for path in files:
            found = await house.ledger.document("default", path.stem)
            assert found is not None
            assert found.retracted
        assert await cited(house, "meniscus sign fluid") == []
        # Loading the list again finds nothing left to mark.
        listed = house.retractions()
        assert listed is not None
        assert await mark_retracted(house.ledger, house.index, "default", listed) == (0, 0)
