// Index notation from anyone: parsing must end in a workload or an error, and what is accepted must
// pass its check and survive being written as text. The first byte picks the default type.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "pimjit/core/workload/notation.h"

namespace {

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

pimjit::NotationOptions options_for(pimjit::DType dtype) {
  pimjit::NotationOptions options;
  options.dtype = dtype;
  return options;
}

// Sizes for exactly the axes that occur: the errors name the missing ones.
pimjit::Result<pimjit::Workload> parse(std::string_view text, pimjit::NotationOptions options) {
  auto workload = pimjit::parse_workload(text, options);
  for (int64_t extent = 3; !workload && workload.error().code == "axis_without_size"; ++extent) {
    const std::string& what = workload.error().what;
    options.sizes[what.substr(5, what.find(" has no size") - 5)] = extent % 8;
    workload = pimjit::parse_workload(text, options);
  }
  return workload;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const pimjit::DType dtype = pimjit::kTensorDTypes[data[0] % std::size(pimjit::kTensorDTypes)];
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto workload = parse(text, options_for(dtype));
  if (!workload) {
    require(!workload.error().message().empty(), "an error without a text");
    return 0;
  }
  require(pimjit::check_workload(*workload).has_value(), "an accepted workload fails its check");
  const std::string written = pimjit::to_text(*workload);
  pimjit::NotationOptions options = options_for(pimjit::DType::i32);
  for (const pimjit::Stage& stage : workload->stages) {
    for (const pimjit::Axis& axis : stage.axes) options.sizes[axis.name] = axis.extent;
  }
  if (written.size() > 65536) return 0;  // above the notation's own limit
  const auto again = pimjit::parse_workload(written, options);
  require(again.has_value(), "the text of a workload is not accepted");
  require(pimjit::workload_key(*again) == pimjit::workload_key(*workload),
          "the text means something else");
  return 0;
}
