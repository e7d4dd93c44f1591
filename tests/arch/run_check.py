#!/usr/bin/env python3
"""run_check.py CHECK SOURCE_DIR BUILD_DIR [CXX CC [LIBRARY_INCLUDE_DIR...]]: runs one rule; exit status 1 if broken."""
import sys
from pathlib import Path

import banned
import file_size
import headers
import include_rules
import target_names
import vocabulary


def main(name, root, build, cxx="c++", cc="cc", *libraries):
    if name == "include_rules":
        links = (Path(build) / "arch" / "links.txt").read_text(encoding="utf-8")
        problems = include_rules.check(root, links)
    elif name == "headers":
        problems = headers.check(root, Path(build) / "include", cxx, cc, libraries)
    else:
        module = {"vocabulary": vocabulary, "target_names": target_names,
                  "file_size": file_size, "banned": banned}[name]
        problems = module.check(root)
    if name == "file_size":
        file_size.report(root)
    for path, text in problems:
        print(f"{path}: {text}")
    print(f"{name}: {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
