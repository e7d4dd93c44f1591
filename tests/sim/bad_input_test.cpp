// What a caller or a program can do wrong with the plugin sim: the documented error, and a machine
// that works as before.
#include <cstring>
#include <functional>
#include <numeric>
#include <thread>

#include <gtest/gtest.h>

#include "pimjit/core/ir/parser.h"
#include "pimjit/core/ir/serialize.h"
#include "pimjit/plugins/upmem/assembler/assembler.h"
#include "pimjit/plugins/upmem/target/device_image.h"
#include "pimjit/tests/support/built_target.h"

namespace pimjit {
namespace {

constexpr uint64_t kDpus = 66;
constexpr uint64_t kBytes = 256;

std::vector<std::byte> as_bytes(const std::vector<unsigned char>& from) {
  std::vector<std::byte> to(from.size());
  std::memcpy(to.data(), from.data(), from.size());
  return to;
}

std::vector<unsigned char> elf_of(const std::string& text) {
  const auto elf = upmem::assemble_elf(text, "k.s");
  EXPECT_TRUE(elf) << elf.error().message();
  return *elf;
}

std::vector<std::byte> image_of(const std::vector<unsigned char>& elf, size_t params = 0) {
  upmem::DeviceImage image;
  image.kernel = "k";
  image.units = kDpus;
  image.params.assign(params, kit::Type::i64);
  image.elf = elf;
  return as_bytes(image.encode());
}

// A program with the symbols that the machine writes.
std::string program(const std::string& body, const std::string& args = "args: .word 0, 0\n") {
  return ".host\nunit: .word 0, 0\n" + args + ".data\nspace: .space 64\n.text\nmain:\n" + body +
         "end: stop true, end\n";
}

// Writes the number of the DPU to the 8 bytes at argument 0, after `spins` rounds.
std::string numbering(int spins) {
  return program(" move r4, " + std::to_string(spins) +
                 "\nspin: sub r4, r4, 1, nz, spin\n lw r0, zero, unit\n sw zero, space, r0\n"
                 " sw zero, space + 4, 0\n lw r1, zero, args\n move r2, space\n sdma r2, r1, 0\n");
}

class BadInput : public testing::Test {
 protected:
  BadInput() : target_(test::built_target("sim:dpus=66,max_cycles=200000")) {
    auto device = target_.plugin.open();
    EXPECT_TRUE(device) << device.error().message();
    device_ = *device;
    memory_ = *device_.alloc(0, kBytes, 8);
    pattern_.resize(kDpus * kBytes);
    std::iota(pattern_.begin(), pattern_.end(), static_cast<unsigned char>(3));
    expect_works();
  }

  std::vector<void*> pointers(std::vector<unsigned char>& data) {
    std::vector<void*> list;
    for (uint64_t d = 0; d < kDpus; ++d) list.push_back(data.data() + d * kBytes);
    return list;
  }
  Status transfer(CopyDirection direction, std::vector<unsigned char>& data) {
    const std::vector<void*> hosts = pointers(data);
    const auto event = device_.copy({.direction = direction,
                                     .memory = memory_,
                                     .bytes = kBytes,
                                     .unit_count = kDpus,
                                     .pointers = hosts,
                                     .after = {}});
    return event ? event->wait() : fail(event.error());
  }
  Result<Event> launch(const std::vector<std::byte>& image, std::vector<int64_t> arguments) {
    const auto module = device_.load(image);
    if (!module) return fail(module.error());
    return device_.launch({.module = *module,
                           .unit_count = kDpus,
                           .arguments = arguments,
                           .constants = {},
                           .after = {}});
  }
  // Of loading, launching or waiting; "" when all went well.
  std::string error_of(const std::vector<std::byte>& image, std::vector<int64_t> arguments = {},
                       std::string* code = nullptr) {
    const auto event = launch(image, std::move(arguments));
    const Status done = event ? event->wait() : fail(event.error());
    if (done) return {};
    if (code != nullptr) *code = done.error().code;
    return done.error().what;
  }

