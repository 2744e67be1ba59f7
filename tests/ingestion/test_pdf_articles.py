import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DATA = ROOT / "../shared/data/pdf"


@pytest.mark.data
@pytest.mark.skipif(not DATA.exists(), reason="the measuring data is not beside the checkout")
def test_articles_are_read_as_their_publishers_xml_says():
    done = subprocess.run(
        [sys.executable, ROOT / "bench/pdf.py", DATA, "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    totals = json.loads(done.stdout)["totals"]
    assert totals["titles"] == totals["articles"]
    assert totals["captions_found"] == totals["captions"]
    assert totals["sentences_landed"] >= 0.99 * totals["sentences"]
    assert totals["recall"] >= 0.9
