import asyncio
import tempfile
from pathlib import Path

import bench.dicom as d

for _ in range(2):
    print(asyncio.run(d._stalls(Path(tempfile.mkdtemp())))[0].note)
