#include "pimjit/jit/llvm/compile.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/tests/support/sample_ir.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

namespace pimjit {
namespace {

using test::parsed;
using ::testing::HasSubstr;

std::string directory() {
  const auto path = std::filesystem::path(testing::TempDir()) / "pimjit_compile_test";
  std::filesystem::remove_all(path);
  return path.string();
}

std::string read(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The path in "IR in <path>" at the end of `where`.
std::string ir_path(const Error& e) {
  const size_t at = e.where.rfind("IR in ");
  return at == std::string::npos ? std::string() : e.where.substr(at + 6);
}

const char* const kAdd = R"(
define i32 @add(i32 %a, i32 %b) {
  %c = add i32 %a, %b
  ret i32 %c
})";

// No machine has this intrinsic under that name and with these features: instruction selection
// takes LLVM's fatal path.
const char* const kCannotSelect = R"(
declare i32 @llvm.arm.qadd(i32, i32)
define i32 @f(i32 %a) {
  %c = call i32 @llvm.arm.qadd(i32 %a, i32 %a)
  ret i32 %c
})";

TEST(Compile, GivesAnObjectAndDumpsOnRequest) {
  CompileOptions options;
  options.keep_ir = options.keep_assembly = true;
  const auto object = compile(parsed(kAdd), options);
  ASSERT_TRUE(object.has_value()) << object.error().message();
  EXPECT_EQ(std::string(object->bytes.data(), 4), "\177ELF");
  EXPECT_THAT(object->ir, HasSubstr("@add"));
  EXPECT_THAT(object->assembly, HasSubstr("add:"));
  const auto plain = compile(parsed(kAdd));
  ASSERT_TRUE(plain.has_value());
  EXPECT_EQ(plain->ir + plain->assembly, "");
  EXPECT_EQ(plain->bytes, object->bytes);
}

TEST(Compile, RefusesTextThatIsNoIr) {
  const auto ir = IrModule::parse("sample", "define i32 @f(");
  ASSERT_FALSE(ir.has_value());
  EXPECT_EQ(ir.error().code, "invalid_ir");
  EXPECT_THAT(ir.error().message(), HasSubstr("this is not IR: expected type"));
  EXPECT_EQ(ir.error().where, "sample:1");
}

const char* const kUndominated = R"(
define i32 @f(i32 %a) {
entry:
  %b = add i32 %c, 1
  br label %next
next:
  %c = add i32 %a, 1
  ret i32 %b
})";

TEST(Compile, TheVerifierNamesTheMistakeAndTheIr) {
  CompileOptions options;
  options.verify = true;
  options.failure_directory = directory();
  const auto object = compile(parsed(kUndominated), options);
  ASSERT_FALSE(object.has_value());
  const Error& e = object.error();
  EXPECT_EQ(e.origin, Origin::internal);
  EXPECT_EQ(e.code, "invalid_ir");
  EXPECT_THAT(e.what, HasSubstr("module sample is not valid IR: Instruction does not dominate"));
  EXPECT_THAT(ir_path(e), HasSubstr(options.failure_directory + "/pimjit-sample-"));
  EXPECT_THAT(read(ir_path(e)), HasSubstr("%b = add i32 %c, 1"));
}

#ifndef NDEBUG
TEST(Compile, DebugBuildsVerifyUnasked) {
  CompileOptions options;
  options.failure_directory = directory();
  const auto object = compile(parsed(kUndominated), options);
  ASSERT_FALSE(object.has_value());
  EXPECT_EQ(object.error().code, "invalid_ir");
}
#endif

// What LLVM holds when it gives up in the middle of a pass cannot be freed (docs/lowering.md).
class LeaksAreExpected {
 public:
#ifdef __SANITIZE_ADDRESS__
  LeaksAreExpected() {
    __lsan_disable();
  }
  ~LeaksAreExpected() {
    __lsan_enable();
  }
#else
  LeaksAreExpected() {}
  ~LeaksAreExpected() {}
#endif
};

TEST(Compile, SurvivesLlvmsFatalPath) {
  const LeaksAreExpected leaks;
  CompileOptions options;
  options.failure_directory = directory();
  const auto object = compile(parsed(kCannotSelect), options);
  ASSERT_FALSE(object.has_value());
  const Error& e = object.error();
  EXPECT_EQ(e.code, "code_generator_failed");
  EXPECT_THAT(e.what, HasSubstr("LLVM gave up: Cannot select: intrinsic %llvm.arm.qadd"));
  EXPECT_THAT(e.hint, HasSubstr("report"));
  EXPECT_THAT(read(ir_path(e)), HasSubstr("@llvm.arm.qadd"));
  EXPECT_TRUE(compile(parsed(kAdd)).has_value()) << "the next module compiles all the same";
}

TEST(Compile, SurvivesErrorsThatLlvmReportsThroughItsContext) {
  CompileOptions options;
  options.failure_directory = directory();
  const auto object = compile(parsed(R"(
declare void @g() "dontcall-error"="not to be called"
define void @f() {
  call void @g()
  ret void
})"),
                              options);
  ASSERT_FALSE(object.has_value());
  const Error& e = object.error();
  EXPECT_EQ(e.code, "code_generator_failed");
  EXPECT_THAT(e.what, HasSubstr("LLVM could not compile module sample"));
  EXPECT_THAT(e.what, HasSubstr("not to be called"));
  EXPECT_THAT(read(ir_path(e)), HasSubstr("call void @g()"));
}

TEST(Compile, SaysWhenTheIrCannotBeWritten) {
  const LeaksAreExpected leaks;
  CompileOptions options;
  options.failure_directory = "/proc/no such directory";
  const auto object = compile(parsed(kCannotSelect), options);
  ASSERT_FALSE(object.has_value());
  EXPECT_EQ(object.error().where, "the IR could not be written");
}

}  // namespace
}  // namespace pimjit
