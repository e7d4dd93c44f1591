"""Every header compiles alone, and twice; the plugin contract also as C."""
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

import tree

CXX_FLAGS = ["-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-x", "c++", "-"]
C_FLAGS = ["-std=c11", "-pedantic-errors", "-fsyntax-only", "-Wall", "-Wextra", "-Werror",
           "-x", "c", "-"]
C_HEADERS = ("core/plugin_abi.h",)


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
        jobs.append((path, [cxx, *system, *CXX_FLAGS]))
        if str(path) in C_HEADERS:
            jobs.append((path, [cc, *C_FLAGS]))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda job: compile_alone(job[1], include_directory, job[0]), jobs)
        return [(path, text) for (path, _), text in zip(jobs, results) if text]
