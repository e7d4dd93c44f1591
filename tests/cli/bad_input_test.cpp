// Each bad input: one clear message, the right exit status, nothing written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "pimjit/core/verify/npy.h"
#include "pimjit/tests/cli/command_line.h"

namespace pimjit {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

struct Case {
  const char* arguments;
  const char* message;  // all of standard error
};

void expect_refused(const Case& c, int status) {
  const Ran ran = pimjit_command(c.arguments);
  EXPECT_EQ(ran.status, status) << c.arguments;
  EXPECT_EQ(ran.err, std::string(c.message) + "\n") << c.arguments;
  EXPECT_EQ(ran.out, "") << c.arguments;
  EXPECT_TRUE(fs::is_empty(scratch())) << c.arguments;
}

TEST(BadInput, CommandsAndOptions) {
  for (const Case& c : {
           Case{"rnu mtv",
                "error[unknown_command]: 'rnu' is no command of pimjit\n  hint: did you mean run?"},
           Case{"tune mtv --size i=4,k=3 --target toy --no-db --timeout 3",
                "error[contradictory_options]: --timeout needs processes that can be ended, and "
                "there are none\n  hint: add --isolate"},
           Case{"tune mtv --size i=4,k=3 --target toy --db a.db --no-db",
                "error[contradictory_options]: --db names a database and --no-db asks for none"},
           Case{"tune mtv --size i=4,k=3 --target toy --no-db --fresh",
                "error[contradictory_options]: --fresh measures again what a database has, and "
                "--no-db asks for none"},
           Case{"tune mtv --size i=4,k=3 --target toy --no-db --strategy grid --model none",
                "error[contradictory_options]: --model orders candidates, and --strategy random "
                "and grid do not"},
           Case{"db stats --db /nonexistent/a.db",
                "error[database_missing]: there is no record database\n  /nonexistent/a.db\n  "
                "hint: `pimjit tune` makes one"},
           Case{
               "run mtv --siez i=4",
               "error[unknown_option]: '--siez' is no option of run\n  hint: did you mean --size?"},
           Case{"run",
                "error[command_line]: computation is required\n  hint: see pimjit run --help"},
           Case{"run mtv i=3 --size i=4,k=3",
                "error[extra_argument]: 'i=3' is one argument too many\n  hint: extents go behind "
                "--size: --size i=4096,k=70"},
           Case{"run mtv 4096x4096",
                "error[extra_argument]: '4096x4096' is one argument too many\n  hint: extents go "
                "behind --size: --size i=4096,k=70"},
           Case{"run C[i] += A[i]",
                "error[extra_argument]: '+=' is one argument too many\n  hint: put index notation "
                "in quotes"},
           Case{"targets all", "error[extra_argument]: 'all' is one argument too many"},
           Case{"run mtv --target toy --target lockstep",
                "error[repeated_name]: --target is given more than once"},
           Case{"run mtv --size i=4,k=3 --dtype i8,i16",
                "error[repeated_name]: --dtype gives two types for all inputs\n  hint: give one "
                "tensor its own: --dtype A=i8"},
           Case{"run mtv --size", "error[option_syntax]: --size needs a value"},
           Case{"run mtv --seed x",
                "error[option_syntax]: --seed: 'x' is not a whole number between 0 and "
                "9223372036854775807"},
           Case{"run mtv --seed -1",
                "error[option_syntax]: --seed: '-1' is not a whole number between 0 and "
                "9223372036854775807"},
           Case{"run mtv --seed 9223372036854775808",
                "error[option_syntax]: --seed: '9223372036854775808' is not a whole number between "
                "0 and 9223372036854775807"},
           Case{"run mtv --size i4",
                "error[option_syntax]: --size: 'i4' is not AXIS=NUMBER, such as i=4096"},
           Case{"run mtv --size i=4,i=5", "error[repeated_name]: --size names 'i' twice"},
           Case{"run mtv --size i=4,k=99999999999999999999",
                "error[bad_size]: size k=99999999999999999999 is not between 0 and "
                "70368744177664"},
           Case{
               "run mtv --size i=4,k=3 --dtype i33",
               "error[unknown_dtype]: --dtype: 'i33' is no element type\n  hint: types: i8 i16 i32 "
               "i64 f32"},
           Case{"run mtv --size i=4,k=3 --range A=0-3",
                "error[option_syntax]: --range: 'A=0-3' is not TENSOR=LOW..HIGH, such as A=0..49"},
           Case{"show mtv --size i=4,k=3 --target toy --dump=hots",
                "error[unknown_dump]: --dump: there is nothing called 'hots'\n  known: ir, host, "
                "kernel, llvm, asm, passes, schedule\n  hint: did you mean 'host'?"},
       }) {
    expect_refused(c, 1);
  }
}

TEST(BadInput, Notation) {
  for (const Case& c : {
           Case{"run mtvv --size i=1",
                "error[unknown_operator]: 'mtvv' is no operator\n  hint: did you mean 'mtv'?"},
           Case{"run 'C[i] += A[i,k * B[k]' --size i=1,k=2",
                "error[notation_syntax]: expected a whole number but found 'B'\n  column 17:\n    "
                "C[i] += A[i,k * B[k]\n                    ^\n  hint: an index is a sum of axes "
                "times whole numbers"},
           Case{"run mtv --size i=4",
                "error[axis_without_size]: axis k has no size\n  column 13:\n    C[i] += A[i,k] * "
                "B[k]\n                ^\n  hint: give one, for example k=1024"},
           Case{"run mtv --size i=4,k=3,z=3",
                "error[unknown_axis]: size z=3 for 'z', which is no axis\n  C[i] += A[i,k] * "
                "B[k]\n  hint: known: i, k"},
           Case{"run mtv --size i=-4,k=2",
                "error[bad_size]: size i=-4 is not between 0 and 70368744177664\n  column 3:\n    "
                "C[i] += A[i,k] * B[k]\n      ^"},
           Case{"run mtv --size i=4,k=3 --dtype A=f32,B=i32",
                "error[mixed_dtypes]: mixed dtypes: A is f32 and B is i32, and neither holds every "
                "value of the other\n  column 18:\n    C[i] += A[i,k] * B[k]\n                     "
                "^\n  hint: give both one type, or declare an output type that holds both"},
           Case{"run mtv --size i=4,k=3 --range A=0..300 --dtype i8",
                "error[bad_range]: the bound 300 of the range of A is no value of i8\n  C[i] += "
                "A[i,k] * B[k]\n  hint: i8 holds -128..127"},
       }) {
    expect_refused(c, 1);
  }
  const Ran ran = pimjit_command("run mtv --size i=99999999,k=99999999 --target toy");
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.err, HasSubstr("error[too_large]: "));
}

