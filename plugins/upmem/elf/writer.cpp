#include "pimjit/plugins/upmem/elf/writer.h"

#include <iterator>

#include "pimjit/plugins/upmem/elf/format.h"

namespace pimjit::upmem {
namespace {

using namespace elf;
using Bytes = std::vector<std::uint8_t>;

void put(Bytes& out, std::uint32_t value, int size) {
  for (int i = 0; i < size; ++i) out.push_back(static_cast<std::uint8_t>(value >> 8 * i));
}

void align(Bytes& out, std::size_t to) {
  while (out.size() % to != 0) out.push_back(0);
}

class StringTable {
 public:
  std::uint32_t add(const std::string& text) {
    if (text.empty()) return 0;
    const auto at = static_cast<std::uint32_t>(bytes_.size());
    bytes_.insert(bytes_.end(), text.begin(), text.end());
    bytes_.push_back(0);
    return at;
  }
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_{0};
};

struct SectionHeader {
  std::uint32_t name = 0, type = 0, flags = 0, address = 0, offset = 0, size = 0, link = 0,
                info = 0, alignment = 1, entry_size = 0;
};

Status check(const OutputSection& section) {
  const Space space = space_of(section.address);
  const std::uint32_t capacity = capacity_of(space);
  const std::uint64_t size = section.bytes.empty() ? section.reserved : section.bytes.size();
  const std::uint64_t end = offset_of(section.address) + size;
  if (end > capacity)
    return fail(Origin::user, "section_too_large",
                "section " + section.name + " ends at byte " + std::to_string(end) + ", " +
                    to_string(space) + " has " + std::to_string(capacity));
  if (section.address % 8 != 0)
    return fail(Origin::user, "section_misaligned",
                "section " + section.name + " starts at " +
                    std::to_string(offset_of(section.address)) + ", not a multiple of 8");
  return {};
}

class Writer {
 public:
  explicit Writer(const OutputFile& file) : file_(file) {}

  Bytes write() {
    std::uint32_t loaded = 0;
    for (const OutputSection& section : file_.sections) loaded += !section.bytes.empty();
    out_.resize(kHeaderSize + std::size_t{loaded} * kProgramHeaderSize);
    headers_.push_back({});
    for (const OutputSection& section : file_.sections) add_section(section);
    for (const OutputNote& note : file_.notes)
      add_contents({names_.add(note.name), kProgbits}, note.bytes);
    add_symbols();
    add_names();
    align(out_, 4);
    const auto section_headers = static_cast<std::uint32_t>(out_.size());
    for (const SectionHeader& header : headers_) put_header(header);
    put_front(loaded, section_headers);
    return std::move(out_);
  }

 private:
  void add_section(const OutputSection& section) {
    const Space space = space_of(section.address);
    SectionHeader header;
    header.name = names_.add(section.name);
    header.type = section.bytes.empty() ? kNobits : kProgbits;
    header.flags = kShfAlloc | (space == Space::iram ? kShfExec : kShfWrite);
    header.address = section.address;
    header.alignment = section.alignment;
    align(out_, 8);
    header.offset = static_cast<std::uint32_t>(out_.size());
    header.size = section.reserved;
    if (!section.bytes.empty()) {
      out_.insert(out_.end(), section.bytes.begin(), section.bytes.end());
      align(out_, 8);
      header.size = static_cast<std::uint32_t>(out_.size()) - header.offset;
      const std::uint32_t access = space == Space::iram ? kExecute : kWrite;
      for (std::uint32_t value : {kLoad, header.offset, header.address, header.address, header.size,
                                  header.size, kRead | access, std::uint32_t{8}})
        put(program_headers_, value, 4);
    }
    headers_.push_back(header);
  }

  void add_symbols() {
    StringTable names;
    Bytes table(kSymbolSize, 0);
    for (const OutputSymbol& symbol : file_.symbols) {
      constexpr std::uint32_t kGlobal = 1 << 4;
      std::uint32_t kind = 0;
      if (symbol.kind == SymbolKind::object) kind = kObject;
      if (symbol.kind == SymbolKind::function) kind = kFunction;
      put(table, names.add(symbol.name), 4);
      put(table, symbol.value, 4);
      put(table, symbol.size, 4);
      put(table, kGlobal | kind, 1);
      put(table, 0, 1);
      put(table,
          symbol.absolute ? std::uint32_t{kAbsoluteIndex}
                          : static_cast<std::uint32_t>(symbol.section + 1),
          2);
    }
    SectionHeader header;
    header.name = names_.add(".symtab");
    header.type = kSymtab;
    header.link = static_cast<std::uint32_t>(headers_.size()) + 1;
    header.info = 1;
    header.alignment = 4;
    header.entry_size = kSymbolSize;
    add_contents(header, table);
    add_contents({names_.add(".strtab"), kStrtab}, names.bytes());
  }

  void add_names() {
    SectionHeader header{names_.add(".shstrtab"), kStrtab};
    add_contents(header, names_.bytes());
  }

  void add_contents(SectionHeader header, const Bytes& bytes) {
    align(out_, 4);
    header.offset = static_cast<std::uint32_t>(out_.size());
    header.size = static_cast<std::uint32_t>(bytes.size());
    out_.insert(out_.end(), bytes.begin(), bytes.end());
    headers_.push_back(header);
  }

  void put_header(const SectionHeader& header) {
    for (std::uint32_t value :
         {header.name, header.type, header.flags, header.address, header.offset, header.size,
          header.link, header.info, header.alignment, header.entry_size})
      put(out_, value, 4);
  }

  void put_front(std::uint32_t loaded, std::uint32_t section_headers) {
    Bytes front(std::begin(kMagic), std::end(kMagic));
    for (std::uint8_t value : {kClass32, kLittleEndian, kVersion}) front.push_back(value);
    front.resize(16);
    put(front, kExecutable, 2);
    put(front, kMachineDpu, 2);
    put(front, kVersion, 4);
    put(front, file_.entry, 4);
    put(front, loaded == 0 ? 0 : kHeaderSize, 4);
    put(front, section_headers, 4);
    put(front, 0, 4);
    put(front, kHeaderSize, 2);
    put(front, kProgramHeaderSize, 2);
    put(front, loaded, 2);
    put(front, kSectionHeaderSize, 2);
    put(front, static_cast<std::uint32_t>(headers_.size()), 2);
    put(front, static_cast<std::uint32_t>(headers_.size()) - 1, 2);
    front.insert(front.end(), program_headers_.begin(), program_headers_.end());
    std::copy(front.begin(), front.end(), out_.begin());
  }

  const OutputFile& file_;
  Bytes out_;
  Bytes program_headers_;
  StringTable names_;
  std::vector<SectionHeader> headers_;
};

}  // namespace

Expected<std::vector<std::uint8_t>> write_elf(const OutputFile& file) {
  for (const OutputSection& section : file.sections)
    if (Status status = check(section); !status) return tl::unexpected(status.error());
  for (const OutputSymbol& symbol : file.symbols)
    if (!symbol.absolute &&
        (symbol.section < 0 || symbol.section >= static_cast<int>(file.sections.size())))
      return fail(Origin::internal, "symbol_without_section",
                  "symbol " + symbol.name + " names section " + std::to_string(symbol.section) +
                      " of " + std::to_string(file.sections.size()));
  return Writer(file).write();
}

}  // namespace pimjit::upmem
