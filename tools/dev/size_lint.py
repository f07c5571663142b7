#!/usr/bin/env python3
"""Keeps files and functions readable: hard limits fail, soft ones are mentioned."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("ledger", "projections", "api", "tools", "test")
FILE_LINES_SOFT, FILE_LINES_HARD = 200, 400
FUNCTION_LINES_SOFT, FUNCTION_LINES_HARD = 40, 70
COLUMNS = 100

NOT_A_FUNCTION = re.compile(
    r"^\s*(namespace|extern|struct|class|enum|union|static const|constexpr|const|if|for|while)\b"
)


def functions(lines):
    """Bodies at the outermost indentation, as clang-format lays them out: `… {` up to `}`."""
    begin, indent = None, ""
    for number, line in enumerate(lines, 1):
        if begin is None:
            opens = re.match(r"^( {0,4})\S.*[)\w] ?(const |noexcept |override )*\{$", line)
            if opens and "(" in line and not NOT_A_FUNCTION.match(line):
                begin, indent = number, opens.group(1)
        elif line.startswith(indent + "}"):
            yield begin, number - begin + 1
            begin = None


def check(path: pathlib.Path):
    """Yields (is it an error, text)."""
    name = path.relative_to(ROOT).as_posix()
    lines = path.read_text().splitlines()
    if not lines or not (lines[0].startswith("// ") or path.suffix == ".cpp"):
        yield True, f"{name}:1: the first line says what the file is for"
    if len(lines) > FILE_LINES_SOFT:
        yield len(lines) > FILE_LINES_HARD, f"{name}: {len(lines)} lines"
    for number, line in enumerate(lines, 1):
        # A literal that cannot be broken, such as a recorded payload, may be longer.
        if len(line) > COLUMNS and "R\"" not in line and not name.startswith("test/"):
            yield True, f"{name}:{number}: {len(line)} columns"
        if re.search(r"\bTODO\b|\bFIXME\b", line):
            yield True, f"{name}:{number}: say it in an issue"
    if not name.startswith("test/"):
        for begin, length in functions(lines):
            if length > FUNCTION_LINES_SOFT:
                yield length > FUNCTION_LINES_HARD, f"{name}:{begin}: a function of {length} lines"


def main() -> int:
    failed = False
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.[ch]pp")):
            if "node_modules" in path.parts:
                continue
            for error, text in check(path):
                print(("error: " if error else "note: ") + text)
                failed = failed or error
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
