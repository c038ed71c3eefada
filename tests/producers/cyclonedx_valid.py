"""Holds a CycloneDX 1.6 document against the official schema, strictly; says what is wrong and exits 1."""

import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

with open(sys.argv[1], encoding="utf-8") as file:
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(file.read())
if wrong:
    print(str(wrong)[:4000])
    sys.exit(1)
