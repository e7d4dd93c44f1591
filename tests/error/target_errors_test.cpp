// The text of each message about a target description, with its place.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/core/target/target_desc.h"

namespace pimjit {
namespace {

// A small machine without a fault; each case below changes one place of it.
constexpr const char* kMachine = R"(schema = 1
[target]
id = "m"
clock_mhz = 400
source = "t"
confidence = "spec"
[[level]]
name = "unit"
kind = "independent"
count = 4
source = "t"
confidence = "spec" # level
[[scope]]
name = "bank"
at = "unit"
capacity = 65536
granule = 8
element_access = "read_write"
host = "copy"
source = "t"
confidence = "spec"
[[scope]]
name = "pad"
at = "unit"
capacity = 64
element_access = "read"
source = "t"
confidence = "spec"
[[link]]
name = "push"
from = "host"
to = "bank"
cost = { fixed_ns = 100 }
source = "t"
confidence = "spec"
[[link]]
name = "pull"
from = "bank"
to = "host"
cost = {}
[reduction]
stages = ["host"]
[numerics.i32]
add = 1
load = 1
store = 1
source = "t"
confidence = "spec"
[host]
threads = 2
source = "t"
confidence = "guess"
)";

struct Case {
  const char* name;
  const char* from;  // the first place of this text in the machine ...
  const char* to;    // ... becomes this one
  const char* code;
  const char* message;
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << c.name;
}

class TargetErrors : public testing::TestWithParam<Case> {};

TEST_P(TargetErrors, SayWhatAndWhere) {
  const Case& c = GetParam();
  std::string text = kMachine;
  const size_t at = text.find(c.from);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, std::string(c.from).size(), c.to);
  const Result<TargetDesc> target = parse_target(text, "m.toml");
  ASSERT_FALSE(target.has_value());
  EXPECT_EQ(target.error().origin, Origin::user);
  EXPECT_EQ(target.error().code, c.code);
  EXPECT_EQ(target.error().message(), c.message);
}