  // Memories keep what they hold, and a launch computes what it should.
  void expect_works() {
    ASSERT_TRUE(transfer(CopyDirection::to_device, pattern_));
    expect_kept();
    EXPECT_EQ(error_of(image_of(elf_of(numbering(1)), 1), {static_cast<int64_t>(memory_.base())}),
              "");
    std::vector<unsigned char> back(pattern_.size());
    ASSERT_TRUE(transfer(CopyDirection::from_device, back));
    std::vector<unsigned char> expected = pattern_;
    for (uint64_t d = 0; d < kDpus; ++d) std::memcpy(expected.data() + d * kBytes, &d, 8);
    EXPECT_EQ(back, expected);
    ASSERT_TRUE(transfer(CopyDirection::to_device, pattern_));
  }
  void expect_kept() {
    std::vector<unsigned char> back(pattern_.size());
    ASSERT_TRUE(transfer(CopyDirection::from_device, back));
    EXPECT_EQ(back, pattern_);
  }

  OpenTarget target_;
  Device device_;
  DeviceMemory memory_;
  std::vector<unsigned char> pattern_;
};

TEST_F(BadInput, ExecutablesThatAreNone) {
  const std::vector<unsigned char> whole = elf_of(numbering(1));
  const auto changed = [&](size_t at, unsigned char value) {
    std::vector<unsigned char> elf = whole;
    elf[at] = value;
    std::string code;
    const std::string what = error_of(image_of(elf), {}, &code);
    EXPECT_EQ(code, "bad_kernel");
    return what;
  };
  EXPECT_EQ(changed(0, 'E'),
            "e_ident: the file does not start with the ELF magic bytes 7f 45 4c 46");
  EXPECT_EQ(changed(18, 62), "e_machine: machine is 62, expected 245 (DPU)");
  EXPECT_EQ(changed(16, 3), "e_type: type is 3, expected 2 (executable)");
  EXPECT_EQ(error_of(image_of({whole.begin(), whole.begin() + 40})),
            "the file has 40 bytes, an ELF header has 52");
  EXPECT_EQ(error_of({}), "an image of 0 bytes, which is too short");
  std::vector<std::byte> damaged = image_of(whole);
  damaged[60] ^= std::byte{1};
  EXPECT_EQ(error_of(damaged), "the image is damaged: its checksum does not fit");
  expect_kept();
  expect_works();
}

TEST_F(BadInput, CodeAndDataBeyondTheirMemories) {
  std::vector<unsigned char> elf = elf_of(numbering(1));
  const auto word = [&](size_t at) -> uint32_t {
    uint32_t value = 0;
    std::memcpy(&value, elf.data() + at, 4);
    return value;
  };
  // Moves a loaded segment to the last granule of its memory, which it leaves then.
  std::vector<std::string> said;
  for (size_t i = 0; i < 3; ++i) {
    std::vector<unsigned char> moved = elf;
    const size_t at = word(28) + i * 32 + 8;
    const uint32_t last = word(at) >= 0x80000000u ? 0x80000000u + 4095 * 8 : 65536 - 8;
    std::memcpy(moved.data() + at, &last, 4);
    std::string code;
    said.push_back(error_of(image_of(moved), {}, &code));
    EXPECT_EQ(code, "bad_kernel");
  }
  EXPECT_EQ(said[0], "program header 0: 0x48 bytes at 0x80007ff8 end at 0x8040, IRAM has 0x8000");
  EXPECT_EQ(said[1], "program header 1: 0x40 bytes at 0xfff8 end at 0x10038, WRAM has 0x10000");
  EXPECT_EQ(said[2], "program header 2: 0x10 bytes at 0xfff8 end at 0x10008, WRAM has 0x10000");
  expect_kept();
  expect_works();
}

TEST_F(BadInput, SymbolsThatAreMissingOrTooSmall) {
  std::string code;
  EXPECT_EQ(error_of(image_of(elf_of(numbering(1)), 2), {1, 2}, &code),
            "kernel 'k', DPU 0: bytes 0..16 of `args`, which has 8");
  EXPECT_EQ(code, "bad_kernel");
  const std::string without = ".text\nmain: stop true, main\n";
  EXPECT_EQ(error_of(image_of(elf_of(without)), {}, &code),
            "kernel 'k', DPU 0: the executable has no symbol `unit` in WRAM or MRAM");
  EXPECT_EQ(code, "bad_kernel");
  EXPECT_EQ(error_of(image_of(elf_of(numbering(1)), 1), {1, 2}, &code),
            "2 launch arguments for a kernel of 1");
  EXPECT_EQ(code, "invalid_argument");
  expect_kept();
  expect_works();
}

TEST_F(BadInput, TransfersThatAreMisalignedOrTooLong) {
  std::vector<unsigned char> data(pattern_.size(), 0);
  const std::vector<void*> hosts = pointers(data);
  const auto refusal = [&](uint64_t offset, uint64_t bytes, uint64_t units) {
    const auto event = device_.copy({.memory = memory_,
                                     .offset = offset,
                                     .bytes = bytes,
                                     .unit_count = units,
                                     .pointers = {hosts.data(), std::min(units, kDpus)},
                                     .after = {}});
    return event ? "moved" : event.error().code + ": " + event.error().what;
  };
  EXPECT_EQ(refusal(0, 12, kDpus), "misaligned: a copy of 12 bytes, which is no multiple of 8");
  EXPECT_EQ(refusal(4, 8, kDpus), "misaligned: a copy at byte " +
                                      std::to_string(memory_.base() + 4) +
                                      ", which is no multiple of 8");
  EXPECT_EQ(refusal(kBytes - 8, 16, kDpus),
            "out_of_range: a copy of 16 bytes at offset 248 of a memory of 256");
  EXPECT_EQ(refusal(0, 8, kDpus + 1), "copy_pointers: copy() to 67 units with 66 pointers");
  const auto broadcast = device_.copy({.memory = memory_,
                                       .bytes = 8,
                                       .first_unit = 1,
                                       .unit_count = kDpus,
                                       .pointers = {},
                                       .broadcast = data.data(),
                                       .after = {}});
  ASSERT_FALSE(broadcast);
  EXPECT_EQ(broadcast.error().code, "out_of_range");
  EXPECT_EQ(broadcast.error().what, "units 1 .. 1 + 66 of a machine that has 66");
  expect_kept();
  expect_works();
}

// One push has one size; units that get nothing are skipped and keep what they hold.
TEST_F(BadInput, APushOfUnequalSizesCannotBeSaid) {
  std::vector<unsigned char> data(pattern_.size(), 0xee);
  std::vector<void*> hosts = pointers(data);
  for (uint64_t d = 1; d < kDpus; d += 2) hosts[d] = nullptr;
  const auto event = device_.copy(
      {.memory = memory_, .bytes = 16, .unit_count = kDpus, .pointers = hosts, .after = {}});
  ASSERT_TRUE(event) << event.error().message();
  std::vector<unsigned char> back(pattern_.size());
  ASSERT_TRUE(transfer(CopyDirection::from_device, back));
  std::vector<unsigned char> expected = pattern_;
  for (uint64_t d = 0; d < kDpus; d += 2) std::memset(expected.data() + d * kBytes, 0xee, 16);
  EXPECT_EQ(back, expected);
  expect_works();
}

TEST_F(BadInput, ProgramsThatDoNotEnd) {
  std::string code;
  EXPECT_TRUE(error_of(image_of(elf_of(program("again: jump again\n"))), {}, &code)
                  .starts_with("kernel 'k', DPU 0: threads 0 still ran after "));
  EXPECT_EQ(code, "timeout");
  EXPECT_EQ(error_of(image_of(elf_of(".atomic lock\n" +
                                     program(" acquire zero, lock, nz, .\n"
                                             "again: acquire zero, lock, nz, again\n"))),
                     {}, &code),
            "kernel 'k', DPU 0: threads 0 retry an acquire or a resume that can never succeed; "
            "thread 0 is at instruction 1 (again)");
  EXPECT_EQ(code, "device_fault");
  EXPECT_EQ(error_of(image_of(elf_of(program(" stop false, 0\n"))), {}, &code),
            "kernel 'k', DPU 0: threads 0 ended in a `stop` without a target, where a resume would "
            "let them go on; thread 0 is at instruction 1 (end)");
  EXPECT_EQ(code, "device_fault");
  expect_kept();
  expect_works();
}

TEST_F(BadInput, ProgramsThatLeaveTheirMemory) {
  std::string code;
  const std::string wram = program(" move r0, 0x10000\n sw r0, 0, r0\n");
  EXPECT_TRUE(error_of(image_of(elf_of(wram)), {}, &code)
                  .starts_with("kernel 'k', DPU 0: memory fault of thread 0 at instruction 1 (main "
                               "+ 1): access at address "
                               "0x10000 is outside "));
  EXPECT_EQ(code, "device_fault");
  const std::string mram = program(" move r0, space\n move r1, 0x4000000 - 8\n sdma r0, r1, 1\n");
  EXPECT_TRUE(
      error_of(image_of(elf_of(mram)), {}, &code)
          .starts_with(
              "kernel 'k', DPU 0: dma fault of thread 0 at instruction 2 (main + 2): a transfer "));
  EXPECT_EQ(code, "device_fault");
  expect_kept();
  expect_works();
}

constexpr const char* kLoops = R"(kernel loops {
  level unit independent 66
  level thread independent 2
  scope bank at unit
  scope scratch at unit
  link load bank -> scratch
  link store scratch -> bank
  param a i32
  buffer A i32 device bank elements 64 align 8 base a
  buffer x i32 local scratch elements 16 align 8
  var i i32
  var k i32
  body {
    for i = 0 count 4 {
      copy load x[@thread * 8] <- A[@thread * 32 + i * 8] count 8
      for k = 0 count 8 {
        x[@thread * 8 + k] = x[@thread * 8 + k] + 1
      }
      copy store A[@thread * 32 + i * 8] <- x[@thread * 8] count 8
    }
  }
})";

