"""Files stay small enough to read: 800 lines for any source, 250 for a header of core, search, jit."""
import tree

SOURCE_LINES = 800
HEADER_LINES = 250
PLACES = ("core", "search", "jit", "plugins", "tools", "examples", "tests", "cmake", "scripts")
SUFFIXES = (".h", ".c", ".cpp", ".py", ".cmake", ".sh", "")


def sizes(root):
    """(lines, path), longest first."""
    counted = []
    for path in tree.files(root, *PLACES, suffixes=SUFFIXES):
        if "corpus" not in path.parts and "golden" not in path.parts[2:]:
            counted.append((tree.read(root, path).count("\n"), path))
    return sorted(counted, key=lambda row: (-row[0], str(row[1])))


def check(root):
    problems = []
    for lines, path in sizes(root):
        header = path.suffix == ".h" and path.parts[0] in tree.ROOMS
        limit = HEADER_LINES if header else SOURCE_LINES
        if lines > limit:
            problems.append((path, f"{lines} lines; the limit is {limit}"))
    return tree.excepted(root, "file_size", problems)


def report(root):
    for lines, path in sizes(root)[:10]:
        print(f"{lines:6} {path}")
