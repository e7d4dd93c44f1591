#!/usr/bin/env python3
"""Plants violations of each rule in a scratch tree and sees that the rule finds them, and only them."""
import sys
import tempfile
import unittest
from pathlib import Path

import banned
import file_size
import headers
import include_rules
import target_names
import tree
import vocabulary

LINKS = "core/support: \ncore/ir: core/support\ncore/lower: core/ir\ncore/plugin_kit: \n"


class Planted(unittest.TestCase):
    def setUp(self):
        self._scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self._scratch.cleanup)
        self.root = Path(self._scratch.name)

    def plant(self, path, text):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def texts(self, problems):
        return [f"{path}: {text}" for path, text in problems]

    def expect(self, check, bad, good):
        """Each bad (path, text) alone gives a problem in that path; all the good ones give none."""
        for path, text in good:
            self.plant(path, text)
        self.assertEqual(self.texts(check()), [])
        for path, text in bad:
            with self.subTest(path=path, text=text):
                before = (self.root / path).read_text() if (self.root / path).exists() else None
                self.plant(path, text)
                found = {str(where) for where, _ in check()}
                (self.root / path).unlink()
                if before is not None:
                    self.plant(path, before)
                self.assertEqual(found, {path})


class include_rules_test(Planted):
    def test_rooms_folders_and_libraries(self):
        self.expect(
            lambda: include_rules.check(self.root, LINKS),
            bad=[
                ("core/ir/a.h", '#include "pimjit/core/lower/lower.h"\n'),
                ("core/ir/a.h", '#include "pimjit/search/space.h"\n'),
                ("core/ir/a.cpp", '#include "pimjit/plugins/toy/toy.h"\n'),
                ("core/ir/a.cpp", '#include "expr.h"\n'),
                ("core/ir/a.cpp", "#include <llvm/IR/Module.h>\n"),
                ("core/ir/a.h", "#include <xxhash.h>\n"),
                ("core/ir/a.cpp", "#include <dlfcn.h>\n"),
                ("core/ir/a.cpp", "#include <boost/any.hpp>\n"),
                ("core/ir/a.cpp", "  #  include <CLI/CLI.hpp>\n"),
                ("core/plugin_kit/k.h", '#include "pimjit/core/support/error.h"\n'),
                ("search/s.cpp", '#include "pimjit/jit/engine.h"\n'),
                ("search/s.cpp", "#include <sqlite3.h>\n"),
                ("jit/engine/e.cpp", '#include "pimjit/search/database/db.h"\n'),
                ("plugins/toy/t.cpp", '#include "pimjit/core/ir/expr.h"\n'),
                ("plugins/toy/t.cpp", '#include "pimjit/plugins/other/o.h"\n'),
                ("tools/x/main.cpp", '#include "pimjit/plugins/toy/toy.h"\n'),
            ],
            good=[
                ("core/lower/l.cpp", '#include "pimjit/core/ir/expr.h"\n#include <vector>\n'
                 '#include "pimjit/core/support/error.h"\n#include "pimjit/core/plugin_abi.h"\n'),
                ("core/support/log.cpp", "#include <spdlog/spdlog.h>\n#include <spdlog/sinks.h>\n"),
                ("core/support/x.cpp", "#include <xxhash.h>\n#include <sys/stat.h>\n"
                 "// #include <llvm/IR/Module.h>\n"),
                ("core/plugin_kit/k.cpp", '#include "pimjit/core/plugin_abi.h"\n'
                 '#include "pimjit/core/ir/nodes.def"\n#include "pimjit/core/plugin_kit/k.h"\n'),
                ("jit/session/s.cpp", '#include "pimjit/search/database/db.h"\n'),
                ("plugins/sim/s.cpp", '#include "pimjit/plugins/upmem/isa.h"\n'
                 '#include "pimjit/core/plugin_abi.h"\n'),
                ("tools/x/y.cpp", '#include "pimjit/core/run/run.h"\n#include <CLI/CLI.hpp>\n'),
                ("tests/unit/ir/a_test.cpp", '#include <gtest/gtest.h>\n'),
            ],
        )

    def test_a_library_for_one_file_is_found_in_two(self):
        self.plant("core/support/a.cpp", "#include <spdlog/spdlog.h>\n")
        self.plant("core/target/b.cpp", "#include <spdlog/fmt/fmt.h>\n")
        self.assertEqual(
            self.texts(include_rules.check(self.root, LINKS)),
            ["core/target/b.cpp: spdlog/ is for one file of core, and is in core/support/a.cpp, "
             "core/target/b.cpp"])

    def test_a_cycle_of_links_is_found(self):
        problems = include_rules.check(self.root, LINKS + "core/support: core/lower\n")
        self.assertEqual(len(problems), 1)
        self.assertIn("form a cycle", problems[0][1])


