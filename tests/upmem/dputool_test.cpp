// The dputool program as a user meets it: output, files, exit status.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "pimjit/build_paths.h"

namespace {

struct Result {
  int status = -1;
  std::string out, err;
};

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

class Dputool : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    directory_ = std::filesystem::path(PIMJIT_BINARY_DIR) / "dputool_test" / info->name();
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ / name, std::ios::binary) << text;
  }
  std::string path(const std::string& name) const { return (directory_ / name).string(); }

  Result tool(const std::string& arguments) const {
    const std::string command = "cd '" + directory_.string() + "' && '" PIMJIT_DPUTOOL "' " +
                                arguments + " >out.txt 2>err.txt";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read(path("out.txt")),
            read(path("err.txt"))};
  }

  std::filesystem::path directory_;
};

// Adds `bias` to the words 0..3 of MRAM and writes them to MRAM at 64; the sum goes to `total`.
constexpr const char* kProgram = R"(
.tasklets 1
.text
        move    r0, buffer
        move    r1, 0
        ldma    r0, r1, 1
        lw      r2, zero, bias
        move    r3, 0
        move    r4, 4
loop:   lw      r5, r0, 0
        add     r5, r5, r2
        sw      r0, 0, r5
        add     r3, r3, r5
        add     r0, r0, 4
        add     r4, r4, -1, nz, loop
        sw      zero, total, r3
        move    r0, buffer
        move    r1, 64
        sdma    r0, r1, 1
end:    stop    true, end
.host
bias:   .word 0
total:  .word 0
.bss
buffer: .space 16
)";

