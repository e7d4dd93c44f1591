#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/core/lower/lowered_module.h"
#include "pimjit/tests/unit/interp/small_module.h"

namespace pimjit::small_machine {
namespace {

using ::testing::HasSubstr;

std::string after(const std::function<void(LoweredModule&)>& damage) {
  LoweredModule m = doubling_module();
  damage(m);
  const Status status = verify_host_program(m);
  return status ? "" : status.error().what;
}

TEST(VerifyHostProgram, AcceptsASoundProgram) {
  EXPECT_EQ(after([](LoweredModule&) {}), "");
}

TEST(VerifyHostProgram, ChecksOrder) {
  EXPECT_EQ(after([](LoweredModule& m) { m.ops[1].after = {3}; }),
            "it waits for operation 3, which is not before");
  EXPECT_EQ(after([](LoweredModule& m) {
              m.ops[4].after = {3, 2};
            }),
            "its dependencies are not ascending");
}

TEST(VerifyHostProgram, FindsMissingDependencies) {
  for (size_t op = 1; op < 5; ++op) {
    EXPECT_THAT(after([&](LoweredModule& m) { m.ops[op].after.clear(); }),
                HasSubstr("and does not wait for it"));
  }
}

TEST(VerifyHostProgram, ChecksStagingAndMaps) {
  EXPECT_EQ(after([](LoweredModule& m) { m.host_buffers[2].elements = 8; }),
            "its map has 3 slices of 4 elements, the staging buffer 8 elements");
  EXPECT_EQ(after([](LoweredModule& m) { m.ops[0].map.digits[1].extent = 5; }),
            "its map reaches slice 2 of 3, element 4 of 4");
  EXPECT_EQ(after([](LoweredModule& m) { m.ops[0].map.index.clear(); }),
            "its map has 0 indices, tensor A 1 dimensions");
  EXPECT_EQ(after([](LoweredModule& m) { m.ops[0].map.index = {digit(7)}; }),
            "its map uses digit 7 of 2");
  EXPECT_EQ(after([](LoweredModule& m) { m.ops[0].map.index = {make_int(DType::i32, 0)}; }),
            "an expression of its map is not of type i64");
  EXPECT_EQ(after([](LoweredModule& m) { m.ops[4].map.digits[0].reduce = true; }),
            "its map adds up, but it has no reducer");
  EXPECT_EQ(after([](LoweredModule& m) { m.ops[0].host_buffer = 9; }),
            "its staging is host buffer 9 of 4, or of the wrong kind");
}

TEST(VerifyHostProgram, ChecksSlicesInPlace) {
  const auto in_place = [](std::vector<int64_t> staged) {
    return InPlace{true, 0, {{1, 3, 4}}, std::move(staged)};
  };
  // 10 elements in 3 slices of 4.
  EXPECT_EQ(after([&](LoweredModule& m) { m.ops[0].in_place = in_place({2}); }), "");
  EXPECT_EQ(after([&](LoweredModule& m) { m.ops[0].in_place = in_place({}); }),
            "slice 2 in place is at element 8 with 4 elements, A has 10");
  EXPECT_EQ(after([&](LoweredModule& m) {
              m.ops[0].in_place = in_place({2, 1});
            }),
            "its staged slices are not ascending");
  EXPECT_EQ(after([&](LoweredModule& m) {
              m.ops[0].in_place = in_place({2});
              m.ops[0].in_place.digits[0].extent = 0;
            }),
            "a digit of its slices in place is not positive");
}

TEST(VerifyHostProgram, ChecksWhatIsNarrow) {
  const auto narrow = [](DType type, int op, bool in_place = false) {
    return after([=](LoweredModule& m) {
      m.ops[static_cast<size_t>(op)].map.narrow = type;
      m.ops[static_cast<size_t>(op)].in_place.possible = in_place;
    });
  };
  EXPECT_EQ(narrow(DType::i8, 0), "staging and tensor have different types");
  EXPECT_EQ(narrow(DType::i32, 0), "i32 is no narrower than i32");
  EXPECT_EQ(narrow(DType::f32, 0).substr(0, 28), "f32 is no narrower than i32");
  EXPECT_EQ(narrow(DType::i8, 0, true).substr(0, 19), "it narrows in place");
  EXPECT_EQ(narrow(DType::i8, 4), "staging and tensor have different types");
  EXPECT_EQ(after([](LoweredModule& m) {
              m.ops[4].map.narrow = DType::i8;
              m.ops[4].reducer = Reducer::sum;
            }).substr(0, 24),
            "it adds up narrow values");
}

TEST(VerifyHostProgram, ChecksMemoryOfHostBuffers) {
  const auto native = [](int host_buffer, int64_t elements) {
    return after([=](LoweredModule& m) {
      DeviceBuffer& a = m.device_buffers[0];
      a.native = true;
      a.host_buffer = host_buffer;
      a.elements = elements;
    });
  };
  EXPECT_EQ(native(9, 10), "device buffer A.0 is the memory of host buffer 9");
  EXPECT_EQ(native(0, 4),
            "device buffer A.0 has 4 elements, host buffer A, whose memory it is, has 10");
  EXPECT_EQ(native(1, 10),
            "device buffer A.0 has 10 elements, host buffer C, whose memory it is, has 10 of "
            "another tensor");
}

TEST(VerifyHostProgram, ChecksCopies) {
  EXPECT_EQ(after([](LoweredModule& m) { m.ops[1].units = 5; }), "it moves 5 units of 4");
  EXPECT_EQ(after([](LoweredModule& m) { m.ops[1].bytes = 20; }),
            "it moves 20 B, device buffer A.0 has 16");
  EXPECT_EQ(after([](LoweredModule& m) { m.ops[1].bytes = 12; }),
            "it moves 12 B per unit, link to_bank moves 8 to 1048576 B in multiples of 8");
  EXPECT_EQ(after([](LoweredModule& m) { m.ops[1].unit_digits[0].slice_stride = 2; }),
            "slice 4 of 16 B lies outside A.staging, which has 48 B");
  EXPECT_EQ(after([](LoweredModule& m) { m.ops[1].link = 3; }),
            "link from_bank does not lead where it moves data");
  EXPECT_EQ(after([](LoweredModule& m) { m.ops[1].kind = OpKind::broadcast; }),
            "a broadcast has one slice");
  EXPECT_EQ(after([](LoweredModule& m) { m.ops[1].resource = Resource::host; }),
            "it occupies the host, not the link");
}

TEST(VerifyHostProgram, ChecksLaunches) {
  EXPECT_EQ(after([](LoweredModule& m) { m.ops[2].arguments.pop_back(); }),
            "it passes 1 arguments, kernel double takes 2");
  EXPECT_EQ(after([](LoweredModule& m) { m.ops[2].units = 2; }),
            "it launches 2 units, kernel double runs on 3");
  EXPECT_EQ(after([](LoweredModule& m) { m.kernels[0].levels[0].count = 2; }),
            "it launches 3 units, the levels of kernel double make 2");
  EXPECT_EQ(after([](LoweredModule& m) { m.ops[2].kernel = 1; }), "it launches kernel 1 of 1");
}

TEST(HostProgramText, HasALinePerOperation) {
  EXPECT_EQ(host_program_text(doubling_module()),
            "0 pack A [host] 48 B\n"
            "1 copy A [link] 3 units 16 B each over to_bank after 0\n"
            "2 launch double [device] 3 units after 1\n"
            "3 copy back C [link] 3 units 16 B each over from_bank after 2\n"
            "4 unpack C [host] 48 B after 3\n");
}

TEST(Makespan, KeepsDependenciesAndResources) {
  std::vector<HostOp> ops(4);
  ops[0].resource = Resource::host;
  ops[1].resource = Resource::link;  // beside operation 0
  ops[2].resource = Resource::link;
  ops[2].after = {0};
  ops[3].resource = Resource::device;
  ops[3].after = {1, 2};
  const Makespan span = makespan(ops, {10, 4, 3, 5});
  EXPECT_EQ(span.start, (std::vector<double>{0, 0, 10, 13}));
  EXPECT_EQ(span.end, (std::vector<double>{10, 4, 13, 18}));
  EXPECT_EQ(span.total, 18);
}

}  // namespace
}  // namespace pimjit::small_machine