class vocabulary_test(Planted):
    def test_words_anywhere(self):
        self.expect(
            lambda: vocabulary.check(self.root),
            bad=[
                ("core/ir/a.h", "int numDpus;\n"),
                ("core/ir/a.h", "int num_dpu_units;\n"),
                ("core/ir/a.h", "int DPUs;\n"),
                ("core/ir/a.h", "int numDPUs;\n"),
                ("core/ir/a.h", "class TaskletLoop;\n"),
                ("core/ir/a.h", "// copies to MRAM first\n"),
                ("core/ir/a.h", 'auto s = "wram_bytes";\n'),
                ("core/ir/a.h", "int hbm2 = 0;\n"),
                ("core/ir/a.h", "struct AiM {};\n"),
                ("core/ir/a.h", "// we aim at speed\n"),
                ("search/x.toml", "upmem = 1\n"),
                ("jit/CMakeLists.txt", "add_library(dpu_x)\n"),
                ("core/lower/mram_copy.cpp", "\n"),
            ],
            good=[
                ("core/ir/b.h", "// claims, claim, maimed, aiming, input, dpundit, program\n"),
                ("plugins/upmem/dpu.h", "int tasklet;\n"),
            ],
        )


class target_names_test(Planted):
    def test_comparisons(self):
        self.expect(
            lambda: target_names.check(self.root),
            bad=[
                ("core/ir/a.cpp", 'if (target.name == "toy") {}\n'),
                ("core/ir/a.cpp", 'if ("toy" != desc->name()) {}\n'),
                ("core/ir/a.cpp", 'if (target_name_ == "x") {}\n'),
                ("core/ir/a.cpp", 'if (module.target().name() == "x") {}\n'),
                ("core/ir/a.cpp", 'if (plugin.name.starts_with("x")) {}\n'),
                ("core/ir/a.cpp", 'if (strcmp(target->name, "x") == 0) {}\n'),
                ("jit/a.cpp", 'if (kind == "cpu") {}\n'),
                ("search/a.cpp", 'bool b = "toy" == which;\n'),
            ],
            good=[
                ("plugins/toy/toy.plugin.toml", "\n"),
                ("core/ir/b.cpp", 'if (axis.name == "i") {}\n// target.name == "toy"\n'
                 'if (target.name == wanted) {}\nauto s = target.name + "x";\n'),
            ],
        )


class file_size_test(Planted):
    def test_limits_and_exceptions(self):
        self.expect(
            lambda: file_size.check(self.root),
            bad=[("core/ir/a.cpp", "\n" * 801), ("core/ir/a.h", "\n" * 251),
                 ("tests/x.py", "\n" * 801)],
            good=[("core/ir/b.cpp", "\n" * 800), ("core/ir/b.h", "\n" * 250),
                  ("plugins/toy/t.h", "\n" * 400)],
        )
        self.plant("core/ir/a.cpp", "\n" * 900)
        self.plant("docs/exceptions.md", "- `file_size` `core/ir/a.cpp`: one table\n")
        self.assertEqual(file_size.check(self.root), [])
        self.plant("core/ir/a.cpp", "\n")
        self.assertEqual([str(path) for path, _ in file_size.check(self.root)],
                         ["docs/exceptions.md"])