const Case kCases[] = {
    {"Syntax", "id = \"m\"", "id = \"m", "toml_syntax",
     "not valid TOML: Error while parsing string: unescaped control characters other than TAB "
     "(U+0009) are explicitly prohibited\n"
     "  m.toml:3:8"},
    {"UnknownKey", "clock_mhz = 400", "clock_mz = 400", "unknown_key",
     "unknown key `clock_mz` in [target]\n"
     "  m.toml:4:1\n"
     "  hint: did you mean \"clock_mhz\"?"},
    {"UnknownKeyFarFromAll", "kind = \"independent\"",
     "kind = \"independent\"\ncolour_of_the_case = 1", "unknown_key",
     "unknown key `colour_of_the_case` in [level.unit]\n"
     "  m.toml:10:1\n"
     "  hint: known are \"source\", \"confidence\", \"name\", \"kind\", \"count\", \"select\", "
     "\"barrier\", \"combine\", \"issue_interval\""},
    {"UnknownTable", "[host]", "[hots]", "unknown_key",
     "unknown key `hots` in the file\n"
     "  m.toml:49:2\n"
     "  hint: did you mean \"host\"?"},
    {"MissingKey", "capacity = 65536\n", "", "missing_key",
     "[scope.bank] has no `capacity`\n"
     "  m.toml:13:1"},
    {"MissingName", "name = \"bank\"\n", "", "missing_key",
     "[scope[0]] has no `name`\n"
     "  m.toml:13:1"},
    {"MissingTable", "numerics", "limits_of_sums", "unknown_key",
     "unknown key `limits_of_sums` in the file\n"
     "  m.toml:43:2\n"
     "  hint: known are \"schema\", \"target\", \"level\", \"scope\", \"numerics\", \"link\", "
     "\"reduction\", \"limits\", \"host\", \"intrinsic\", \"mode\", \"plugin\""},
    {"UnknownKeyExplainsTheMissingOne", "capacity = 65536", "capasity = 65536", "unknown_key",
     "unknown key `capasity` in [scope.bank]\n"
     "  m.toml:16:1\n"
     "  hint: did you mean \"capacity\"?"},
    {"WrongType", "count = 4", "count = \"four\"", "wrong_type",
     "level.unit.count must be an integer, not a text\n"
     "  m.toml:10:9"},
    {"FractionForAnInteger", "count = 4", "count = 4.5", "wrong_type",
     "level.unit.count must be an integer, not a number with a fraction\n"
     "  m.toml:10:9"},
    {"ListForAText", "at = \"unit\"", "at = [\"unit\"]", "wrong_type",
     "scope.bank.at must be a text, not an array\n"
     "  m.toml:15:6"},
    {"TableForAnArrayOfTables", "[[level]]", "[level]", "wrong_type",
     "level must be an array, not a table\n"
     "  m.toml:7:1"},
    {"ArrayOfOthers", "[[level]]", "[other]", "unknown_key",
     "unknown key `other` in the file\n"
     "  m.toml:7:2\n"
     "  hint: known are \"schema\", \"target\", \"level\", \"scope\", \"numerics\", \"link\", "
     "\"reduction\", \"limits\", \"host\", \"intrinsic\", \"mode\", \"plugin\""},
    {"OutOfRange", "count = 4", "count = 0", "out_of_range",
     "level.unit.count is 0; it must be between 1 and 2147483648\n"
     "  m.toml:10:9"},
    {"TooMany", "count = 4", "count = 4294967296", "out_of_range",
     "level.unit.count is 4294967296; it must be between 1 and 2147483648\n"
     "  m.toml:10:9"},
    {"NegativeCost", "fixed_ns = 100", "fixed_ns = -1.5", "out_of_range",
     "link.push.cost.fixed_ns is -1.5; it must be finite and at least 0\n"
     "  m.toml:33:21"},
    {"InfiniteCost", "fixed_ns = 100", "fixed_ns = inf", "out_of_range",
     "link.push.cost.fixed_ns is inf; it must be finite and at least 0\n"
     "  m.toml:33:21"},
    {"WrongSchema", "schema = 1", "schema = 2", "out_of_range",
     "schema is 2; it must be 1\n"
     "  m.toml:1:10"},
    {"UnknownKind", "kind = \"independent\"", "kind = \"indepedent\"", "unknown_name",
     "level.unit.kind is \"indepedent\"; it must be one of \"independent\", \"lockstep\", "
     "\"lane\", \"time\"\n"
     "  m.toml:9:8\n"
     "  hint: did you mean \"independent\"?"},
    {"UnknownLevel", "at = \"unit\"", "at = \"unite\"", "unknown_name",
     "scope.bank.at names \"unite\", which is not defined\n"
     "  m.toml:15:6\n"
     "  hint: did you mean \"unit\"?"},
    {"UnknownScopeOfALink", "from = \"bank\"", "from = \"bnak\"", "unknown_name",
     "link.pull.from names \"bnak\", which is not defined\n"
     "  m.toml:38:8\n"
     "  hint: did you mean \"bank\"?"},
    {"UnknownStage", "stages = [\"host\"]", "stages = [\"unitt\", \"host\"]", "unknown_name",
     "reduction.stages names \"unitt\", which is not defined\n"
     "  m.toml:42:10\n"
     "  hint: did you mean \"unit\"?"},
    {"BadName", "name = \"bank\"", "name = \"Bank 1\"", "bad_name",
     "\"Bank 1\" is not a name\n"
     "  m.toml:14:8\n"
     "  hint: names are a to z, 0 to 9 and _, beginning with a letter"},
    {"ReservedName", "name = \"unit\"", "name = \"device\"", "bad_name",
     "\"device\" has a meaning of its own\n"
     "  m.toml:8:8\n"
     "  hint: choose another name"},
    {"DuplicateName", "name = \"pull\"", "name = \"push\"", "duplicate_name",
     "two links are called \"push\"\n"
     "  m.toml:37:8"},
    {"NoSource", "source = \"t\"\nconfidence = \"spec\" # level", "", "missing_provenance",
     "[level.unit] holds a number, `count`, but says no `source`\n"
     "  m.toml:10:9\n"
     "  hint: add source = \"where the numbers come from\" and confidence = \"spec\", "
     "\"measured\", \"fitted\" or \"guess\""},
    {"SourceWithoutConfidence", "confidence = \"spec\" # level", "", "missing_provenance",
     "level.unit has `source` but no `confidence`\n"
     "  m.toml:11:10\n"
     "  hint: numbers need both: where they come from, and \"spec\", \"measured\", \"fitted\" or "
     "\"guess\""},
    {"ConfidenceWithoutSource", "source = \"t\"\nconfidence = \"spec\" # level",
     "confidence = \"spec\"", "missing_provenance",
     "level.unit has `confidence` but no `source`\n"
     "  m.toml:11:14\n"
     "  hint: numbers need both: where they come from, and \"spec\", \"measured\", \"fitted\" or "
     "\"guess\""},
    {"UnknownConfidence", "confidence = \"spec\" # level", "confidence = \"sure\"", "unknown_name",
     "level.unit.confidence must be one of \"spec\", \"measured\", \"fitted\", \"guess\"\n"
     "  m.toml:12:14\n"
     "  hint: known are \"spec\", \"measured\", \"fitted\", \"guess\""},
    {"NumberWithoutConfidence", "count = 4", "count = { value = 4, source = \"x\" }",
     "missing_provenance",
     "level.unit.count has `source` but no `confidence`\n"
     "  m.toml:10:31\n"
     "  hint: numbers need both: where they come from, and \"spec\", \"measured\", \"fitted\" or "
     "\"guess\""},
    {"NumberWithoutValue", "count = 4", "count = { source = \"x\", confidence = \"spec\" }",
     "missing_key",
     "[level.unit.count] has no `value`\n"
     "  m.toml:10:9"},
    {"PluginNumberWithoutSource", "[host]", "[plugin]\nstages = 14\n[host]", "missing_provenance",
     "plugin.stages is a number without a source\n"
     "  m.toml:50:10\n"
     "  hint: add `source` and `confidence` to the table"},
    {"PluginDate", "[host]", "[plugin]\nborn = 2020-01-01\n[host]", "wrong_type",
     "plugin.born cannot hold a date or time\n"
     "  m.toml:50:8"},
    {"CostTable", "fixed_ns = 100", "table = [[8, 0.5, 1]]", "wrong_type",
     "link.push.cost.table must hold pairs [bytes per unit, bytes per ns]\n"
     "  m.toml:33:19"},
    {"FallingCostTable", "fixed_ns = 100", "table = [[64, 0.5], [8, 0.7]]", "out_of_range",
     "link.push.cost.table needs rising sizes and rates above 0; it has [8, 0.7]\n"
     "  m.toml:33:18: link.push.cost.table"},
    {"NoClock", "clock_mhz = 400", "clock_mhz = 0", "bad_target",
     "a modelled target needs a clock; clock_mhz is 0\n"
     "  m.toml:4:13: target.clock_mhz\n"
     "  hint: add `clock_mhz` to [target]"},
    {"GranuleNoPowerOfTwo", "granule = 8", "granule = 12", "out_of_range",
     "scope.bank.granule is 12; it must be a power of two\n"
     "  m.toml:17:11: scope.bank.granule"},
    {"CapacityNoMultiple", "capacity = 65536", "capacity = 65540", "out_of_range",
     "scope.bank.capacity is 65540, not a multiple of scope.bank.granule, which is 8\n"
     "  m.toml:16:12: scope.bank.capacity"},
    {"NothingLeft", "capacity = 65536", "capacity = 65536\nreserved = 65536", "out_of_range",
     "scope bank reserves 65536 of its 65536 bytes with 1 running; nothing is left\n"
     "  m.toml:17:12: scope.bank.reserved"},
    {"LinkBelowGranule", "to = \"bank\"", "to = \"bank\"\nmultiple = 4", "out_of_range",
     "link.push.multiple is 4, not a multiple of scope.bank.granule, which is 8\n"
     "  m.toml:33:12: link.push.multiple"},
    {"MaximumBelowMinimum", "to = \"bank\"", "to = \"bank\"\nmin_bytes = 64\nmax_bytes = 32",
     "out_of_range",
     "link.push.min_bytes is 64, more than max_bytes 32\n"
     "  m.toml:33:13: link.push.min_bytes"},
    {"LinkStricterThanScope", "to = \"bank\"", "to = \"bank\"\nalignment = 64", "out_of_range",
     "scope.bank.alignment is 8, not a multiple of link.push.alignment, which is 64\n"
     "  m.toml:13:1: scope.bank.alignment"},
    {"LinkToItself", "from = \"host\"\nto = \"bank\"", "from = \"bank\"\nto = \"bank\"",
     "bad_target",
     "link push ends where it begins\n"
     "  m.toml:29:1: link.push"},
    {"TwoLinksOneDirection", "from = \"bank\"\nto = \"host\"", "from = \"host\"\nto = \"bank\"",
     "bad_target",
     "links push and pull join the same two ends in the same direction\n"
     "  m.toml:36:1: link.pull"},
    {"NoWayBack", "[[link]]\nname = \"pull\"\nfrom = \"bank\"\nto = \"host\"\ncost = {}\n", "",
     "bad_target",
     "there is no link to the host from bank\n"
     "  m.toml:13:1: scope.bank\n"
     "  hint: tensors live in bank; add a [[link]]"},
    {"HostLinkToHiddenScope", "from = \"bank\"\nto = \"host\"", "from = \"pad\"\nto = \"host\"",
     "bad_target",
     "link pull joins the host and a scope it cannot reach: pad\n"
     "  m.toml:36:1: link.pull\n"
     "  hint: scope pad has host = \"none\""},
    {"NoHome", "host = \"copy\"", "host = \"none\"", "bad_target",
     "link push joins the host and a scope it cannot reach: bank\n"
     "  m.toml:29:1: link.push\n"
     "  hint: scope bank has host = \"none\""},
    {"CannotCompute", "element_access = \"read_write\"", "element_access = \"read\"", "bad_target",
     "kernels cannot compute on what is in bank\n"
     "  m.toml:13:1: scope.bank\n"
     "  hint: give it element access, or links to and from a scope that has it"},
    {"BarrierInLockstep", "kind = \"independent\"", "kind = \"lockstep\"\nbarrier = true",
     "bad_target",
     "level unit is lockstep; only independent levels have a barrier\n"
     "  m.toml:10:11: level.unit.barrier"},
    {"StageWithoutMeans", "stages = [\"host\"]", "stages = [\"unit\", \"host\"]", "bad_target",
     "level unit has no way to combine partial results\n"
     "  m.toml:42:10: reduction.stages\n"
     "  hint: it needs `combine` operations, or a `barrier` and a shared scope with element "
     "access"},
    {"HostNotLast", "stages = [\"host\"]", "stages = [\"host\", \"unit\"]", "bad_target",
     "\"host\" can only be the last stage\n"
     "  m.toml:42:10: reduction.stages"},
    {"LoadWithoutStore", "store = 1", "mod = 1", "bad_target",
     "i32 has `load` but no `store`\n"
     "  m.toml:43:1: numerics.i32"},
    {"NoHostThreads", "threads = 2", "threads = 0", "out_of_range",
     "host.threads is 0; it must be between 1 and 65536\n"
     "  m.toml:50:11"},
    {"NoHostRate", "threads = 2", "copy_bytes_per_ns = 0", "out_of_range",
     "host.copy_bytes_per_ns is 0; it must be more than 0\n"
     "  m.toml:50:21: host.copy_bytes_per_ns"},
    {"Broadcast", "to = \"host\"", "to = \"host\"\nbroadcast = true", "bad_target",
     "link pull cannot broadcast; only the host does\n"
     "  m.toml:40:13: link.pull.broadcast"},
    {"UnknownUserOfMode", "[host]", "[[mode]]\nname = \"reg\"\nneeded_by = [\"pusch\"]\n[host]",
     "unknown_name",
     "mode.reg.needed_by names \"pusch\", which is not defined\n"
     "  m.toml:51:13\n"
     "  hint: did you mean \"push\"?"},
    {"AxisOfIntrinsic", "[host]",
     "[[intrinsic]]\nname = \"mac\"\nbody = \"a += b\"\nlevel = \"unit\"\naxes = { k = 3 }\n[host]",
     "wrong_type",
     "intrinsic.mac.axes.k must be a table, not an integer\n"
     "  m.toml:53:14"},
};

