"""Asks verify_bundle.py about many bundles in one process: one JSON object a line in, one verdict a line out.

It verifies nothing itself. A signature that was checked once is not checked again.
"""

import base64
import functools
import io
import json
import sys

sys.path.insert(0, sys.argv[1])
import verify_bundle  # noqa: E402

verify_bundle.ed25519 = functools.lru_cache(maxsize=None)(verify_bundle.ed25519)

for line in sys.stdin:
    it = json.loads(line)
    key = verify_bundle.Key(it["key"]) if it["key"] else None
    anchors = [("kept", base64.b64decode(note)) for note in it["anchors"]]
    bundle = io.BytesIO(base64.b64decode(it["bundle"]))
    said = verify_bundle.verify(bundle, key, it["origin"], anchors)
    why = " ".join(str(said["why"] or "").encode("ascii", "backslashreplace").decode().split())
    print(said["verdict"], why)
