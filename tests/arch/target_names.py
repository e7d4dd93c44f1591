"""No code of core, search and jit compares a target's name with a literal.

What a pass wants to know about the hardware is a field of the target description. This is a heuristic:
a name of something like a target next to a string literal and a comparison, or a comparison with the
literal name of a target of this tree.
"""
import re
from pathlib import Path

import tree

_OWNER = r"(?:target|desc|plugin|device|machine|chip|manifest|hardware)"
_STEP = r"(?:[\w:.]|->|\(\))*"
_NAME = rf"{_STEP}{_OWNER}{_STEP}(?:\bid|_id|name)_?(?:\(\))?"
_LITERAL = r'"[^"\n]*"(?:sv?\b)?'
_METHOD = r"\.(?:compare|starts_with|ends_with|find|contains)\s*\(\s*"


def patterns(targets):
    known = "|".join(re.escape(name) for name in sorted(targets))
    texts = [
        rf"{_NAME}\s*[!=]=\s*{_LITERAL}",
        rf"{_LITERAL}\s*[!=]=\s*{_NAME}",
        rf"{_NAME}{_METHOD}{_LITERAL}",
        rf"\bstr(?:n|case)*cmp\s*\([^;\n]*{_NAME}[^;\n]*{_LITERAL}",
    ]
    if known:
        texts += [rf'[!=]=\s*"(?:{known})"', rf'"(?:{known})"(?:sv?\b)?\s*[!=]=',
                  rf'{_METHOD}"(?:{known})"']
    return [re.compile(text, re.I) for text in texts]


def targets_of(root):
    """Names of the targets of this tree: the folders in plugins and the toy chips' manifests."""
    names = {path.parts[1] for path in tree.files(root, "plugins") if len(path.parts) > 2}
    for path in tree.files(root, "plugins", "examples", "tests", suffixes=(".toml",)):
        if path.name.endswith(".plugin.toml"):
            names.add(path.name[: -len(".plugin.toml")])
    return names | {"cpu", "sim"}


def check(root):
    rules = patterns(targets_of(root))
    problems = []
    for path in tree.files(root, *tree.ROOMS, suffixes=tree.SOURCE_SUFFIXES):
        text = tree.code_only(tree.read(root, path), keep_strings=True)
        for number, line in enumerate(text.splitlines(), 1):
            if any(rule.search(line) for rule in rules):
                text_of_line = f"line {number}: compares a target's name: {line.strip()[:90]}"
                problems.append((Path(path), text_of_line))
    return problems
