#include "pimjit/plugins/upmem/elf/reader.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "pimjit/plugins/upmem/elf/format.h"

namespace pimjit::upmem {
namespace {

using namespace elf;

std::string hex(std::uint64_t value) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  do {
    text.insert(text.begin(), kDigits[value & 15]);
    value >>= 4;
  } while (value != 0);
  return "0x" + text;
}

tl::unexpected<Error> bad(std::string what, std::string where = {}) {
  return fail(Origin::user, "bad_elf", std::move(what), std::move(where));
}

// A header as the file has it, before its contents are looked at.
struct RawSection {
  std::uint32_t name, type, flags, address, offset, size, link, alignment, entry_size;
};

class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  Expected<Image> read() {
    for (auto step : {&Reader::read_header, &Reader::read_segments, &Reader::read_sections,
                      &Reader::read_symbols}) {
      const Status status = (this->*step)();
      if (!status) return tl::unexpected(status.error());
    }
    return std::move(image_);
  }

 private:
  std::uint16_t half(std::uint64_t at) const {
    return static_cast<std::uint16_t>(bytes_[at] | bytes_[at + 1] << 8);
  }
  std::uint32_t word(std::uint64_t at) const {
    return half(at) | std::uint32_t{half(at + 2)} << 16;
  }
  bool inside(std::uint64_t offset, std::uint64_t size) const {
    return offset + size <= bytes_.size();
  }

  Status read_header();
  Status read_segments();
  Status read_segment(std::uint32_t index, std::uint64_t at);
  Status read_sections();
  Status read_symbols();
  Expected<std::string> text_at(const RawSection& table, std::uint32_t offset,
                                const std::string& where);
  Expected<Symbol> read_symbol(std::uint64_t at, const RawSection& names, const std::string& where);
  const RawSection* section_named(const char* name) const;

  // Headers may overlap in the file, so that a small file could ask for any amount of memory.
  static constexpr std::uint64_t kMaxNameBytes = 64 << 20;
  static constexpr std::uint64_t kMaxLoaded = kMramBytes + kWramBytes + 8 * kIramInstructions;

  std::span<const std::uint8_t> bytes_;
  std::uint64_t name_bytes_ = 0;
  std::uint64_t loaded_ = 0;
  Image image_;
  std::vector<RawSection> raw_;
};

Status Reader::read_header() {
  if (bytes_.size() < kHeaderSize)
    return bad("the file has " + std::to_string(bytes_.size()) + " bytes, an ELF header has " +
               std::to_string(kHeaderSize));
  if (!std::equal(std::begin(kMagic), std::end(kMagic), bytes_.begin()))
    return bad("the file does not start with the ELF magic bytes 7f 45 4c 46", "e_ident");
  if (bytes_[4] != kClass32)
    return bad("class is " + std::to_string(bytes_[4]) + ", expected 1 (32 bits)", "e_ident[4]");
  if (bytes_[5] != kLittleEndian)
    return bad("byte order is " + std::to_string(bytes_[5]) + ", expected 1 (little endian)",
               "e_ident[5]");
  if (bytes_[6] != kVersion)
    return bad("version is " + std::to_string(bytes_[6]) + ", expected 1", "e_ident[6]");
  if (half(16) != kExecutable)
    return bad("type is " + std::to_string(half(16)) + ", expected 2 (executable)", "e_type");
  if (half(18) != kMachineDpu)
    return bad("machine is " + std::to_string(half(18)) + ", expected 245 (DPU)", "e_machine");
  if (word(20) != kVersion)
    return bad("version is " + std::to_string(word(20)) + ", expected 1", "e_version");
  if (half(40) != kHeaderSize)
    return bad("header size is " + std::to_string(half(40)) + ", expected 52", "e_ehsize");
  image_.entry = word(24);
  image_.flags = word(36);
  return {};
}

Status Reader::read_segments() {
  const std::uint32_t offset = word(28), entry = half(42), count = half(44);
  if (count == 0) return {};
  if (entry != kProgramHeaderSize)
    return bad("entry size is " + std::to_string(entry) + ", expected 32", "e_phentsize");
  if (!inside(offset, std::uint64_t{count} * entry))
    return bad(std::to_string(count) + " program headers at " + hex(offset) +
                   " reach beyond the end of the file at " + hex(bytes_.size()),
               "e_phoff");
  for (std::uint32_t i = 0; i < count; ++i)
    if (Status status = read_segment(i, offset + std::uint64_t{i} * entry); !status) return status;
  return {};
}