TEST(BadInput, Targets) {
  expect_refused({"run mtv --size i=4,k=3 --target toy:unit=",
                  "error[bad_option]: option unit is \"\"; it must be an integer of at least 1\n  "
                  "target toy:unit="},
                 1);
  expect_refused({"run mtv --size i=4,k=3 --target toy:untis=3",
                  "error[unknown_option]: unknown option `untis`\n  target toy:untis=3\n  hint: "
                  "did you mean \"unit\"?"},
                 1);
  const Ran unknown = pimjit_command("run mtv --size i=4,k=3 --target tyo");
  EXPECT_EQ(unknown.status, 1);
  EXPECT_THAT(unknown.err,
              HasSubstr("error[unknown_target]: there is no target \"tyo\"\n  known targets: "));
  for (const char* known : {"faulty", "lockstep", "toy", "\n  folders searched: "})
    EXPECT_THAT(unknown.err, HasSubstr(known));
  EXPECT_THAT(unknown.err, HasSubstr("hint: did you mean \"toy\"?"));
  const Ran none = pimjit_command("run mtv --size i=4,k=3", "PIMJIT_PLUGIN_PATH=/nonexistent");
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.err, HasSubstr("error[no_target]: "));
  const Ran several = pimjit_command("run mtv --size i=4,k=3");
  EXPECT_EQ(several.status, 1);
  EXPECT_THAT(several.err, HasSubstr(" targets, and none was chosen\n  known targets: "));
}

TEST(BadInput, Numbers) {
  for (const Case& c : {
           Case{"tune mtv --size i=4,k=3 --target toy --trials -5",
                "error[command_line]: --trials: '-5' is no number of at least 0"},
           Case{"tune mtv --size i=4,k=3 --target toy --seconds soon",
                "error[command_line]: --seconds: 'soon' is no number of at least 0"},
           Case{"tune mtv --size i=4,k=3 --target toy --isolate --timeout 0",
                "error[command_line]: --timeout: '0' is no number above 0"},
       }) {
    const std::string all = std::string(c.message) + "\n  hint: see pimjit tune --help";
    expect_refused({c.arguments, all.c_str()}, 1);
  }
}

// --db is missing, and there is no home folder for a database of one's own.
TEST(BadInput, NoPlaceForTheDatabase) {
  const std::string nowhere = "HOME= XDG_DATA_HOME= PIMJIT_DB=";
  const std::string said =
      "error[database_missing]: there is no home folder for the record database\n  hint: ";
  for (const char* command : {"run mtv --size i=4,k=3 --target toy --schedule best", "db stats",
                              "replay mtv --size i=4,k=3 --target toy"}) {
    const Ran ran = pimjit_command(command, nowhere);
    EXPECT_EQ(ran.status, 1) << command;
    EXPECT_EQ(ran.err, said + "name a file with --db\n") << command;
  }
  EXPECT_EQ(pimjit_command("tune mtv --size i=4,k=3 --target toy --trials 1", nowhere).err,
            said + "name a file with --db, or use --no-db\n");
}

