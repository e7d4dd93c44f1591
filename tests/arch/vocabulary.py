"""Shared code knows no hardware by name: certain words may not occur in core, search and jit.

All text counts: file names, identifiers, strings, comments, keys. Words are split at everything that
is not a letter and at camelCase humps, and compared without case; a plural counts as its singular.
"""
import re

import tree

BANNED = {"upmem", "dpu", "tasklet", "mram", "wram", "hbm", "aim"}
_RUN = re.compile(r"[A-Za-z]+")
_HUMP = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")


def banned_words(text):
    """The banned words in the text, in order."""
    found = []
    for run in _RUN.findall(text):
        for word in {run.lower(), *(hump.lower() for hump in _HUMP.findall(run))}:
            singular = word[:-1] if word.endswith("s") else word
            if word in BANNED or singular in BANNED:
                found.append(word)
    return found


def check(root):
    problems = []
    for path in tree.files(root, *tree.ROOMS):
        for word in banned_words(str(path)):
            problems.append((path, f"the word '{word}' is in the file's name"))
        for number, line in enumerate(tree.read(root, path).splitlines(), 1):
            for word in banned_words(line):
                problems.append((path, f"line {number}: the word '{word}': {line.strip()[:80]}"))
    return problems