INSTANTIATE_TEST_SUITE_P(All, TargetErrors, testing::ValuesIn(kCases),
                         [](const auto& chosen) { return std::string(chosen.param.name); });

TEST(TargetErrorsAround, TheMachineItselfIsValid) {
  const Result<TargetDesc> target = parse_target(kMachine, "m.toml");
  EXPECT_TRUE(target.has_value()) << target.error().message();
}

TEST(TargetErrorsAround, MissingFile) {
  const Result<TargetDesc> target = load_target("/nowhere/m.toml");
  ASSERT_FALSE(target.has_value());
  EXPECT_EQ(target.error().origin, Origin::user);
  EXPECT_EQ(target.error().message(),
            "cannot read the file: No such file or directory\n  /nowhere/m.toml\n"
            "  hint: check the path and its permissions");
}

TEST(TargetErrorsAround, FolderInsteadOfAFile) {
  const Result<TargetDesc> target = load_target("/");
  ASSERT_FALSE(target.has_value());
  EXPECT_EQ(target.error().what, "cannot read the file: Is a directory");
}

TEST(TargetErrorsAround, EmptyFile) {
  const Result<TargetDesc> target = parse_target("", "m.toml");
  ASSERT_FALSE(target.has_value());
  EXPECT_EQ(target.error().what, "the file has no `schema`");
}