TEST(BadInput, Schedules) {
  expect_refused({"run mtv --size i=4,k=3 --target toy --schedule best --db /nonexistent/a.db",
                  "error[database_missing]: there is no record database\n  /nonexistent/a.db\n  "
                  "hint: `pimjit tune` makes one"},
                 1);
  expect_refused({"run mtv --size i=4,k=3 --target toy --schedule nofile",
                  "error[unreadable_file]: cannot read the schedule file 'nofile'\n  nofile\n  "
                  "hint: --schedule takes default, best, or the path of a trace"},
                 1);
  expect_refused({"run mtv --size i=4,k=3 --target toy --schedule /",
                  "error[unreadable_file]: cannot read the schedule file '/'\n  /\n  "
                  "hint: --schedule takes default, best, or the path of a trace"},
                 1);
  expect_refused(
      {"run mtv --size i=4,k=3 --target toy --schedule /dev/zero",
       "error[unreadable_file]: a schedule file has at most 1048576 bytes\n  /dev/zero\n  "
       "hint: --schedule takes default, best, or the path of a trace"},
      1);
  write_file(scratch() / "bad.trace", "i.0, i.1 = split(i, 2)\nbnid(i.0, unit)\n");
  const Ran ran = pimjit_command("run mtv --size i=4,k=3 --target toy --schedule bad.trace");
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.err, HasSubstr("error[bad_trace]: "));
  EXPECT_THAT(ran.err, HasSubstr("bad.trace: line 2"));
}

class Tensors : public ::testing::Test {
 protected:
  void given(const std::string& name, DType dtype, const std::vector<int64_t>& shape) {
    ASSERT_TRUE(write_npy(scratch() / name, HostTensor(dtype, shape)));
  }
  static void expect(const std::string& input, const std::string& message) {
    const Ran ran =
        pimjit_command("run mtv --size i=4,k=3 --target toy --output c.npy --input " + input);
    EXPECT_EQ(ran.status, 1) << ran.out;
    EXPECT_EQ(ran.err, message + "\n");
    EXPECT_FALSE(fs::exists(scratch() / "c.npy"));
  }
};

TEST_F(Tensors, ThatDoNotFit) {
  given("rank.npy", DType::i32, {4});
  given("shape.npy", DType::i32, {3, 4});
  given("type.npy", DType::f32, {4, 3});
  expect("A=rank.npy",
         "error[wrong_rank]: tensor A has 2 dimensions, the file has 1\n  --input A=rank.npy\n  "
         "hint: the computation wants the shape 4x3");
  expect("A=shape.npy",
         "error[wrong_shape]: tensor A has the shape 4x3, the file has 3x4\n  --input "
         "A=shape.npy\n  hint: change --size, or give another file");
  expect("A=type.npy",
         "error[wrong_dtype]: tensor A has elements of i32, the file has f32\n  --input "
         "A=type.npy\n  hint: convert the file, or give --dtype A=f32");
  expect("Q=rank.npy",
         "error[unknown_tensor]: --input: 'Q' is no input\n  inputs: A, B\n  hint: did you mean "
         "'A'?");
  expect("A=absent.npy", "error[file_error]: cannot read: No such file or directory\n  absent.npy");
  write_file(scratch() / "text.npy", "hello");
  const Ran ran = pimjit_command("run mtv --size i=4,k=3 --target toy --input A=text.npy");
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.err, HasSubstr("error[bad_npy]: "));
}

TEST_F(Tensors, OutsideTheirRangeWhenThatIsChecked) {
  HostTensor a(DType::i32, {4, 3});
  a.set_integer(7, 50);
  ASSERT_TRUE(write_npy(scratch() / "a.npy", a));
  const std::string command =
      "run mtv --size i=4,k=3 --target toy --range A=0..49 --input A=a.npy --output c.npy";
  const Ran ran = pimjit_command(command + " --check-ranges");
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.err, HasSubstr("A[2,1]"));
  EXPECT_THAT(ran.err, HasSubstr("50"));
  EXPECT_THAT(ran.err, HasSubstr("0..49"));
  EXPECT_FALSE(fs::exists(scratch() / "c.npy"));
}

