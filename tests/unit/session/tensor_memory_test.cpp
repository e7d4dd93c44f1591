// The application's memory as calls use it: any address, any strides, shared, and not a byte
// beyond.
#include <cstring>

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pimjit/tests/unit/session/sessions.h"

namespace pimjit {
namespace {

using test::CallData;
using test::session_options;

// Memory with a page on each side that must not be touched. `at_end`: the bytes end where the upper
// one begins.
class GuardedTensor {
 public:
  GuardedTensor(const HostTensor& from, bool at_end) {
    const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
    const auto bytes = static_cast<size_t>(from.bytes());
    size_ = (bytes + page - 1) / page * page + 2 * page;
    base_ = static_cast<std::byte*>(
        ::mmap(nullptr, size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    ::mprotect(base_ + page, size_ - 2 * page, PROT_READ | PROT_WRITE);
    data_ = at_end ? base_ + size_ - page - bytes : base_ + page;
    if (bytes > 0) std::memcpy(data_, from.data(), bytes);
    view_ = const_cast<HostTensor&>(from).view();
    view_.data = data_;
  }
  ~GuardedTensor() { ::munmap(base_, size_); }
  GuardedTensor(const GuardedTensor&) = delete;
  const TensorView& view() const { return view_; }
  // Inputs are read only, so their pages may be too.
  void forbid_writing() {
    const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
    ::mprotect(base_ + page, size_ - 2 * page, PROT_READ);
  }

 private:
  std::byte* base_;
  std::byte* data_;
  size_t size_;
  TensorView view_;
};

class TensorMemory : public ::testing::TestWithParam<const char*> {
 protected:
  Callable compiled(const Workload& w) {
    auto callable = session_.compile(w, GetParam());
    EXPECT_TRUE(callable) << callable.error().message();
    return *callable;
  }
  Session session_{session_options()};
};

bool equal(const TensorView& found, const HostTensor& expected) {
  HostTensor copy(found.dtype, found.shape);
  copy_tensor(found, copy.view());
  return std::memcmp(copy.data(), expected.data(), static_cast<size_t>(expected.bytes())) == 0;
}

TEST_P(TensorMemory, IsNeverLeft) {
  for (const auto& [name, sizes] :
       std::vector<std::pair<std::string, std::map<std::string, int64_t>>>{
           {"mtv", {{"i", 37}, {"k", 23}}},
           {"va", {{"i", 1001}}},
           {"red", {{"i", 777}}},
           {"gemm", {{"i", 13}, {"j", 9}, {"k", 11}}}}) {
    for (const DType dtype : {DType::i8, DType::i32}) {
      const Workload w = test::workload(name, sizes, dtype);
      const Callable callable = compiled(w);
      for (const bool at_end : {false, true}) {
        CallData data(w);
        std::vector<std::unique_ptr<GuardedTensor>> tensors;
        for (const HostTensor& t : data.inputs) {
          tensors.push_back(std::make_unique<GuardedTensor>(t, at_end));
          tensors.back()->forbid_writing();
        }
        tensors.push_back(std::make_unique<GuardedTensor>(data.output, at_end));
        std::vector<TensorView> views;
        for (const auto& t : tensors) views.push_back(t->view());
        const auto report = callable.call(views);
        ASSERT_TRUE(report) << report.error().message();
        EXPECT_TRUE(equal(views.back(), data.expected)) << name << " at end: " << at_end;
      }
    }
  }
}

TEST_P(TensorMemory, MayLieAtAnyAddress) {
  const Workload w = test::workload("mtv", {{"i", 40}, {"k", 33}});
  const Callable callable = compiled(w);
  CallData data(w);
  std::vector<TensorView> views = data.views();
  std::vector<std::vector<std::byte>> memory;
  for (TensorView& view : views) {
    const auto bytes = static_cast<size_t>(view.elements()) * 4;
    memory.emplace_back(bytes + 1);
    std::memcpy(memory.back().data() + 1, view.data, bytes);
    view.data = memory.back().data() + 1;
  }
  const auto report = callable.call(views);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(equal(views.back(), data.expected));
}

TEST_P(TensorMemory, MayHaveStrides) {
  const Workload w = test::workload("mtv", {{"i", 12}, {"k", 7}});
  const Callable callable = compiled(w);
  CallData data(w);
  std::vector<TensorView> views = data.views();
  // A by columns, B backwards, C in every third element.
  HostTensor a(DType::i32, {7, 12}), b(DType::i32, {7}), c(DType::i32, {36});
  const TensorView by_columns{a.data(), DType::i32, {12, 7}, {1, 12}};
  const TensorView backwards{b.data() + 6 * 4, DType::i32, {7}, {-1}};
  const TensorView spread{c.data(), DType::i32, {12}, {3}};
  copy_tensor(views[0], by_columns);
  copy_tensor(views[1], backwards);
  for (int64_t i = 0; i < 36; ++i) c.set_integer(i, -77);
  const auto report = callable.call({by_columns, backwards, spread});
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(equal(spread, data.expected));
  for (int64_t i = 0; i < 36; ++i) {
    if (i % 3 == 0) continue;
    EXPECT_EQ(c.integer(i), -77) << "between the elements, " << i;
  }
}

TEST_P(TensorMemory, MayBeReadTwice) {
  const Workload w = test::workload("C[i] = A[i] * B[i]", {{"i", 50}});
  const Callable callable = compiled(w);
  CallData data(w);
  const auto report =
      callable.call({data.inputs[0].view(), data.inputs[0].view(), data.output.view()});
  ASSERT_TRUE(report) << report.error().message();
  for (int64_t i = 0; i < 50; ++i) {
    const int64_t x = data.inputs[0].integer(i);
    EXPECT_EQ(data.output.integer(i), wrap_to(DType::i32, x * x));
  }
}

// What is written overlaps what is read: the result is as if it did not.
TEST_P(TensorMemory, MayBeOverwritten) {
  const Workload square = test::workload("C[i] = A[i] * B[i]", {{"i", 50}});
  CallData data(square);
  const Callable multiply = compiled(square);
  for (const bool shifted : {false, true}) {
    HostTensor memory(DType::i32, {51});
    const TensorView in{memory.data(), DType::i32, {50}, {1}};
    const TensorView out{memory.data() + (shifted ? 4 : 0), DType::i32, {50}, {1}};
    copy_tensor(data.inputs[0].view(), in);
    const auto report = multiply.call({in, data.inputs[1].view(), out});
    ASSERT_TRUE(report) << report.error().message();
    EXPECT_TRUE(equal(out, data.expected)) << shifted;
  }
  const Workload mtv = test::workload("mtv", {{"i", 30}, {"k", 30}});
  const Callable product = compiled(mtv);
  CallData vector(mtv);
  const auto report =
      product.call({vector.inputs[0].view(), vector.inputs[1].view(), vector.inputs[1].view()});
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(equal(vector.inputs[1].view(), vector.expected));
}

TEST_P(TensorMemory, MayBeEmpty) {
  const Workload w = test::workload("va", {{"i", 0}});
  const auto callable = session_.compile(w, GetParam());
  ASSERT_TRUE(callable) << callable.error().message();
  const TensorView none{nullptr, DType::i32, {0}, {1}};
  const auto report = callable->call({none, none, none});
  EXPECT_TRUE(report) << report.error().message();
}

INSTANTIATE_TEST_SUITE_P(Targets, TensorMemory, ::testing::Values("toy", "lockstep", "cpu"));

}  // namespace
}  // namespace pimjit
