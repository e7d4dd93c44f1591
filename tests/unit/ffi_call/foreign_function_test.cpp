#include "pimjit/jit/ffi_call/foreign_function.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/support/text.h"
#include "pimjit/core/verify/direct_eval.h"
#include "pimjit/core/verify/test_data.h"
#include "pimjit/core/workload/notation.h"
#include "pimjit/jit/ffi_call/tensor_call.h"

namespace pimjit {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Workload workload(const std::string& computation, std::map<std::string, int64_t> sizes,
                  DType dtype = DType::i32) {
  return make_workload(computation, {.sizes = std::move(sizes), .dtype = dtype}).value();
}

TEST(CSignature, IsWhatOneWouldWrite) {
  const auto text = [](const Workload& w, bool sizes) {
    return to_text(c_signature(w, sizes), "f");
  };
  const Workload mtv = workload("mtv", {{"i", 4}, {"k", 3}});
  EXPECT_EQ(text(mtv, true),
            "int f(const int32_t* A, const int32_t* B, int32_t* C, int64_t i, int64_t k)");
  EXPECT_EQ(text(mtv, false), "int f(const int32_t* A, const int32_t* B, int32_t* C)");
  EXPECT_EQ(c_sizes(mtv), (std::vector<int64_t>{4, 3}));
  EXPECT_EQ(text(workload("gemv", {{"i", 4}, {"k", 3}}, DType::f32), false),
            "int f(float alpha, const float* A, const float* B, float* C)");
  const Workload chain =
      workload("T[i] += A[i,k] * B[k]; D[i] = max(T[i], 0)", {{"i", 4}, {"k", 3}}, DType::i16);
  EXPECT_EQ(text(chain, true),
            "int f(const int16_t* A, const int16_t* B, int32_t* D, int64_t i, int64_t k)");
}

// One parameter of each type, so that registers and the stack are both used.
extern "C" int mix(int8_t a, int16_t b, int32_t c, int64_t d, float e, const int8_t* f,
                   int64_t* out, int64_t g, int64_t h) {
  *out = a + 2 * b + 3 * c + 4 * d + static_cast<int64_t>(e * 2) + 6 * *f + 7 * g + 8 * h;
  return -3;
}
CSignature signature_of_mix() {
  return {{{"a", DType::i8},
           {"b", DType::i16},
           {"c", DType::i32},
           {"d", DType::i64},
           {"e", DType::f32},
           {"f", DType::i8, true},
           {"out", DType::i64, true, true},
           {"g", DType::i64},
           {"h", DType::i64}}};
}

TEST(ForeignFunction, PassesEveryType) {
  const auto function = ForeignFunction::at(reinterpret_cast<void*>(mix), "mix");
  int8_t f = -5;
  int64_t out = 0;
  std::vector<CValue> arguments{
      int8_t{-1}, int16_t{-300},          int32_t{1 << 20},         int64_t{1} << 40,
      2.5F,       static_cast<void*>(&f), static_cast<void*>(&out), int64_t{-7},
      int64_t{8}};
  const auto answer = function.call(signature_of_mix(), arguments);
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(*answer, -3);
  EXPECT_EQ(out, -1 - 600 + (int64_t{3} << 20) + (int64_t{4} << 40) + 5 - 30 - 49 + 64);
  arguments[2] = int64_t{1};
  const auto refused = function.call(signature_of_mix(), arguments);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "foreign_call");
  EXPECT_THAT(refused.error().message(),
              StartsWith("9 arguments do not fit the signature\n  int mix("));
}

TEST(CFunction, IsCalledAsItsSignatureSays) {
  int64_t sum = 0;
  const auto function = CFunction::make(signature_of_mix(), [&](void* const* arguments) {
    sum = *static_cast<int8_t*>(arguments[0]) + *static_cast<int64_t*>(arguments[8]);
    **static_cast<int64_t**>(arguments[6]) = 99;
    return -4;
  });
  ASSERT_TRUE(function) << function.error().message();
  int8_t f = 0;
  int64_t out = 0;
  EXPECT_EQ(function->as<decltype(mix)>()(-1, 0, 0, 0, 0, &f, &out, 0, 11), -4);
  EXPECT_EQ(sum, 10);
  EXPECT_EQ(out, 99);
}

