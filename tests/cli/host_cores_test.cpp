// The host's cores as a target, reference functions of the user's, and dumps of compiled code.
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/core/verify/npy.h"
#include "pimjit/tests/cli/command_line.h"

namespace pimjit {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
namespace fs = std::filesystem;

constexpr char kReference[] = R"(
#include <stdint.h>
int mtv(const int32_t* A, const int32_t* B, int32_t* C, int64_t i, int64_t k) {
  for (int64_t r = 0; r < i; ++r) {
    uint32_t sum = 0;
    for (int64_t x = 0; x < k; ++x) sum += (uint32_t)A[r * k + x] * (uint32_t)B[x];
    C[r] = (int32_t)sum;
  }
  return 0;
}
int axpy(float a, const float* X, const float* Y, float* Z, int64_t i) {
  for (int64_t n = 0; n < i; ++n) Z[n] = a * X[n] + Y[n];
  return 0;
}
int sevens(const int32_t* A, const int32_t* B, int32_t* C, int64_t i, int64_t k) {
  for (int64_t r = 0; r < i; ++r) C[r] = 7;
  return 0;
}
int refuses() { return 3; }
)";

// Compiled once for all tests of this file.
const std::string& reference_library() {
  static const std::string path = [] {
    const fs::path folder = fs::path(PIMJIT_BINARY_DIR) / "tests/cli_reference";
    write_file(folder / "ref.c", kReference);
    const std::string library = (folder / "ref.so").string();
    const std::string command =
        "cc -O1 -shared -fPIC -o '" + library + "' '" + (folder / "ref.c").string() + "'";
    return std::system(command.c_str()) == 0 ? library : std::string();
  }();
  return path;
}

Ran verified(const std::string& arguments) {
  const Ran ran = pimjit_command(arguments + " --json");
  EXPECT_EQ(ran.status, 0) << arguments << "\n" << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("\"verified\":true")) << arguments;
  return ran;
}

TEST(HostCores, AreTunedByWholeCallsThatAreChecked) {
  const fs::path records = fs::path(PIMJIT_BINARY_DIR) / "tests/host_cores_tune.db";
  fs::remove(records);
  const std::string workload =
      "gemm --size i=48,j=40,k=33 --dtype f32 --target cpu --db " + records.string();
  const Ran tuned = pimjit_command("tune " + workload + " --trials 12 --seed 1");
  EXPECT_EQ(tuned.status, 0) << tuned.err << tuned.out;
  EXPECT_THAT(tuned.out, HasSubstr("  verified  yes: 1920 elements"));
  EXPECT_THAT(tuned.out, ::testing::Not(HasSubstr("device_error")));
  verified("run " + workload + " --schedule best --verify");
}

TEST(HostCores, RunsRealUses) {
  for (const char* arguments : {
           "run mtv --size i=100,k=70 --target cpu --verify",
           "run mtv --size i=100,k=70 --target cpu:threads=1 --dtype f32 --verify",
           "run va --size i=1000 --target cpu --dtype i64 --verify",
           "run red --size i=3000 --target cpu --dtype i8 --verify",
           "run gemm --size i=33,j=40,k=50 --target cpu --dtype f32 --verify",
           "run 'C:i32[i] += A:i8[i,k] * B:i8[k]' --size i=70,k=90 --target cpu --verify",
           "run 'C[i] = max(A[i] - B[i], 0)' --size i=77 --target cpu --range A=0..49 --verify",
           "run 'T[i] += A[i,k] * B[k]; D[i] = max(T[i], 0)' --size i=40,k=30 --target cpu "
           "--verify",
           "run 'C[i] = A[i] + A[i+1]' --size i=99 --target cpu --verify",
           "run mtv --size i=0,k=5 --target cpu --verify",
       }) {
    verified(arguments);
  }
}

TEST(HostCores, ReadsAndWritesFiles) {
  const Ran ran = pimjit_command("run va --size i=4 --target cpu --output C=c.npy --seed 3");
  ASSERT_EQ(ran.status, 0) << ran.err;
  const auto output = read_npy((scratch() / "c.npy").string());
  ASSERT_TRUE(output) << output.error().message();
  EXPECT_EQ(output->shape(), (std::vector<int64_t>{4}));
}

TEST(HostCores, TimesAreMeasured) {
  const Ran ran = verified("run mtv --size i=100,k=70 --target cpu --verify");
  EXPECT_EQ(ran.json()["timing"]["origin"], "measured");
  EXPECT_EQ(ran.json()["timing"]["h2d_ns"], 0);
  EXPECT_GT(ran.json()["timing"]["kernel_ns"], 0);
  EXPECT_EQ(ran.json()["verification"]["reference"], "direct evaluation");
}

TEST(Reference, IsTheGate) {
  if (reference_library().empty()) GTEST_SKIP() << "there is no cc";
  const std::string lib = reference_library();
  for (const char* target : {"cpu", "toy", "lockstep"}) {
    const Ran ran = verified("run mtv --size i=60,k=31 --target " + std::string(target) +
                             " --reference " + lib + ":mtv");
    EXPECT_EQ(ran.json()["verification"]["reference"], lib + ":mtv");
    EXPECT_EQ(ran.json()["verification"]["method"], "exact");
  }
  // A scalar goes by value.
  verified("run 'Z[i] = a * X[i] + Y[i]' --size i=500 --dtype f32 --target cpu --reference " + lib +
           ":axpy");
  const Ran text =
      pimjit_command("run mtv --size i=6,k=3 --target cpu --reference " + lib + ":mtv");
  EXPECT_THAT(text.out, HasSubstr("verified  yes: 6 elements equal, max error 0, against " + lib));
}

