// `pimjit show`, `targets`, `doctor`, `plugin-check` and `version`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/core/ir/parser.h"
#include "pimjit/core/lower/lower.h"
#include "pimjit/tests/cli/command_line.h"
#include "pimjit/version.h"

namespace pimjit {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
namespace fs = std::filesystem;

std::string shown(const std::string& arguments) {
  const Ran ran = pimjit_command("show mtv --size i=1003,k=701 --target toy" + arguments);
  EXPECT_EQ(ran.status, 0) << ran.err;
  return ran.out;
}

TEST(Show, DrawsTheNestWithLevelsCachesAndBytes) {
  const std::string text = shown("");
  EXPECT_THAT(text, HasSubstr("C[i] += A[i,k] * B[k]   i=1003,k=701   on toy"));
  EXPECT_THAT(text, ContainsRegex("i.0: [0-9]+  unit\n"));
  EXPECT_THAT(text, ContainsRegex("thread\n"));
  EXPECT_THAT(text, ContainsRegex("A in scratch: [0-9]+ elements, [0-9]+ B\n"));
  EXPECT_THAT(text, HasSubstr("schedule\ni.0, i.1, i.2 = split(i, "));
}

TEST(Show, PredictsOperationsAndPhases) {
  const std::string text = shown("");
  EXPECT_THAT(text, ContainsRegex("operation +phase +over +units +bytes each +bytes in all"));
  EXPECT_THAT(text, ContainsRegex("launch mtv +kernel +device +[0-9]+"));
  EXPECT_THAT(text, ContainsRegex("copy back C.2 +d2h +[a-z]+ +[0-9]+ +[0-9]+ +[0-9]+"));
  EXPECT_THAT(text, ContainsRegex("link +copies per unit +bytes per unit"));
  EXPECT_THAT(text, ContainsRegex("total +[0-9.]+ .s"));
  EXPECT_THAT(text, HasSubstr("\ntighten_bounds\n  loop l"));
}

TEST(Show, KernelsCanBeReadBack) {
  std::string text = shown(" --dump=ir");
  EXPECT_THAT(text, HasSubstr("// kernel 0, on "));
  text.erase(0, text.find('\n') + 1);
  const auto kernel = parse_kernel(text);
  ASSERT_TRUE(kernel) << kernel.error().message();
  EXPECT_EQ(kernel->name, "mtv");
}

TEST(Show, ListsTheHostProgram) {
  const std::string text = shown(" --dump=host");
  EXPECT_THAT(text, ContainsRegex("0 pack A.0 .host. [0-9]+ B\n"));
  EXPECT_THAT(text, ContainsRegex("launch mtv .device. [0-9]+ units after [0-9,]+\n"));
}

TEST(Show, ListsEveryPassWithItsTime) {
  const std::string text = shown(" --dump=passes");
  for (const PassInfo& pass : lowering_passes()) {
    EXPECT_THAT(text, ContainsRegex(std::string(pass.name) + " +[0-9.]+ [num]?s")) << pass.name;
  }
}

TEST(Show, SaysWhatTheBoundaryPassesProved) {
  const std::string text = shown(" --dump=passes");
  EXPECT_THAT(text, HasSubstr("\nconvert_copies\n  A.scratch <- A: "));
  EXPECT_THAT(text, HasSubstr("\ntighten_bounds\n  loop l"));
}

TEST(Show, LeavesPassesOut) {
  const std::string text = shown(" --dump=passes --no-pass=convert_copies,tighten_bounds");
  EXPECT_THAT(text, Not(HasSubstr("convert_copies")));
  EXPECT_THAT(text, Not(HasSubstr("tighten_bounds")));
  EXPECT_THAT(text, HasSubstr("hoist_branches"));
}

TEST(Show, RefusesToLeaveOutWhatItMustNotOrDoesNotKnow) {
  const Ran needed = pimjit_command("show mtv --size i=4,k=4 --target toy --no-pass=build_kernels");
  EXPECT_EQ(needed.status, 1);
  EXPECT_THAT(needed.err, HasSubstr("error[pass_not_optional]: pass build_kernels cannot be left "
                                    "out\n  optional: "));
  const Ran unknown = pimjit_command("show mtv --size i=4,k=4 --target toy --no-pass=tighten");
  EXPECT_EQ(unknown.status, 1);
  EXPECT_THAT(unknown.err, HasSubstr("error[unknown_pass]: there is no pass 'tighten'"));
}

TEST(Show, SaysWhatThePluginBuilds) {
  EXPECT_THAT(shown(" --dump=kernel"),
              ContainsRegex("kernel mtv: [0-9]+ B serialised, [0-9]+ B image"));
}

TEST(Targets, AreListedWithTheSourcesOfTheirNumbers) {
  const Ran brief = pimjit_command("targets");
  EXPECT_EQ(brief.status, 0);
  EXPECT_THAT(brief.out,
              HasSubstr("toy  64 units of 8 threads; a bank and a scratchpad per unit\n"));
  EXPECT_THAT(brief.out, Not(HasSubstr("invented (spec)")));
  const Ran verbose = pimjit_command("targets -v");
  EXPECT_THAT(verbose.out, ContainsRegex("unit +64  independent +no +invented .spec."));
  EXPECT_THAT(verbose.out, ContainsRegex("scratch +unit +4 KiB"));
  EXPECT_THAT(verbose.out, HasSubstr("folders searched:\n  " + kPlugins.string()));
}

TEST(Targets, SkippedPluginsSayWhy) {
  const fs::path folder = scratch() / "plugins";
  fs::create_directories(folder);
  for (const char* name : {"toy.so", "toy.toml", "toy.plugin.toml"}) {
    fs::copy(kPlugins / name, folder / name);
  }
  const std::string here = "PIMJIT_PLUGIN_PATH='" + folder.string() + "'";
  EXPECT_EQ(pimjit_command("run va --size i=4 --target toy", here).status, 0);

  fs::permissions(folder / "toy.so", fs::perms::group_write, fs::perm_options::add);
  const Ran listed = pimjit_command("targets", here);
  EXPECT_THAT(listed.out, Not(HasSubstr("toy  ")));
  EXPECT_THAT(listed.out,
              HasSubstr("toy.so can be changed by other users\n    hint: run: chmod go-w"));
  const Ran run = pimjit_command("run va --size i=4 --target toy", here);
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(run.err,
              HasSubstr("error[skipped_plugin]: target \"toy\" was found, but cannot be used"));
  EXPECT_THAT(run.err, HasSubstr("because: "));
  const Ran doctor = pimjit_command("doctor", here);
  EXPECT_EQ(doctor.status, 0);
  EXPECT_THAT(doctor.out, HasSubstr("skipped: "));

  fs::permissions(folder / "toy.so", fs::perms::group_write, fs::perm_options::remove);
  write_file(folder / "toy.so", "not a library");
  const Ran broken = pimjit_command("run va --size i=4 --target toy", here);
  EXPECT_EQ(broken.status, 2);
  EXPECT_THAT(broken.err, HasSubstr("error[plugin_not_a_library]: "));
}

TEST(Targets, ABrokenDescriptionIsTheTargetsError) {
  const fs::path folder = scratch() / "plugins";
  fs::create_directories(folder);
  for (const char* name : {"toy.so", "toy.plugin.toml"}) fs::copy(kPlugins / name, folder / name);
  const std::string here = "PIMJIT_PLUGIN_PATH='" + folder.string() + "'";
  std::string text = read_file(kPlugins / "toy.toml");
  text.replace(text.find("granule"), 7, "granul");
  write_file(folder / "toy.toml", text);
  const Ran ran = pimjit_command("run va --size i=4 --target toy", here);
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.err, HasSubstr("error[unknown_key]: "));
  EXPECT_THAT(ran.err, HasSubstr("granule"));
  write_file(folder / "toy.toml", "schema = \n");
  const Ran syntax = pimjit_command("run va --size i=4 --target toy", here);
  EXPECT_EQ(syntax.status, 2);
  EXPECT_THAT(syntax.err, HasSubstr("error[toml_syntax]: "));
}