TEST(TargetErrorsAround, TooLarge) {
  const Result<TargetDesc> target = parse_target(std::string(300000, '#'), "m.toml");
  ASSERT_FALSE(target.has_value());
  EXPECT_EQ(target.error().what, "the file has 300000 bytes; at most 262144 are read");
}

TEST(TargetErrorsAround, DeepKeys) {
  std::string deep = "\na";
  for (int i = 0; i < 300; ++i) deep += ".a";
  const Result<TargetDesc> keys = parse_target(deep + " = 1", "m.toml");
  ASSERT_FALSE(keys.has_value());
  EXPECT_EQ(
      keys.error().message(),
      "more than 200 dots in one line\n  m.toml:2:402\n  hint: break the line, or the nested key");
  const Result<TargetDesc> arrays = parse_target("a = " + std::string(5000, '['), "m.toml");
  ASSERT_FALSE(arrays.has_value());
  EXPECT_EQ(arrays.error().code, "toml_syntax");
}

TEST(TargetErrorsAround, CharactersBeyondAscii) {
  const std::string machine = kMachine;
  for (const char* fine : {"# \u00e9\n", "# it's \"\u00e9\n", "\xEF\xBB\xBF"}) {
    const Result<TargetDesc> target = parse_target(fine + machine, "m.toml");
    EXPECT_TRUE(target.has_value()) << target.error().message();
  }
  for (const char* quoted : {R"("é\"é")", R"('é"')", "'''\né'''''", R"("""a""""")"}) {
    std::string text = machine;
    text.replace(text.find("\"t\""), 3, quoted);
    const Result<TargetDesc> target = parse_target(text, "m.toml");
    EXPECT_TRUE(target.has_value()) << quoted << target.error().message();
  }
  for (const char* more : {"x = 5\"\u00e9\"", "x = 5 \"\u00e9\"", "x = \"\"\"\\ \u00e9\"\"\"",
                           "x = 1.'\u00e9'", "\u00e9 = 1", "x = \u00e9"}) {
    const Result<TargetDesc> target = parse_target(machine + "[plugin]\n" + more, "m.toml");
    ASSERT_FALSE(target.has_value());
    EXPECT_EQ(target.error().code, "toml_not_ascii") << more;
  }
  const Result<TargetDesc> key = parse_target(machine + "[plugin]\nx = 'a' \u00e9", "m.toml");
  ASSERT_FALSE(key.has_value());
  EXPECT_EQ(key.error().message(),
            "a character beyond ASCII stands outside of texts\n  m.toml:54:9\n"
            "  hint: put it into a text in quotes, or write it as \\u and four digits");
}

