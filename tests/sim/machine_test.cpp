#include "pimjit/plugins/sim/machine/machine.h"

#include <map>

#include <gtest/gtest.h>

#include "pimjit/plugins/sim/machine/link_model.h"
#include "pimjit/plugins/upmem/assembler/assembler.h"

namespace pimjit::sim {
namespace {

std::vector<unsigned char> image_of(const std::string& text) {
  upmem::DeviceImage image;
  image.kernel = "k";
  image.units = 200;
  auto elf = upmem::assemble_elf(text, "k.s");
  EXPECT_TRUE(elf) << elf.error().message();
  image.elf = *elf;
  return image.encode();
}

// Writes its own number times three to MRAM; faults on DPUs from `fault_from` on.
std::string numbering(int fault_from) {
  return ".host\nunit: .word 0, 0\n.data\nvalue: .word 0, 0\n.text\nmain: lw r0, zero, unit\n"
         " jltu r0, " +
         std::to_string(fault_from) +
         ", fine\n fault 7\nfine: add r1, r0, r0\n"
         " add r1, r1, r0\n sw zero, value, r1\n move r2, value\n move r3, 64\n sdma r2, r3, 0\n"
         "end: stop true, end\n";
}

TEST(Machine, EveryDpuKnowsItsNumberWhateverTheNumberOfThreads) {
  std::vector<std::uint64_t> cycles;
  for (const int threads : {1, 3}) {
    Machine machine({.dpus = 200, .host_threads = threads});
    const auto program = load_program(image_of(numbering(1000)));
    ASSERT_TRUE(program) << program.error().message();
    const LaunchResult result = machine.launch(*program, 20, 170, {}, {});
    EXPECT_TRUE(result.ok) << result.what;
    cycles.push_back(result.cycles());
    for (std::uint32_t dpu = 0; dpu < 200; ++dpu) {
      std::uint32_t value = 0;
      machine.read(dpu, 64, &value, 4);
      EXPECT_EQ(value, dpu >= 20 && dpu < 190 ? 3 * dpu : 0);
    }
    EXPECT_EQ(machine.resident_bytes(), 170u * 65536) << "pages that were written";
  }
  EXPECT_EQ(cycles[0], cycles[1]);
}

TEST(Machine, CountsWhatAllDpusDid) {
  Machine machine({.dpus = 200});
  const auto program = load_program(image_of(numbering(1000)));
  ASSERT_TRUE(program);
  const LaunchResult result = machine.launch(*program, 0, 100, {}, {});
  std::map<std::string, double> figures;
  for (const kit::Figure& figure : result.figures()) figures[figure.name] = figure.value;
  const double issued = static_cast<double>(result.runs[0].counters.issued);
  EXPECT_EQ(figures["instructions"], 100 * issued);
  EXPECT_EQ(figures["instructions.dma_write"], 100);
  EXPECT_EQ(figures["dma.transfers"], 100);
  EXPECT_EQ(figures["bytes.store"], 800);
  EXPECT_EQ(figures["classes"], 1);
  EXPECT_EQ(figures["cycles"], figures["cycles.least"]);
  // One thread: issuing or waiting, never both.
  EXPECT_NEAR(figures["threads"] * 100 * figures["cycles"] + figures["dma.wait"],
              100 * figures["cycles"], 100);
}

TEST(Machine, ReportsTheFirstDpuThatFaults) {
  Machine machine({.dpus = 200, .host_threads = 4});
  const auto program = load_program(image_of(numbering(37)));
  ASSERT_TRUE(program);
  const LaunchResult result = machine.launch(*program, 0, 200, {}, {});
  EXPECT_FALSE(result.ok);
  EXPECT_EQ(result.code, PJ_DEVICE_FAULT);
  EXPECT_TRUE(
      result.what.starts_with("kernel 'k', DPU 37: breakpoint fault of thread 0 at instruction 2 "
                              "(main + 2): the program stopped itself with fault 7"))
      << result.what;
}

TEST(Machine, AsksWhetherToGoOn) {
  Machine machine({.dpus = 8});
  const auto program = load_program(image_of(numbering(37)));
  const LaunchResult result = machine.launch(*program, 0, 8, {}, [] { return true; });
  EXPECT_EQ(result.code, PJ_CANCELLED);
}

TEST(DeviceImage, ReadsBackAndRefusesEveryDamage) {
  upmem::DeviceImage image;
  image.kernel = "mtv";
  image.units = 64;
  image.tasklets = 16;
  image.params = {kit::Type::i64, kit::Type::i32};
  image.elf = {1, 2, 3};
  const std::vector<unsigned char> bytes = image.encode();
  const auto back = upmem::decode_image(bytes);
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->kernel, "mtv");
  EXPECT_EQ(back->units, 64);
  EXPECT_EQ(back->tasklets, 16);
  EXPECT_EQ(back->params, image.params);
  EXPECT_EQ(back->elf, image.elf);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::vector<unsigned char> changed = bytes;
    changed[at] ^= 0x20;
    EXPECT_FALSE(upmem::decode_image(changed)) << at;
    changed.resize(at);
    EXPECT_FALSE(upmem::decode_image(changed)) << at;
  }
}

TEST(DeviceImage, SaysWhatIsWrong) {
  EXPECT_EQ(upmem::decode_image({}).error().what, "an image of 0 bytes, which is too short");
  std::vector<unsigned char> bytes(64, 7);
  EXPECT_EQ(upmem::decode_image(bytes).error().what, "these bytes are no image of a DPU kernel");
  bytes = image_of(numbering(1));
  bytes[8] = 9;
  EXPECT_EQ(upmem::decode_image(bytes).error().what, "an image of version 9; version 2 is read");
  bytes[8] = 2, bytes[40] ^= 1;
  EXPECT_EQ(upmem::decode_image(bytes).error().what,
            "the image is damaged: its checksum does not fit");
  // Whole by its checksum, but no executable inside.
  upmem::DeviceImage image;
  image.elf = {1, 2, 3};
  EXPECT_EQ(load_program(image.encode()).error().code, "bad_elf");
}

TEST(LinkModel, ReadsTheTextOfACost) {
  const auto model = parse_link_model(
      "fixed_ns=2000 per_unit_ns=10 ns_per_byte=0.5 table=8:1,16:2 units=1:0.5,3:1");
  ASSERT_TRUE(model);
  EXPECT_EQ(model->transfer_ns(0, 5), 0);
  EXPECT_EQ(model->transfer_ns(16, 1), 2000 + 10 + 16 / 2.0 / 0.5);
  EXPECT_EQ(model->transfer_ns(12, 2), 2000 + 20 + 24 / 1.5 / 0.75);
  EXPECT_EQ(model->transfer_ns(64, 9), 2000 + 90 + 64 * 9 / 2.0);
  for (const char* wrong : {"fixed_ns", "fixed_ns=x", "speed=1", "table=8", "table=8:0",
                            "table=", "table=8:1,8:2", "units=1:1;2:2", "fixed_ns=-1"})
    EXPECT_FALSE(parse_link_model(wrong)) << wrong;
}

}  // namespace
}  // namespace pimjit::sim