TEST_F(Dputool, AssemblesRunsAndReadsBack) {
  write("in.s", kProgram);
  write("data.bin", std::string("\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0", 16));
  EXPECT_EQ(tool("as in.s -o out.elf").status, 0);
  const Result run = tool(
      "run out.elf --set bias=0x10 --mram 0=data.bin --read-mram 64:16=result.bin --read total:4");
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_NE(run.out.find("total: 4a000000\n"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("finished: 35 instructions issued, 0 of them retries"), std::string::npos)
      << run.out;
  EXPECT_EQ(read(path("result.bin")), std::string("\x11\0\0\0\x12\0\0\0\x13\0\0\0\x14\0\0\0", 16));
}

TEST_F(Dputool, PrintsOneJsonObject) {
  write("in.s", kProgram);
  tool("as in.s -o out.elf");
  const Result run = tool("run out.elf --set bias=-1 --read total:4 --json");
  EXPECT_EQ(run.status, 0);
  EXPECT_EQ(
      run.out.rfind("{\"outcome\": \"finished\", \"what\": \"\", \"issued\": 35, \"retries\": 0, "
                    "\"dma_read_bytes\": 16, \"dma_write_bytes\": 16, \"by_kind\": {\"alu\": ",
                    0),
      0u)
      << run.out;
  EXPECT_NE(run.out.find("\"read\": {\"total\": \"fcffffff\"}}\n"), std::string::npos) << run.out;
}

TEST_F(Dputool, ShowsCodeWithSymbolsAndAProfile) {
  write("in.s", kProgram);
  tool("as in.s -o out.elf");
  const Result dump = tool("objdump out.elf");
  EXPECT_EQ(dump.status, 0);
  EXPECT_NE(dump.out.find("loop:\n     6  728344000000  lw r5, r0, 0\n"), std::string::npos)
      << dump.out;
  EXPECT_NE(dump.out.find("add r4, r4, -1, nz, loop\n"), std::string::npos);
  const Result run = tool("run out.elf --profile");
  EXPECT_NE(run.out.find("           4      11  add r4, r4, -1, nz, loop\n"), std::string::npos)
      << run.out;
}

std::uint64_t number_after(const std::string& text, const std::string& what, std::size_t from = 0) {
  const std::size_t at = text.find(what, from);
  return at == std::string::npos ? ~std::uint64_t{0} : std::stoull(text.substr(at + what.size()));
}

// One thread: every instruction leaves the pipeline before the next one, but for the two transfers.
TEST_F(Dputool, CyclesAreThoseOfTheClockAndAddUp) {
  write("in.s", kProgram);
  tool("as in.s -o out.elf");
  const Result fast = tool("run out.elf --cycles --json"),
               slow = tool("run out.elf --cycles --profile --json");
  ASSERT_EQ(fast.status, 0) << fast.err;
  ASSERT_EQ(slow.status, 0) << slow.err;
  const std::uint64_t cycles = number_after(fast.out, "}, \"cycles\": ");
  EXPECT_EQ(number_after(slow.out, "}, \"cycles\": "), cycles);
  EXPECT_EQ(number_after(fast.out, "\"issued\": ") + number_after(fast.out, "\"idle_reissue\": ") +
                number_after(fast.out, "\"idle_dma\": "),
            cycles);
  EXPECT_EQ(number_after(fast.out, "\"transfers\": "), 2u);
  for (const char* list : {"\"symbols\": [", "\"instructions\": ["}) {
    std::uint64_t sum = 0;
    std::size_t at = slow.out.find(list);
    ASSERT_NE(at, std::string::npos) << list;
    const std::size_t end = slow.out.find(']', at);
    for (at = slow.out.find("\"cycles\": ", at); at < end;
         at = slow.out.find("\"cycles\": ", at + 1))
      sum += number_after(slow.out, "\"cycles\": ", at);
    EXPECT_EQ(sum, cycles) << list;
  }
  const Result longer = tool("run out.elf --cycles --json --clock reissue=22");
  EXPECT_GT(number_after(longer.out, "}, \"cycles\": "), cycles + 300);
}

TEST_F(Dputool, ProfilesHaveATableBySymbolAndOneByInstruction) {
  write("in.s", kProgram);
  tool("as in.s -o out.elf");
  const Result run = tool("run out.elf --cycles --profile");
  EXPECT_NE(run.out.find(" cycles: 35 issued, "), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("      cycles      issued    pipeline         dma   share  symbol\n"),
            std::string::npos)
      << run.out;
  EXPECT_NE(run.out.find("%  loop\n"), std::string::npos) << run.out;
  EXPECT_NE(
      run.out.find(
          "          44           4          40           0      11  add r4, r4, -1, nz, loop\n"),
      std::string::npos)
      << run.out;
}

TEST_F(Dputool, ClocksAreRefusedByName) {
  write("in.s", kProgram);
  tool("as in.s -o out.elf");
  const Result unknown = tool("run out.elf --cycles --clock speed=3");
  EXPECT_EQ(unknown.status, 1);
  EXPECT_EQ(unknown.err,
            "dputool: --clock speed=3: no such parameter, or out of its range; there are reissue, "
            "read_latency, write_latency, per_byte, engine_start, register_banks\n");
  EXPECT_EQ(tool("run out.elf --cycles --clock reissue=0").status, 1);
  for (const char* text : {"reissue", "reissue=", "=3", "reissue=3x"}) {
    const Result bad = tool(std::string("run out.elf --cycles --clock ") + text);
    EXPECT_EQ(bad.status, 1) << text;
    EXPECT_NE(bad.err.find("expected NAME=NUMBER"), std::string::npos) << bad.err;
  }
  EXPECT_EQ(tool("run out.elf --clock reissue=3").status, 1) << "without --cycles";
}

TEST_F(Dputool, UserErrorsExitWith1) {
  write("bad.s", ".text\n add r0, r1\n");
  const Result as = tool("as bad.s -o out.elf");
  EXPECT_EQ(as.status, 1);
  EXPECT_EQ(as.err,
            "dputool: bad.s:2:12: operand 3 of `add`: expected a register r0..r23, or a number "
            "-2147483648..4294967295\n");
  EXPECT_EQ(tool("as missing.s -o out.elf").status, 1);
  EXPECT_NE(tool("as missing.s -o out.elf").err.find("missing.s: cannot open the file"),
            std::string::npos);
  EXPECT_EQ(tool("run bad.s").status, 1);
  EXPECT_NE(
      tool("run bad.s").err.find("dputool: bad.s: the file has 18 bytes, an ELF header has 52"),
      std::string::npos)
      << tool("run bad.s").err;
  EXPECT_EQ(tool("objdump bad.s").status, 1);
  EXPECT_EQ(tool("").status, 1);
  EXPECT_EQ(tool("fly").status, 1);
  write("in.s", kProgram);
  tool("as in.s -o out.elf");
  EXPECT_EQ(tool("as in.s -o /nonexistent/out.elf").status, 1);
  const char* wrong[] = {"--set bias",
                         "--set nothing=1",
                         "--set bias=300000000000",
                         "--set bias=hex:0g",
                         "--set total+4=1",
                         "--mram 5",
                         "--mram x=data",
                         "--mram 0=missing.bin",
                         "--read-mram 0:8",
                         "--read-mram 67108860:8=x",
                         "--read total",
                         "--read total:5"};
  for (const char* option : wrong) {
    const Result run = tool(std::string("run out.elf ") + option);
    EXPECT_EQ(run.status, 1) << option << run.out << run.err;
    EXPECT_EQ(run.err.rfind("dputool: ", 0), 0u) << option << run.err;
  }
}

TEST_F(Dputool, FaultsDeadlocksAndBudgetsExitWith2) {
  write("fault.s", ".text\n nop\n fault 3\n");
  write("lock.s", ".text\n acquire zero, 200, nz, .\n acquire zero, 200, nz, .\n");
  write("loop.s", ".text\n jump 0\n");
  write("sleep.s", ".text\n stop\n");
  for (const char* name : {"fault", "lock", "loop", "sleep"})
    ASSERT_EQ(tool("as " + std::string(name) + ".s -o " + name + ".elf").status, 0);
  Result run = tool("run fault.elf");
  EXPECT_EQ(run.status, 2);
  EXPECT_EQ(run.err,
            "dputool: fault: thread 0 at instruction 1: the program stopped itself with fault 3 "
            "(fault 3)\n");
  run = tool("run fault.elf --json");
  EXPECT_NE(
      run.out.find("\"fault\": {\"cause\": \"breakpoint\", \"thread\": 0, \"pc\": 1, \"code\": 3"),
      std::string::npos)
      << run.out;
  EXPECT_EQ(tool("run lock.elf").status, 2);
  EXPECT_EQ(tool("run loop.elf --max-instructions 1000").status, 2);
  run = tool("run sleep.elf");
  EXPECT_EQ(run.status, 0);
  EXPECT_NE(run.err.find("asleep: threads 0 ended in a `stop` without a target"),
            std::string::npos);
}

}  // namespace