TEST(TargetErrorsAround, MalformedHeading) {
  const Result<TargetDesc> target = parse_target("[=]", "m.toml");
  ASSERT_FALSE(target.has_value());
  EXPECT_EQ(target.error().code, "toml_syntax");
  EXPECT_EQ(target.error().where, "m.toml:1:2");
}

std::string option_error(const std::map<std::string, std::string>& options) {
  Result<TargetDesc> target = parse_target(kMachine, "m.toml");
  const std::string before = model_key(*target, "");
  const Status status = apply_options(*target, options);
  EXPECT_EQ(model_key(*target, ""), before);
  if (status) return "no error";
  EXPECT_EQ(status.error().origin, Origin::user);
  return status.error().message();
}

TEST(OptionErrors, UnknownOptionNamesTheNearest) {
  EXPECT_EQ(option_error({{"unitts", "3"}}),
            "unknown option `unitts`\n  hint: did you mean \"units\"?");
}

TEST(OptionErrors, UnknownOptionNamesTheShortOnesWhereNoneIsNear) {
  EXPECT_THAT(option_error({{"frequency", "3"}}),
              ::testing::MatchesRegex("unknown option `frequency`\n  hint: known are clock_mhz, "
                                      "[a-z_, ]*units and the dotted keys of docs/targets.md"));
}

TEST(OptionErrors, BadValues) {
  EXPECT_EQ(option_error({{"units", "many"}}),
            "option units is \"many\"; it must be an integer of at least 1");
  EXPECT_EQ(option_error({{"units", "0"}}),
            "option units is \"0\"; it must be an integer of at least 1");
  EXPECT_EQ(option_error({{"units", "99999999999999999999"}}),
            "option units is \"99999999999999999999\"; it must be an integer between 1 and "
            "9223372036854775807");
  EXPECT_EQ(option_error({{"clock_mhz", "-1"}}),
            "option clock_mhz is \"-1\"; it must be a number of at least 0");
  EXPECT_EQ(option_error({{"host.threads", "2x"}}),
            "option host.threads is \"2x\"; it must be an integer of at least 1");
}

TEST(OptionErrors, TheResultIsChecked) {
  EXPECT_EQ(option_error({{"units", "3"}, {"scope.bank.capacity", "100"}}),
            "scope.bank.capacity is 100, not a multiple of scope.bank.granule, which is 8\n"
            "  scope.bank.capacity");
}

}  // namespace
}  // namespace pimjit