class banned_test(Planted):
    def test_constructs(self):
        guard = "#ifndef PIMJIT_CORE_IR_A_H_\n#define PIMJIT_CORE_IR_A_H_\n"
        good = guard + ("// abort(); std::hash\n#define PIMJIT_X(a) a\n#undef PIMJIT_X\n"
                        'inline const char* s = "exit(1)";\nvoid at_exit(int);\n'
                        "scope.exit(1);\nbuild->abort();\n#endif\n")
        self.expect(
            lambda: banned.check(self.root),
            bad=[("core/ir/b.cpp", text) for text in (
                "abort();\n", "std::abort ();\n", "exit(1);\n", "std::_Exit(1);\n",
                "try {} catch ( ... ) {}\n", "std::hash<int> h;\n", "std::cout << 1;\n",
                "fprintf(stderr, x);\n", "auto* d = dynamic_cast<D*>(b);\n", "int i = rand();\n",
                "auto p = std::getenv(name);\n")]
            + [("core/ir/a.h", text) for text in (
                "#pragma once\n", guard.replace("_IR_", "_") + "#endif\n",
                guard + "using namespace std;\n#endif\n", guard + "#define MAX 3\n#endif\n")],
            good=[("core/ir/a.h", good), ("core/ir/list.def", "X(1)\n#undef X\n"),
                  ("core/ir/c.h", guard.replace("_A_", "_C_") + "#define X(a) a\n"
                   '#include "pimjit/core/ir/list.def"\n#endif\n'),
                  ("core/plugin/search_path.cpp", "auto p = std::getenv(name);\n"),
                  ("plugins/toy/t.cpp", "abort();\n")],
        )

    def test_strings_are_not_code(self):
        text = "auto a = R\"x(abort();\n)x\"; char c = '\"'; int n = 1'000; exit(0); // \"\n"
        self.assertIn("exit(0)", tree.code_only(text))
        self.assertNotIn("abort", tree.code_only(text))
        self.assertEqual(tree.code_only(text).count("\n"), text.count("\n"))


class headers_test(Planted):
    def test_a_header_that_leans_on_others(self):
        include = self.root / "include" / "pimjit"
        include.mkdir(parents=True)
        (include / "core").symlink_to(self.root / "core")
        guarded = "#ifndef G_{0}\n#define G_{0}\n{1}\n#endif\n"
        self.expect(
            lambda: headers.check(self.root, self.root / "include"),
            bad=[
                ("core/ir/a.h", guarded.format("A", "std::string s();")),
                ("core/ir/a.h", "struct Twice {};\n"),
                ("core/plugin_abi.h", guarded.format("P", "struct A { int x; }; A f();")),
            ],
            good=[
                ("core/ir/b.h", guarded.format("B", "#include <string>\nstd::string s();")),
                ("core/plugin_abi.h", guarded.format("P", "struct A { int x; };")),
            ],
        )

    def test_what_the_build_compiles_alone(self):
        leaning = "#pragma once\nstd::string s();\n"
        self.plant("core/ir/a.h", leaning)
        for source, alone in (
            ('#include "pimjit/core/ir/a.h"\n#include <string>\n', True),
            ('#include <string>\n#include "pimjit/core/ir/a.h"\n', False),
        ):
            self.plant("core/ir/a.cpp", source)
            self.assertEqual(headers.built_alone(self.root, Path("core/ir/a.h")), alone)
        self.plant("core/ir/a.cpp", '#include "pimjit/core/ir/a.h"\n')
        self.plant("core/ir/a.h", "struct Twice {};\n")
        self.assertFalse(headers.built_alone(self.root, Path("core/ir/a.h")))


if __name__ == "__main__":
    # self_test.py CHECK runs the planted violations of that check.
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(globals()[sys.argv[1] + "_test"])
    sys.exit(not unittest.TextTestRunner(verbosity=1).run(suite).wasSuccessful())