Status Reader::read_segment(std::uint32_t index, std::uint64_t at) {
  if (word(at) != kLoad || word(at + 20) == 0) return {};
  const std::string where = "program header " + std::to_string(index);
  const std::uint32_t offset = word(at + 4), file_size = word(at + 16);
  Segment segment;
  segment.address = word(at + 8);
  segment.memory_size = word(at + 20);
  segment.flags = word(at + 24);
  if (file_size > segment.memory_size)
    return bad("file size " + hex(file_size) + " exceeds memory size " + hex(segment.memory_size),
               where);
  if (!inside(offset, file_size))
    return bad("contents at " + hex(offset) + " of " + hex(file_size) +
                   " bytes reach beyond the end of the file at " + hex(bytes_.size()),
               where);
  const Space space = space_of(segment.address);
  const std::uint32_t capacity = capacity_of(space);
  const std::uint32_t granule = space == Space::wram ? 4 : 8;
  const std::uint64_t end = std::uint64_t{offset_of(segment.address)} + segment.memory_size;
  if (end > capacity)
    return bad(hex(segment.memory_size) + " bytes at " + hex(segment.address) + " end at " +
                   hex(end) + ", " + to_string(space) + " has " + hex(capacity),
               where);
  // Transfers to WRAM move words, to IRAM instructions; MRAM contents may have any size.
  if (space != Space::mram &&
      (segment.address % granule != 0 || segment.memory_size % granule != 0))
    return bad("address " + hex(segment.address) + " or size " + hex(segment.memory_size) +
                   " is not a multiple of " + std::to_string(granule) + " as " + to_string(space) +
                   " needs",
               where);
  loaded_ += segment.memory_size;
  if (loaded_ > kMaxLoaded)
    return bad("segments add up to " + hex(loaded_) + " bytes, all memories of a DPU hold " +
                   hex(kMaxLoaded),
               where);
  segment.bytes.assign(bytes_.begin() + offset, bytes_.begin() + offset + file_size);
  image_.segments.push_back(std::move(segment));
  return {};
}

Expected<std::string> Reader::text_at(const RawSection& table, std::uint32_t offset,
                                      const std::string& where) {
  if (offset >= table.size)
    return bad("name offset " + hex(offset) + " lies outside the string table of " +
                   hex(table.size) + " bytes",
               where);
  const auto* begin = bytes_.data() + table.offset + offset;
  const auto* end = bytes_.data() + table.offset + table.size;
  const auto* stop = std::find(begin, end, std::uint8_t{0});
  if (stop == end) return bad("name at offset " + hex(offset) + " has no terminating zero", where);
  name_bytes_ += static_cast<std::uint64_t>(stop - begin);
  if (name_bytes_ > kMaxNameBytes)
    return bad("names add up to more than " + std::to_string(kMaxNameBytes) + " bytes", where);
  return std::string(begin, stop);
}

