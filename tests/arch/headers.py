"""Every header compiles alone, and twice; the plugin contract also as C.

A header that its own source includes first is compiled alone by the build; here it only has to say that it
counts once.
"""
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import tree

CXX_FLAGS = ["-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-x", "c++", "-"]
C_FLAGS = ["-std=c11", "-pedantic-errors", "-fsyntax-only", "-Wall", "-Wextra", "-Werror",
           "-x", "c", "-"]
C_HEADERS = ("core/plugin_abi.h",)


_FIRST_INCLUDE = re.compile(r'^#include ["<]([^">]+)', re.MULTILINE)
_ONCE = re.compile(r"^(#pragma once$|#ifndef (\w+)\n#define \2$)", re.MULTILINE)


def built_alone(root, path):
    """Whether the source of the same name starts with the header, and the header counts once."""
    source = path.with_suffix(".cpp")
    if not (root / source).exists() or not _ONCE.search(tree.read(root, path)):
        return False
    first = _FIRST_INCLUDE.search(tree.read(root, source))
    return first is not None and first.group(1) == f"pimjit/{path}"


def compile_alone(command, include_directory, path):
    """The compiler's first complaints about a source that holds the header twice, or ''."""
    unit = f'#include "pimjit/{path}"\n' * 2
    done = subprocess.run([*command, "-I", str(include_directory)], input=unit,
                          capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else "\n".join(done.stderr.splitlines()[:6]) or "failed"


def check(root, include_directory, cxx="c++", cc="cc", libraries=()):
    jobs = []
    system = [flag for directory in libraries for flag in ("-isystem", directory)]
    for path in tree.files(root, *tree.ROOMS, suffixes=(".h",)):
        if not built_alone(Path(root), path):
            jobs.append((path, [cxx, *system, *CXX_FLAGS]))
        if str(path) in C_HEADERS:
            jobs.append((path, [cc, *C_FLAGS]))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda job: compile_alone(job[1], include_directory, job[0]), jobs)
        return [(path, text) for (path, _), text in zip(jobs, results) if text]