TEST(Reference, ThatDiffersIsTheUsers) {
  if (reference_library().empty()) GTEST_SKIP() << "there is no cc";
  const std::string lib = reference_library();
  const Ran ran = pimjit_command(
      "run mtv --size i=6,k=3 --seed 2 --target toy --output C=c.npy "
      "--reference " +
      lib + ":sevens");
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.err, StartsWith("error[reference_differs]: "));
  EXPECT_THAT(ran.err, HasSubstr("expected 7, found "));
  EXPECT_THAT(ran.err, HasSubstr(" by " + lib +
                                 ":sevens\n  target toy\n  hint: direct evaluation of the notation "
                                 "agrees with the result: look at the reference function\n"));
  EXPECT_FALSE(fs::exists(scratch() / "c.npy"));
}

TEST(Show, DumpsCompiledCode) {
  const std::string show = "show mtv --size i=64,k=32 --target cpu --dump=";
  const Ran ir = pimjit_command(show + "llvm");
  EXPECT_EQ(ir.status, 0) << ir.err;
  EXPECT_THAT(ir.out, StartsWith("// kernel mtv\n; ModuleID = 'mtv'\n"));
  EXPECT_THAT(ir.out, HasSubstr("define "));
  const Ran assembly = pimjit_command(show + "asm");
  EXPECT_EQ(assembly.status, 0) << assembly.err;
  EXPECT_THAT(assembly.out, StartsWith("// kernel mtv\n"));
  EXPECT_THAT(assembly.out, HasSubstr("\n\t.globl\trun\n"));
  EXPECT_THAT(pimjit_command(show + "ir").out, HasSubstr("kernel mtv"));
}

TEST(HostCores, RefusesBadInput) {
  struct Case {
    std::string arguments, message;
    int status = 1;
  };
  const std::string lib = reference_library().empty() ? "/nonexistent" : reference_library();
  std::vector<Case> cases{
      {"run mtv --size i=4,k=3 --target cpuu",
       "error[unknown_target]: there is no target \"cpuu\""},
      {"run mtv --size i=4,k=3 --target cpu:thread=2",
       "error[unknown_option]: unknown option `thread`\n  target cpu:thread=2\n  hint: did you "
       "mean "
       "\"threads\"?"},
      {"run mtv --size i=4,k=3 --target cpu:threads=-1",
       "error[invalid_argument]: option threads=-1 is no number from 0 to 1024\n"},
      {"run mtv --size i=4,k=3 --target cpu:threads=many",
       "error[invalid_argument]: option threads=many is no number from 0 to 1024\n"},
      {"run mtv --size i=4,k=3 --target cpu --reference mtv",
       "error[option_syntax]: --reference: 'mtv' is not LIBRARY:SYMBOL\n  hint: such as "
       "./libref.so:mtv\n"},
      {"run mtv --size i=4,k=3 --target cpu --reference none.so:mtv",
       "error[library_missing]: --reference: cannot open the library: No such file or directory\n  "
       "none.so\n"},
      {"run mtv --size i=4,k=3 --target cpu --reference /etc/passwd:mtv",
       "error[library_unloadable]: --reference: the library does not load: /etc/passwd: "},
      {"show mtv --size i=4,k=3 --target toy --dump=llvm",
       "error[no_such_dump]: --dump=llvm: plugin toy does not show it\n  target toy\n  hint: "
       "--dump=ir shows the kernels, --dump=kernel what the plugin says of their images\n"},
      {"show mtv --size i=4,k=3 --target sim --dump=llvm",
       "error[no_such_dump]: --dump=llvm: plugin sim does not show it\n  target sim\n  hint: "},
      {"show mtv --size i=4,k=3 --target cpu --dump=lvm",
       "error[unknown_dump]: --dump: there is nothing called 'lvm'\n  known: ir, host, kernel, "
       "llvm, asm, passes, schedule\n  hint: did you mean 'llvm'?\n"},
      {"run mtv --size i=99999999,k=9999 --target cpu --reference none.so:mtv",
       "error[library_missing]: "},
  };
  if (!reference_library().empty()) {
    cases.push_back(
        {"run mtv --size i=4,k=3 --target cpu --reference " + lib + ":ger",
         "error[symbol_missing]: --reference: the library does not export 'ger'\n  " + lib +
             "\n  hint: export `int ger(const int32_t* A, const int32_t* B, int32_t* C, "
             "int64_t i, int64_t k)`, in C++ as extern \"C\"\n"});
    cases.push_back({"run mtv --size i=4,k=3 --target cpu --reference " + lib + ":refuses",
                     "error[foreign_failed]: " + lib + ":refuses returned 3, not 0\n"});
  }
  for (const Case& c : cases) {
    const Ran ran = pimjit_command(c.arguments);
    EXPECT_EQ(ran.status, c.status) << c.arguments << "\n" << ran.err;
    EXPECT_THAT(ran.err, StartsWith(c.message)) << c.arguments;
    EXPECT_EQ(ran.out, "") << c.arguments;
  }
}

}  // namespace
}  // namespace pimjit
