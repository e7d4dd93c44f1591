"""Who may include whom: rooms, folders of a room, third-party libraries.

The folder rules are the links that the build declares (links.txt, written by the configuration),
so that the include graph and the link graph cannot differ.
"""
import re
from collections import defaultdict
from pathlib import Path

import tree

# From a room, which places of ours may be included. "" is the room's own root; tests see everything.
ROOM_RULES = {
    "core": ("core/",),
    "search": ("core/", "search/"),
    "jit": ("core/", "jit/"),
    "jit/session": ("core/", "jit/", "search/"),
    "plugins": ("core/plugin_abi.h", "core/plugin_kit/", "core/ir/nodes.def"),
    "plugins/sim": ("plugins/upmem/",),
    "plugins/cpu": ("jit/kernel_code/", "jit/engine/", "jit/llvm/", "jit/parallel/"),
    "tools": ("core/", "search/", "jit/"),
    "examples": ("core/", "search/", "jit/"),
}
STANDALONE = {"core/plugin_kit": ("core/plugin_abi.h", "core/ir/nodes.def", "core/plugin_kit/")}

# Include prefix -> places that may use it. A place ending in ":1" allows one .cpp file there, ":cpp"
# only .cpp files.
LIBRARIES = {
    "toml++/": ("core:1",),
    "spdlog/": ("core:1",),
    "nlohmann/": ("core:1", "search:cpp"),
    "xxhash.h": ("core:cpp",),
    "tl/": ("core", "search", "jit", "plugins", "tools", "examples"),
    "dlpack/": ("core", "search", "jit", "tools", "examples"),
    "dlfcn.h": ("core/plugin:1", "plugins/upmem"),
    "link.h": ("core/plugin:1",),
    "sqlite3.h": ("search/database:cpp",),
    "xgboost/": ("search:1",),
    "llvm/": ("jit", "plugins/cpu"),
    "llvm-c/": ("jit", "plugins/cpu"),
    "ffi.h": ("jit/ffi_call:cpp",),
    "tbb/": ("jit:cpp", "plugins/cpu"),
    "oneapi/": ("jit:cpp", "plugins/cpu"),
    "CLI/": ("tools", "plugins/sim/dputool"),
    "dpu": ("plugins/upmem",),
}
C_HEADERS = re.compile(
    r"(assert|ctype|errno|fcntl|float|inttypes|limits|math|poll|pthread|sched|signal|spawn|stdarg"
    r"|stdbool|stddef|stdint|stdio|stdlib|string|strings|time|unistd|elf"
    r"|sys/(file|mman|resource|socket|stat|time|types|uio|utsname|wait))\.h"
)
STANDARD = re.compile(r"[a-z_]+")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def folder_of(path):
    """core/lower/passes/x.cpp -> core/lower; core/plugin_abi.h -> core."""
    parts = Path(path).parts
    return "/".join(parts[:2]) if len(parts) > 2 else parts[0]


def read_links(text):
    """{folder: set of all folders it may use}, closed over the declared links; and a cycle or ''."""
    direct = {}
    for line in text.splitlines():
        if ":" in line:
            folder, uses = line.split(":", 1)
            direct[folder.strip()] = uses.split()
    closed, cycle = {}, ""
    for start in direct:
        seen, work = set(), list(direct[start])
        while work:
            folder = work.pop()
            if folder not in seen:
                seen.add(folder)
                work.extend(direct.get(folder, ()))
        if start in seen:
            cycle = start
        closed[start] = seen
    return closed, cycle


def allowed_room(source, included):
    own = folder_of(source)
    if own in STANDALONE:
        return included.startswith(STANDALONE[own])
    room = own.split("/")[0]
    prefixes = ROOM_RULES.get(own, ()) + (ROOM_RULES.get(room, ()) if own != "jit/session" else ())
    return included.startswith(prefixes + (own + "/",))


def check_ours(source, included, links):
    if included == "version.h" or source.parts[0] == "tests":
        return None
    if not allowed_room(source, included):
        return f"{folder_of(source)} may not include pimjit/{included}"
    own, other = folder_of(source), folder_of(included)
    same_room = own.split("/")[0] == other.split("/")[0]
    if own in STANDALONE or own == other or not same_room or "/" not in other:
        return None
    if own in links and other not in links[own]:
        return f"{own} does not link {other}, so it may not include pimjit/{included}"
    return None


def check_library(source, included, single_users):
    if source.parts[0] == "tests" or STANDARD.fullmatch(included):
        return None
    for prefix, places in LIBRARIES.items():
        if not included.startswith(prefix):
            continue
        for place in places:
            directory, _, limit = place.partition(":")
            if not str(source).startswith(directory + "/"):
                continue
            if limit and source.suffix != ".cpp":
                return f"<{included}> belongs in a .cpp file"
            if limit == "1":
                single_users[(prefix, directory)].add(str(source))
            return None
        return f"<{included}> is not for {folder_of(source)}; it is for {', '.join(places)}"
    if C_HEADERS.fullmatch(included):
        return None
    return f"<{included}> is neither ours, nor standard, nor on the list of libraries"


def check(root, links_text):
    links, cycle = read_links(links_text)
    problems = []
    if cycle:
        problems.append((Path("core/CMakeLists.txt"), f"the links of {cycle} form a cycle"))
    single_users = defaultdict(set)
    places = ("core", "search", "jit", "plugins", "tools", "examples", "tests")
    for path in tree.files(root, *places, suffixes=tree.SOURCE_SUFFIXES):
        text = tree.code_only(tree.read(root, path), keep_strings=True)
        for quote, included in INCLUDE.findall(text):
            if included.startswith("pimjit/"):
                problem = check_ours(path, included[len("pimjit/"):], links)
            elif quote == '"':
                problem = f'"{included}": write the path from pimjit/'
                problem = None if path.parts[0] in ("examples", "tests") else problem
            else:
                problem = check_library(path, included, single_users)
            if problem:
                problems.append((path, problem))
    for (prefix, directory), users in sorted(single_users.items()):
        if len(users) > 1:
            text = f"{prefix} is for one file of {directory}, and is in {', '.join(sorted(users))}"
            problems.append((Path(sorted(users)[1]), text))
    return problems