// With its buffer at the end of MRAM, the copies of thread 1 leave it.
TEST_F(BadInput, FaultsOfKernelsNameStatementAndLoops) {
  const auto kernel = parse_kernel(kLoops, "loops");
  ASSERT_TRUE(kernel) << kernel.error().message();
  const auto bytes = serialize(*kernel);
  ASSERT_TRUE(bytes);
  const auto image = target_.plugin.build_kernel(std::as_bytes(std::span(*bytes)));
  ASSERT_TRUE(image && image->accepted());
  std::string code;
  const std::string what = error_of(image->bytes, {(64 << 20) - 128}, &code);
  EXPECT_EQ(code, "device_fault");
  EXPECT_TRUE(what.starts_with("kernel 'loops', DPU 0: dma fault of thread 1 at instruction "))
      << what;
  EXPECT_NE(what.find(" (main + "), std::string::npos) << what;
  EXPECT_NE(what.find("), `copy load x <- A` in loop i: "), std::string::npos) << what;
  expect_kept();
  expect_works();
}

// A launch while another runs waits for it: each has its results, and their times do not overlap.
TEST_F(BadInput, LaunchesWhileOneRunsFollowOneAnother) {
  constexpr int kThreads = 4;
  std::vector<Event> events(kThreads);
  std::vector<std::string> said(kThreads);
  std::vector<std::jthread> callers;
  for (int t = 0; t < kThreads; ++t) {
    callers.emplace_back([&, t] {
      const auto event = launch(image_of(elf_of(numbering(10'000)), 1),
                                {static_cast<int64_t>(memory_.base()) + 8 * t});
      if (!event) said[static_cast<size_t>(t)] = event.error().message();
      if (event) events[static_cast<size_t>(t)] = *event;
    });
  }
  callers.clear();
  std::vector<std::pair<double, double>> spans;
  for (int t = 0; t < kThreads; ++t) {
    ASSERT_EQ(said[static_cast<size_t>(t)], "");
    ASSERT_TRUE(events[static_cast<size_t>(t)].wait());
    const auto info = events[static_cast<size_t>(t)].query();
    ASSERT_TRUE(info && info->duration_ns > 0);
    spans.emplace_back(info->start_ns, info->start_ns + info->duration_ns);
  }
  std::sort(spans.begin(), spans.end());
  for (size_t i = 1; i < spans.size(); ++i) EXPECT_GE(spans[i].first, spans[i - 1].second);
  std::vector<unsigned char> back(pattern_.size());
  ASSERT_TRUE(transfer(CopyDirection::from_device, back));
  for (uint64_t d = 0; d < kDpus; ++d) {
    for (uint64_t t = 0; t < kThreads; ++t)
      EXPECT_EQ(std::memcmp(back.data() + d * kBytes + 8 * t, &d, 8), 0) << d << ' ' << t;
  }
  expect_works();
}

// Through the table of functions: handles of the core keep what they refer to open.
TEST_F(BadInput, UseAfterClose) {
  const pj_plugin_api& api = target_.plugin.table();
  pj_device* device = nullptr;
  ASSERT_EQ(api.open(target_.plugin.handle(), nullptr, &device), nullptr);
  pj_memory memory = {};
  memory.struct_size = sizeof memory;
  ASSERT_EQ(api.alloc(device, 0, 64, 8, &memory), nullptr);
  const std::vector<std::byte> image = image_of(elf_of(numbering(1)), 1);
  pj_module* module = nullptr;
  ASSERT_EQ(api.load(device, image.data(), image.size(), &module), nullptr);
  api.close(device);

  const auto said = [](pj_error* error) {
    if (error == nullptr) return std::string("nothing");
    std::string text(error->message.data, error->message.size);
    EXPECT_EQ(error->code, PJ_INVALID_ARGUMENT);
    error->release(error);
    return text;
  };
  const std::string closed = "this device has been closed";
  pj_event* event = nullptr;
  pj_module* other = nullptr;
  std::vector<unsigned char> data(64, 7);
  void* host = data.data();
  pj_copy copy = {};
  copy.struct_size = sizeof copy;
  copy.direction = PJ_FROM_DEVICE;
  copy.memory = memory, copy.bytes = 8, copy.pointers = &host;
  copy.units = {sizeof(pj_units), 0, 0, 1};
  const int64_t argument = 0;
  pj_launch launch = {};
  launch.struct_size = sizeof launch;
  launch.module = module, launch.units = copy.units;
  launch.arguments = &argument, launch.argument_count = 1;
  EXPECT_EQ(said(api.copy(device, &copy, &event)), closed);
  EXPECT_EQ(said(api.launch(device, &launch, &event)), closed);
  EXPECT_EQ(said(api.alloc(device, 0, 64, 8, &memory)), closed);
  EXPECT_EQ(said(api.free_memory(device, &memory)), closed);
  EXPECT_EQ(said(api.load(device, image.data(), image.size(), &other)), closed);
  EXPECT_EQ(event, nullptr);
  EXPECT_EQ(other, nullptr);
  EXPECT_EQ(data, std::vector<unsigned char>(64, 7));
  api.unload(module);
  api.close(device);
  expect_kept();
  expect_works();
}

}  // namespace
}  // namespace pimjit
