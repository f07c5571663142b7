#!/usr/bin/env python3
"""Refuses an include that crosses the layers: who may know whom, and who may name which library."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# A folder may include itself and these. `schema` is the generated header of the migrations.
FOLDERS = {
    "ledger": {"schema"},
    "projections": {"ledger"},
    "api": {"ledger", "projections"},
    "tools": {"ledger", "projections", "api", "schema"},
    "test": {"ledger", "projections", "api", "schema", "tools"},
}

# A library's headers may be named only below these paths. tools and test may name all.
LIBRARIES = {
    "libpq-fe.h": ("ledger/pg/",),
    "boost/beast": ("api/",),
    "boost/asio": ("api/", "ledger/pg/"),
    "simdjson": ("ledger/", "projections/", "api/"),
    "openssl": ("ledger/", "projections/digest", "api/"),
    "prometheus": ("api/",),
    "spdlog": ("ledger/", "projections/", "api/"),
    "CLI": (),
    "catch2": (),
}

# Queries read the projections' tables; folds stay behind the runtime.
FOLDS = {"projections/fold.hpp", "projections/rows.hpp", "projections/pack.hpp"}

INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]')


def complaints(path: pathlib.Path):
    relative = path.relative_to(ROOT).as_posix()
    folder = relative.split("/")[0]
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        target = match.group(1)
        top = target.split("/")[0]
        if top in FOLDERS or top == "schema":
            if top != folder and top not in FOLDERS[folder]:
                yield f"{relative}:{number}: {folder} must not include {target}"
            if folder == "api" and target in FOLDS:
                yield f"{relative}:{number}: api reads tables, it does not fold: {target}"
            continue
        if folder in ("tools", "test"):
            continue
        for library, places in LIBRARIES.items():
            if target.startswith(library) and not relative.startswith(places):
                yield f"{relative}:{number}: {target} may be named in {places or 'tools alone'}"


def main() -> int:
    found = 0
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.[ch]pp")):
            if "node_modules" in path.parts:
                continue
            for complaint in complaints(path):
                print(complaint)
                found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
