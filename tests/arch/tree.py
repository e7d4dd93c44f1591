"""Files of the tree, C++ text without comments and strings, and the list of exceptions."""
import os
import re
from pathlib import Path

ROOMS = ("core", "search", "jit")
SOURCE_SUFFIXES = (".h", ".c", ".cpp", ".def")


def files(root, *directories, suffixes=None):
    """Sorted paths, relative to root, of the files under the directories that exist."""
    found = []
    for directory in directories:
        for parent, children, names in os.walk(Path(root) / directory):
            children[:] = sorted(c for c in children if c != "__pycache__")
            for name in sorted(names):
                path = (Path(parent) / name).relative_to(root)
                if suffixes is None or path.suffix in suffixes:
                    found.append(path)
    return found


def read(root, path):
    return (Path(root) / path).read_text(encoding="utf-8", errors="replace")


_TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/'
    r'|R"(?P<tag>[^()\\\s]{0,16})\(.*?\)(?P=tag)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])+'",
    re.DOTALL,
)


def code_only(text, keep_strings=False):
    """The text with comments (and strings, unless kept) blanked; line numbers stay."""

    def blank(match):
        token = match.group(0)
        if keep_strings and token[0] in "\"'R":
            return token
        lines = "\n" * token.count("\n")
        return '""' + lines if token[0] in '"R' else lines or " "

    return _TOKEN.sub(blank, text)


def exceptions(root):
    """{(check, path): reason} from the list in docs/exceptions.md."""
    page = Path(root) / "docs" / "exceptions.md"
    if not page.exists():
        return {}
    rows = re.findall(r"^- `(\w+)` `([^`]+)`: (\S.*)$", page.read_text(encoding="utf-8"), re.M)
    return {(check, path): reason for check, path, reason in rows}


def excepted(root, check, problems):
    """Drops the (path, text) problems that docs/exceptions.md lists; reports stale entries."""
    listed = {path for name, path in exceptions(root) if name == check}
    left = [(path, text) for path, text in problems if str(path) not in listed]
    for path in sorted(listed - {str(path) for path, _ in problems}):
        left.append((Path("docs/exceptions.md"), f"`{check}` `{path}` excuses nothing; remove it"))
    return left