Status Reader::read_sections() {
  const std::uint32_t offset = word(32), entry = half(46), count = half(48), names = half(50);
  if (count == 0) return bad("there are no section headers; the loader needs them", "e_shnum");
  if (entry != kSectionHeaderSize)
    return bad("entry size is " + std::to_string(entry) + ", expected 40", "e_shentsize");
  if (!inside(offset, std::uint64_t{count} * entry))
    return bad(std::to_string(count) + " section headers at " + hex(offset) +
                   " reach beyond the end of the file at " + hex(bytes_.size()),
               "e_shoff");
  if (names >= count)
    return bad("index of the section names is " + std::to_string(names) + ", there are " +
                   std::to_string(count) + " sections",
               "e_shstrndx");
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint64_t at = offset + std::uint64_t{i} * entry;
    const RawSection raw{word(at),      word(at + 4),  word(at + 8),  word(at + 12), word(at + 16),
                         word(at + 20), word(at + 24), word(at + 32), word(at + 36)};
    if (raw.type != kNobits && raw.type != kNull && !inside(raw.offset, raw.size))
      return bad("contents at " + hex(raw.offset) + " of " + hex(raw.size) +
                     " bytes reach beyond the end of the file at " + hex(bytes_.size()),
                 "section header " + std::to_string(i));
    raw_.push_back(raw);
  }
  if (raw_[names].type != kStrtab)
    return bad("section " + std::to_string(names) + " is of type " +
                   std::to_string(raw_[names].type) + ", expected 3 (string table)",
               "e_shstrndx");
  for (std::uint32_t i = 0; i < count; ++i) {
    const RawSection& raw = raw_[i];
    auto name = text_at(raw_[names], raw.name, "section header " + std::to_string(i));
    if (!name) return tl::unexpected(name.error());
    const bool lines = *name == kLineSection && raw.type == kProgbits && image_.lines.empty();
    if (lines)
      image_.lines.assign(bytes_.begin() + raw.offset, bytes_.begin() + raw.offset + raw.size);
    image_.sections.push_back(
        {std::move(*name), raw.type, raw.flags, raw.address, raw.size, raw.alignment});
  }
  return {};
}

const RawSection* Reader::section_named(const char* name) const {
  for (std::size_t i = 0; i < raw_.size(); ++i)
    if (image_.sections[i].name == name) return &raw_[i];
  return nullptr;
}

Status Reader::read_symbols() {
  const RawSection* symbols = section_named(".symtab");
  const RawSection* names = section_named(".strtab");
  if (!symbols || !names || !section_named(".shstrtab"))
    return bad(std::string("section ") +
               (!symbols ? ".symtab"
                : !names ? ".strtab"
                         : ".shstrtab") +
               " is missing; the loader finds it by name");
  if (symbols->type != kSymtab)
    return bad(".symtab is of type " + std::to_string(symbols->type) + ", expected 2");
  if (names->type != kStrtab)
    return bad(".strtab is of type " + std::to_string(names->type) + ", expected 3");
  if (symbols->entry_size != kSymbolSize || symbols->size % kSymbolSize != 0)
    return bad(".symtab has " + hex(symbols->size) + " bytes in entries of " +
               std::to_string(symbols->entry_size) + ", expected entries of 16");
  const std::uint32_t count = symbols->size / kSymbolSize;
  for (std::uint32_t i = 1; i < count; ++i) {
    auto symbol = read_symbol(symbols->offset + std::uint64_t{i} * kSymbolSize, *names,
                              "symbol " + std::to_string(i));
    if (!symbol) return tl::unexpected(symbol.error());
    image_.symbols.push_back(std::move(*symbol));
  }
  return {};
}

Expected<Symbol> Reader::read_symbol(std::uint64_t at, const RawSection& names,
                                     const std::string& where) {
  auto name = text_at(names, word(at), where);
  if (!name) return tl::unexpected(name.error());
  Symbol symbol;
  symbol.name = std::move(*name);
  symbol.value = word(at + 4);
  symbol.size = word(at + 8);
  symbol.global = bytes_[at + 12] >> 4 != 0;
  const int type = bytes_[at + 12] & 15;
  constexpr SymbolKind kKinds[] = {SymbolKind::none, SymbolKind::object, SymbolKind::function,
                                   SymbolKind::section, SymbolKind::file};
  symbol.kind = type < 5 ? kKinds[type] : SymbolKind::other;
  const std::uint16_t section = half(at + 14);
  symbol.undefined = section == kUndefinedIndex;
  symbol.absolute = section == kAbsoluteIndex;
  if (section >= kReservedIndex || symbol.undefined) return symbol;
  if (section >= image_.sections.size())
    return bad("section index " + std::to_string(section) + ", there are " +
                   std::to_string(image_.sections.size()) + " sections",
               where);
  symbol.section = image_.sections[section].name;
  if (symbol.kind == SymbolKind::section && symbol.name.empty()) symbol.name = symbol.section;
  return symbol;
}

}  // namespace

Expected<Image> read_elf(std::span<const std::uint8_t> bytes) {
  return Reader(bytes).read();
}

}  // namespace pimjit::upmem
