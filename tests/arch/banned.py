"""Constructs that the library does not use: it never ends the process, prints, or swallows."""
import re

import tree

RULES = [
    (r"(?<![\w.>])(?:std::)?(?:abort|_?exit|_Exit|quick_exit)\s*\(", "ends the process"),
    (r"\bstd::(?:set_)?terminate\b", "ends the process"),
    (r"\bcatch\s*\(\s*\.\.\.\s*\)", "catches everything"),
    (r"\bstd::hash\b", "differs between standard libraries; use support/hash.h"),
    (r"\bstd::(?:cout|cerr|clog)\b", "prints"),
    (r"(?<![\w.>])(?:std::)?(?:printf|fprintf|vprintf|puts|fputs|putchar|perror)\s*\(", "prints"),
    (r"\bdynamic_cast\s*<|\btypeid\s*\(", "asks for a type at run time"),
    (r"(?<![\w.>])(?:std::)?s?rand\s*\(|\bstd::random_device\b", "is not a named random stream"),
    (r"(?<![\w.>])(?:std::)?system\s*\(", "runs a shell"),
]
HEADER_RULES = [(r"^\s*using\s+namespace\b", "is in a header")]
# Where the environment may be read: configuration, and the plugin search path.
ENVIRONMENT = re.compile(r"(?<![\w.>])(?:std::)?(?:secure_)?getenv\s*\(")
ENVIRONMENT_PLACES = ("core/support/", "core/plugin/")
# A header's macros: its guard, macros undefined again (there or in the X-macro list it includes), and
# the contract's own.
DEFINE = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", re.M)
LIST_INCLUDE = re.compile(r'#include "pimjit/([^"]+\.def)"')
MACRO_FILES = ("core/plugin_abi.h",)


def guard_of(path):
    return "PIMJIT_" + re.sub(r"\W", "_", str(path)).upper() + "_"


def check_header(root, path):
    problems = []
    guard = guard_of(path)
    source = tree.code_only(tree.read(root, path), keep_strings=True)
    lists = [tree.read(root, name) for name in LIST_INCLUDE.findall(source)]
    text = "\n".join([tree.code_only(source), *map(tree.code_only, lists)])
    if not re.search(rf"#ifndef {guard}\n#define {guard}\n", text):
        problems.append((path, f"the include guard is not {guard}"))
    for name in DEFINE.findall(text):
        undefined = re.search(rf"#[ \t]*undef[ \t]+{name}\b", text)
        if name != guard and not undefined and str(path) not in MACRO_FILES:
            problems.append((path, f"defines the macro {name}"))
    return problems


def check(root):
    problems = []
    for path in tree.files(root, *tree.ROOMS, suffixes=tree.SOURCE_SUFFIXES):
        text = tree.code_only(tree.read(root, path))
        rules = RULES + (HEADER_RULES if path.suffix == ".h" else [])
        for number, line in enumerate(text.splitlines(), 1):
            for pattern, reason in rules:
                found = re.search(pattern, line)
                if found:
                    problems.append((path, f"line {number}: '{found.group(0).strip()}' {reason}"))
            if ENVIRONMENT.search(line) and not str(path).startswith(ENVIRONMENT_PLACES):
                problems.append((path, f"line {number}: reads the environment"))
        if path.suffix == ".h":
            problems += check_header(root, path)
    return tree.excepted(root, "banned", problems)