TEST(Targets, JsonNamesFoundAndSkipped) {
  const auto json = pimjit_command("targets --json").json();
  std::vector<std::string> ids;
  for (const auto& target : json["targets"]) ids.push_back(target["id"]);
  EXPECT_THAT(ids, IsSupersetOf({"faulty", "lockstep", "toy"}));
  EXPECT_EQ(json["folders"][0], kPlugins.string());
}

TEST(Doctor, ReportsBuildEnvironmentAndVerdicts) {
  const Ran ran = pimjit_command(
      "doctor", "NO_COLOR=1 PIMJIT_PLUGIN_PATH='" + kPlugins.string() + ":relative'");
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.out, ContainsRegex("pimjit +" PIMJIT_VERSION_STRING "\n"));
  EXPECT_THAT(ran.out, HasSubstr("NO_COLOR=1\n"));
  EXPECT_THAT(ran.out, ContainsRegex("loads: toy, build .*\n    opens: yes\n"));
  EXPECT_THAT(ran.out, HasSubstr("skipped: PIMJIT_PLUGIN_PATH has \"relative\", a relative path"));
}

TEST(PluginCheck, PassesTheToyChips) {
  for (const std::string name : {"toy", "lockstep"}) {
    const Ran ran = pimjit_command("plugin-check " + name);
    EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
    EXPECT_THAT(ran.out, HasSubstr("pass"));
  }
  const Ran by_path =
      pimjit_command("plugin-check '" + (kPlugins / "toy.plugin.toml").string() + "' --json");
  EXPECT_EQ(by_path.status, 0) << by_path.err;
  EXPECT_EQ(by_path.json()["failed"], 0);
  EXPECT_GT(by_path.json()["passed"].get<int>(), 10);
}

TEST(PluginCheck, NamesWhatAPluginDoesWrong) {
  const Ran ran = pimjit_command("plugin-check faulty:nonsense=copy --json");
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.err, HasSubstr("error[plugin_check_failed]: plugin faulty fails "));
  const auto json = ran.json();
  EXPECT_GT(json["failed"].get<int>(), 0);
  int failed = 0;
  for (const auto& check : json["checks"]) failed += check["outcome"] == "fail";
  EXPECT_EQ(failed, json["failed"]);
  const Ran absent = pimjit_command("plugin-check ./absent");
  EXPECT_EQ(absent.status, 1);
  EXPECT_THAT(absent.err, HasSubstr("error[missing_file]: there is no './absent'"));
}

TEST(Version, SaysWhichFormatsThisBuildHas) {
  EXPECT_EQ(pimjit_command("version").out, "pimjit " PIMJIT_VERSION_STRING "\n");
  EXPECT_EQ(pimjit_command("--version").out, "pimjit " PIMJIT_VERSION_STRING "\n");
  EXPECT_THAT(pimjit_command("version --all").out, ContainsRegex("plugin ABI +1.0\n"));
  EXPECT_TRUE(pimjit_command("version --json").json()["kernel_format"].is_number());
}

}  // namespace
}  // namespace pimjit
