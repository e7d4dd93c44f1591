#ifndef PIMJIT_TESTS_UPMEM_TILED_LOOP_H_
#define PIMJIT_TESTS_UPMEM_TILED_LOOP_H_

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "pimjit/core/ir/parser.h"
#include "pimjit/core/ir/serialize.h"
#include "pimjit/plugins/upmem/compiler/compiler.h"
#include "pimjit/plugins/upmem/executor/executor.h"

// A loop over tiles of two vectors, with the statement that a test wants to see compiled inside,
// and what it issues.
namespace pimjit::upmem::testing {

inline std::vector<std::uint8_t> bytes_of_text(const std::string& text) {
  const auto kernel = parse_kernel(text, "test");
  EXPECT_TRUE(kernel) << kernel.error().message();
  const auto bytes = serialize(*kernel);
  EXPECT_TRUE(bytes) << bytes.error().message();
  return *bytes;
}

// Two tasklets work on 1024 elements each, in tiles of `tile`; `body` is the statement of the inner
// loop, in which AT stands for the tile's first element.
inline std::string kernel_text(const std::string& type, const std::string& range,
                               const std::string& result, const std::string& body) {
  std::string text = R"(kernel k {
  level unit independent 4
  level thread independent 2
  scope bank at unit
  scope scratch at unit
  link load bank -> scratch
  link store scratch -> bank
  param a i32
  param b i32
  param c i32
  buffer A TYPE device bank elements 2048 align 8 base a readonly RANGE
  buffer B TYPE device bank elements 2048 align 8 base b readonly RANGE
  buffer C RESULT device bank elements 2048 align 8 base c
  buffer x TYPE local scratch elements 1024 align 8
  buffer y TYPE local scratch elements 1024 align 8
  buffer z RESULT local scratch elements 1024 align 8
  var t i32
  var i i32
  body {
    for t = 0 count TILES {
      copy load x[AT] <- A[@thread * 1024 + t * SIZE] count SIZE
      SECOND
      z[AT] = 0ZERO
      for i = 0 count SIZE unrolled(8) {
        BODY
      }
      copy store C[@thread * 1024 + t * SIZE] <- z[AT] count SIZE
    }
  }
})";
  const bool wide = result == "i64";
  const bool second = body.find("y[") != std::string::npos;
  const std::pair<const char*, std::string> parts[] = {
      {"SECOND", second ? "copy load y[AT] <- B[@thread * 1024 + t * SIZE] count SIZE" : ""},
      {"BODY", body},
      {"TYPE", type},
      {"RANGE", range},
      {"RESULT", result},
      {"AT", "@thread * SIZE"},
      {"TILES", wide ? "4" : "2"},
      {"SIZE", wide ? "256" : "512"},
      {"ZERO", wide ? ":i64" : ""}};
  for (const auto& [name, value] : parts)
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name))
      text.replace(at, std::string(name).size(), value);
  return text;
}

// Issued instructions per element, all data being numbers of `element_bytes` that repeat `values`.
inline double slots(const CompiledKernel& compiled, std::size_t element_bytes,
                    const std::vector<std::int64_t>& values) {
  auto dpu = Executor::from_elf(compiled.elf);
  EXPECT_TRUE(dpu) << dpu.error().message();
  std::vector<std::uint8_t> data(3 * 2048 * 8);
  for (std::size_t i = 0; i < data.size() / element_bytes; ++i)
    std::memcpy(data.data() + i * element_bytes, &values[i % values.size()], element_bytes);
  EXPECT_TRUE(dpu->write(Space::mram, 0, data));
  const std::int64_t arguments[3] = {0, 2048 * 8, 2 * 2048 * 8};
  std::uint8_t bytes[24];
  std::memcpy(bytes, arguments, sizeof bytes);
  EXPECT_TRUE(dpu->write_symbol("args", 0, bytes));
  const RunReport report = dpu->run();
  EXPECT_EQ(report.outcome, Outcome::finished) << report.what;
  return static_cast<double>(report.issued) / 2048;
}

}  // namespace pimjit::upmem::testing

#endif  // PIMJIT_TESTS_UPMEM_TILED_LOOP_H_