// A folder of this process with a library of reference functions, compiled once.
class LibraryOfTheUser : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::filesystem::create_directories(kFolder);
    std::ofstream(kFolder + "/ref.c")
        << "#include <stdint.h>\n"
           "int gemv(int32_t alpha, const int32_t* A, const int32_t* B, int32_t* C, int64_t i,\n"
           "         int64_t k) {\n"
           "  for (int64_t r = 0; r < i; ++r) {\n"
           "    uint32_t sum = 0;\n"
           "    for (int64_t x = 0; x < k; ++x) sum += (uint32_t)alpha * A[r * k + x] * B[x];\n"
           "    C[r] = (int32_t)sum;\n"
           "  }\n"
           "  return 0;\n"
           "}\n"
           "int refuses() { return 7; }\n";
    const std::string command =
        "cc -O1 -shared -fPIC -o '" + kFolder + "/ref.so' '" + kFolder + "/ref.c'";
    compiled_ = std::system(command.c_str()) == 0;
    std::ofstream(kFolder + "/text.so") << "no library\n";
  }
  void SetUp() override {
    if (!compiled_) GTEST_SKIP() << "there is no cc";
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(kFolder); }
  static inline const std::string kFolder = cat(PIMJIT_BINARY_DIR "/tests/ffi_call.", ::getpid());
  static inline bool compiled_ = false;
};

TEST_F(LibraryOfTheUser, ComputesAWorkload) {
  const auto gemv = ForeignFunction::load(kFolder + "/ref.so:gemv");
  ASSERT_TRUE(gemv) << gemv.error().message();
  EXPECT_EQ(gemv->name(), kFolder + "/ref.so:gemv");
  const Workload w = workload("gemv", {{"i", 9}, {"k", 5}});
  const std::vector<HostTensor> inputs = gate_inputs(w, 1);
  const auto output = call_on_inputs(*gemv, w, inputs);
  ASSERT_TRUE(output) << output.error().message();
  const HostTensor expected = evaluate_directly(w, inputs).value().back();
  for (int64_t i = 0; i < 9; ++i) EXPECT_EQ(output->integer(i), expected.integer(i));
}

TEST_F(LibraryOfTheUser, SaysWhatIsWrongWithIt) {
  const auto message = [](const std::string& what) {
    const auto loaded = ForeignFunction::load(what);
    return loaded ? std::string("loaded") : loaded.error().message();
  };
  const std::string ref = kFolder + "/ref.so", text = kFolder + "/text.so";
  EXPECT_EQ(message("mtv"), "'mtv' is not LIBRARY:SYMBOL\n  hint: such as ./libref.so:mtv");
  EXPECT_EQ(message("lib.so:"), "'lib.so:' is not LIBRARY:SYMBOL\n  hint: such as ./libref.so:mtv");
  EXPECT_EQ(message(":mtv"), "':mtv' is not LIBRARY:SYMBOL\n  hint: such as ./libref.so:mtv");
  EXPECT_EQ(message("libm.so.6:sin"),
            "cannot open the library: No such file or directory\n  libm.so.6");
  EXPECT_THAT(message(text + ":mtv"), StartsWith("the library does not load: "));
  EXPECT_THAT(message(text + ":mtv"),
              HasSubstr("\n  hint: a shared library for this machine is needed: cc -shared -fPIC"));
  EXPECT_EQ(message(ref + ":mtv"), "the library does not export 'mtv'\n  " + ref +
                                       "\n  hint: `nm -D " + ref +
                                       "` lists what it does; C++ needs extern \"C\"");
  EXPECT_THAT(message(kFolder + ":mtv"), StartsWith("the library does not load: "));
}

TEST_F(LibraryOfTheUser, MayRefuse) {
  const auto refuses = ForeignFunction::load(kFolder + "/ref.so:refuses");
  ASSERT_TRUE(refuses);
  const Workload w = workload("va", {{"i", 3}});
  const auto output = call_on_inputs(*refuses, w, gate_inputs(w, 1));
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, "foreign_failed");
  EXPECT_EQ(output.error().what, kFolder + "/ref.so:refuses returned 7, not 0");
}

}  // namespace
}  // namespace pimjit
