#include "pimjit/plugins/upmem/elf/image.h"

namespace pimjit::upmem {

const char* to_string(Space space) {
  constexpr const char* kNames[] = {"WRAM", "MRAM", "IRAM"};
  return kNames[static_cast<int>(space)];
}

bool visible_to_host(const Symbol& symbol) {
  if (symbol.absolute || symbol.undefined || symbol.name.empty()) return false;
  return !symbol.section.starts_with(".data") || symbol.section == ".data.__sys_host";
}

const Symbol* Image::find(std::string_view name) const {
  for (const Symbol& symbol : symbols)
    if (symbol.name == name) return &symbol;
  return nullptr;
}

const Symbol* Image::find_for_host(std::string_view name) const {
  for (const Symbol& symbol : symbols)
    if (symbol.name == name && visible_to_host(symbol)) return &symbol;
  return nullptr;
}

}  // namespace pimjit::upmem
