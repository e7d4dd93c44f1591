// What the documents promise: the example in README is the file that is compiled, it runs, and
// every error code and every pass has its place in docs/.
#include <regex>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/lower/lower.h"
#include "pimjit/tests/cli/command_line.h"

namespace pimjit {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

const fs::path kSource = PIMJIT_SOURCE_DIR;

TEST(Documents, ReadmeShowsTheExampleThatIsCompiled) {
  const std::string program = read_file(kSource / "examples/01_run_mtv.cpp");
  EXPECT_EQ(std::count(program.begin(), program.end(), '\n'), 20) << "twenty lines are promised";
  std::string indented;
  for (size_t begin = 0; begin < program.size();) {
    const size_t end = program.find('\n', begin);
    const std::string line = program.substr(begin, end - begin);
    indented += (line.empty() ? "" : "    " + line) + "\n";
    begin = end + 1;
  }
  EXPECT_THAT(read_file(kSource / "README.md"), HasSubstr(indented));
}

TEST(Documents, TheExampleRuns) {
  if (!fs::exists(PIMJIT_BINARY_DIR "/examples/01_run_mtv"))
    GTEST_SKIP() << "examples are not built";
  const Ran ran = run_program("examples/01_run_mtv", "");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, ::testing::ContainsRegex("^C\\[0\\] = -?[0-9]+\n  upload "));
  const Ran lost = run_program("examples/01_run_mtv", "", "PIMJIT_PLUGIN_PATH=/nonexistent");
  EXPECT_EQ(lost.status, 1);
  EXPECT_THAT(lost.err, HasSubstr("there is no target \"toy\""));
}

// Codes as they stand in calls of the error makers, and the rejections.
std::set<std::string> codes_of_sources() {
  std::set<std::string> codes;
  const std::regex made("(?:user|target|internal)_error\\(\\s*\"([a-z_]+)\"");
  const std::regex passed(
      "(?:fail_at|error_at|inconsistent|refuse)\\((?:[a-z_.>-]+, )?\"([a-z]+_[a-z_]+)\"");
  const std::regex rejected("\nPIMJIT_REJECTION\\(([a-z_]+)");
  for (const char* room : {"core", "search", "jit", "tools"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kSource / room)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".cpp" && extension != ".h" && extension != ".def") continue;
      if (entry.path().string().find("plugin_kit") != std::string::npos) continue;
      const std::string text = read_file(entry.path());
      for (const std::regex& pattern : {made, passed, rejected}) {
        for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) {
          codes.insert((*at)[1]);
        }
      }
    }
  }
  return codes;
}

TEST(Documents, ListEveryErrorCode) {
  const std::string page = read_file(kSource / "docs/errors.md");
  const std::set<std::string> codes = codes_of_sources();
  EXPECT_GT(codes.size(), 100u) << "the pattern has lost its prey";
  for (const std::string& code : codes) {
    EXPECT_THAT(page, HasSubstr("`" + code + "`"));
  }
}

TEST(Documents, ListNoRejectionThatDoesNotExist) {
  const std::string page = read_file(kSource / "docs/errors.md");
  const size_t begin = page.find("\n## Schedules"), end = page.find("\n## Target descriptions");
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const std::string section = page.substr(begin, end - begin);
  const std::string table = section.substr(section.find("\n| | |"));
  const std::set<std::string> codes = codes_of_sources();
  const std::regex quoted("`([a-z_]+)`");
  for (std::sregex_iterator at(table.begin(), table.end(), quoted), last; at != last; ++at)
    EXPECT_TRUE(codes.count((*at)[1])) << (*at)[1];
}

TEST(Documents, ListEveryPassInOrder) {
  const std::string page = read_file(kSource / "docs/lowering.md");
  size_t last = 0;
  for (const PassInfo& pass : lowering_passes()) {
    const size_t row = page.find(std::string("\n| `") + pass.name + "`", last + 1);
    ASSERT_NE(row, std::string::npos) << pass.name;
    last = row;
  }
}

}  // namespace
}  // namespace pimjit
