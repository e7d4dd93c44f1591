// TOML text in: a description or an error, never anything else. What is accepted has to be
// consistent and have keys; the same text is tried as a manifest and as a target string.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "pimjit/core/plugin/manifest.h"
#include "pimjit/core/plugin/target_string.h"
#include "pimjit/core/target/target_desc.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto target = pimjit::parse_target(text, "fuzz.toml");
  if (target) {
    if (!pimjit::check_target(*target)) std::abort();
    if (target->home_scope() < 0) std::abort();
    if (pimjit::structure_key(*target).empty()) std::abort();
    if (pimjit::model_key(*target, "build").empty()) std::abort();
  } else if (target.error().message().empty() || target.error().origin != pimjit::Origin::user) {
    std::abort();
  }
  const auto manifest = pimjit::parse_manifest(text, "/p/simple.plugin.toml");
  if (!manifest && manifest.error().origin != pimjit::Origin::target) std::abort();
  const auto choice = pimjit::parse_target_string(text);
  if (choice) {
    const auto again = pimjit::parse_target_string(pimjit::to_string(*choice));
    if (!again || again->options != choice->options) std::abort();
  }
  return 0;
}