TEST(BadInput, OutputsThatCannotBeWritten) {
  expect_refused({"run mtv --size i=4,k=3 --target toy --output /nonexistent/c.npy",
                  "error[unwritable_output]: cannot write '/nonexistent/c.npy': there is no folder "
                  "'/nonexistent'\n  --output\n  hint: nothing was run; choose a folder you can "
                  "write to"},
                 1);
  expect_refused(
      {"run mtv --size i=4,k=3 --target toy --output D=c.npy",
       "error[unknown_tensor]: --output: 'D' is no output\n  outputs: C\n  hint: did you "
       "mean 'C'?"},
      1);
  for (const char* command : {"version", "targets", "--help", "--version"}) {
    const Ran full = pimjit_command(std::string(command) + " > /dev/full 2> err #");
    EXPECT_EQ(full.status, 1) << command;
    EXPECT_THAT(read_file(scratch() / "err"), HasSubstr("error[unwritable_output]: ")) << command;
  }
}

// Renaming a finished file to it would put a file in the place of the pipe.
TEST(BadInput, AnOutputThatIsNoFileStaysWhatItIs) {
  const fs::path pipe = scratch() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const Ran ran = pimjit_command("run mtv --size i=4,k=3 --target toy --output pipe");
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err,
            "error[unwritable_output]: cannot write 'pipe': it is not a regular file\n  --output\n"
            "  hint: nothing was run; choose a folder you can write to\n");
  EXPECT_TRUE(fs::is_fifo(pipe));
}

// The target's limit is found before memory for the inputs is asked for.
TEST(BadInput, SizesThatTheTargetCannotHold) {
  const Ran ran = pimjit_command("run mtv --size i=1000000000,k=10000 --target toy");
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("error[scope_overflow]: scope bank needs "));
  EXPECT_THAT(ran.err, HasSubstr(" B and has 1048576 B"));
}

// A schedule for the host knows no limit of the target.
TEST(BadInput, SizesThatMemoryCannotHold) {
  write_file(scratch() / "host.trace", "");
  const Ran ran =
      pimjit_command("run va --size i=70000000000000 --target toy --schedule host.trace",
                     "ASAN_OPTIONS=allocator_may_return_null=1");
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err,
              HasSubstr("error[out_of_memory]: memory ran out\n  hint: use smaller sizes\n"));
}

TEST(BadInput, PluginPathsThatLeadNowhere) {
  const char* alone = "PIMJIT_PLUGIN_PATH=";
  const Ran option = pimjit_command("run va --size i=4 --target toy --plugin /nonexistent", alone);
  EXPECT_EQ(option.status, 1);
  EXPECT_THAT(option.err, HasSubstr("\n  skipped '/nonexistent': there is no /nonexistent\n  hint: "
                                    "name a manifest, or a folder with one\n"));
  const Ran variable =
      pimjit_command("run va --size i=4 --target toy", "PIMJIT_PLUGIN_PATH=relative");
  EXPECT_EQ(variable.status, 1);
  EXPECT_THAT(variable.err,
              HasSubstr("\n  skipped 'relative': PIMJIT_PLUGIN_PATH has \"relative\", a "
                        "relative path\n  hint: write absolute paths"));
  fs::create_directory(scratch() / "mine");
  const Ran folder = pimjit_command("plugin-check mine");
  EXPECT_EQ(folder.status, 1);
  EXPECT_THAT(folder.err, HasSubstr("error[unknown_target]: there is no target \"mine\""));
  EXPECT_THAT(folder.err, HasSubstr("hint: for the file or folder of that name write ./mine\n"));
}

TEST(BadInput, AFailureIsOneJsonObjectToo) {
  for (const char* arguments : {"run mtv --size i=4 --json", "run mtv --siez i=4 --json"}) {
    const Ran ran = pimjit_command(arguments);
    EXPECT_EQ(ran.status, 1);
    const auto error = ran.json()["error"];
    EXPECT_EQ(error["origin"], "user");
    EXPECT_THAT(ran.err, HasSubstr("error[" + error["code"].get<std::string>() +
                                   "]: " + error["what"].get<std::string>()));
  }
}

// A plugin that fails in, or answers nonsense from, each of its functions.
class FaultyPlugin : public ::testing::TestWithParam<const char*> {};

TEST_P(FaultyPlugin, IsTheTargetsErrorAndWritesNothing) {
  for (const char* kind : {"fail", "nonsense"}) {
    const Ran ran =
        pimjit_command(std::string("run va --size i=40 --output c.npy --target faulty:") + kind +
                       "=" + GetParam());
    EXPECT_EQ(ran.status, 2) << kind << "\n" << ran.out << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("error["));
    EXPECT_THAT(ran.err, HasSubstr(std::string(GetParam()) + "()"));
    EXPECT_FALSE(fs::exists(scratch() / "c.npy"));
  }
}
INSTANTIATE_TEST_SUITE_P(Functions, FaultyPlugin,
                         ::testing::Values("create", "describe", "build_kernel", "open", "alloc",
                                           "load", "copy", "launch", "wait", "query"));

}  // namespace
}  // namespace pimjit
