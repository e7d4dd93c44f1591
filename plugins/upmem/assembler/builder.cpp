#include "pimjit/plugins/upmem/assembler/builder.h"

#include <algorithm>

#include "pimjit/plugins/upmem/elf/writer.h"

namespace pimjit::upmem {
namespace {

// Stands for a label until it is bound: a value only fields wide enough for any instruction index
// take.
constexpr std::int64_t kAnyIndex = kIramInstructions - 1;

std::vector<std::uint8_t> code_bytes(std::span<const std::uint64_t> words) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(words.size() * 8);
  for (std::uint64_t word : words)
    for (int byte = 0; byte < 8; ++byte)
      bytes.push_back(static_cast<std::uint8_t>(word >> 8 * byte));
  return bytes;
}

std::uint32_t align_up(std::uint32_t value, std::uint32_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

const char* section_name(Placement placement) {
  constexpr const char* kNames[] = {".data", ".data.__sys_host", ".data.reserved"};
  return kNames[static_cast<int>(placement)];
}

}  // namespace

Builder::Builder() = default;

Label Builder::label() {
  labels_.push_back(-1);
  return {static_cast<int>(labels_.size()) - 1};
}

void Builder::bind(Label label) {
  if (label.id < 0 || label.id >= static_cast<int>(labels_.size()) || labels_[label.id] >= 0) {
    note("label_bound_twice", "label " + std::to_string(label.id) + " does not exist or is bound");
    return;
  }
  labels_[label.id] = position();
}

Label Builder::here() {
  const Label result = label();
  bind(result);
  return result;
}

std::optional<std::uint32_t> Builder::index_of(Label label) const {
  if (label.id < 0 || label.id >= static_cast<int>(labels_.size()) || labels_[label.id] < 0)
    return std::nullopt;
  return static_cast<std::uint32_t>(labels_[label.id]);
}

std::string Builder::where() const {
  return "instruction " + std::to_string(position());
}

void Builder::note(std::string code, std::string what) {
  if (!error_) error_ = Error{Origin::internal, std::move(code), std::move(what), where(), ""};
}

void Builder::emit(Op op, std::initializer_list<BuilderOperand> operands, Extend extend) {
  emit(op, std::span<const BuilderOperand>(operands.begin(), operands.size()), extend);
}

namespace {

struct Resolved {
  std::array<Operand, kMaxOperands + 1> operands;
  std::size_t count = 0;
  std::span<const Operand> list() const { return {operands.data(), count}; }
};

Resolved resolve(std::span<const BuilderOperand> operands) {
  Resolved out;
  for (const BuilderOperand& operand : operands) {
    if (out.count == out.operands.size()) break;
    out.operands[out.count++] = operand.label.id < 0 ? operand.operand : number(kAnyIndex);
  }
  return out;
}

}  // namespace

void Builder::emit(Op op, std::span<const BuilderOperand> operands, Extend extend) {
  const Resolved resolved = resolve(operands);
  const auto found = select(op, extend, resolved.list());
  if (!found) {
    note("no_such_form", std::string("operand ") + std::to_string(found.error().operand + 1) +
                             " of `" + to_string(op) + "`: expected " + found.error().expected);
    code_.push_back({});
    return;
  }
  add(*found, operands, resolved.list());
}

void Builder::emit(std::string_view mnemonic, std::initializer_list<BuilderOperand> operands) {
  const std::span<const BuilderOperand> list(operands.begin(), operands.size());
  const Resolved resolved = resolve(list);
  const auto found = select(mnemonic, resolved.list());
  if (!found) {
    note("no_such_form", std::string("operand ") + std::to_string(found.error().operand + 1) +
                             " of `" + std::string(mnemonic) + "`: expected " +
                             found.error().expected);
    code_.push_back({});
    return;
  }
  add(*found, list, resolved.list());
}

void Builder::emit(const Instruction& instruction) {
  add(instruction, {}, {});
}

void Builder::add(const Instruction& instruction, std::span<const BuilderOperand> operands,
                  std::span<const Operand> resolved) {
  for (std::size_t i = 0; i < resolved.size(); ++i) {
    if (operands[i].label.id < 0) continue;
    // An alias may have moved the operand: labels are the last operand, or the only one with this
    // value.
    const Form& form = instruction.shape();
    for (int at = form.operand_count - 1; at >= 0; --at) {
      if (instruction.values[at] != kAnyIndex) continue;
      fixups_.push_back({position(), static_cast<std::uint8_t>(at), operands[i].label,
                         operands[i].operand.value});
      break;
    }
  }
  code_.push_back(instruction);
}

void Builder::name_code(std::string name, Label label) {
  names_.push_back({std::move(name), label});
}

std::uint32_t Builder::wram(std::string name, std::uint32_t size, Placement placement,
                            std::uint32_t alignment, std::span<const std::uint8_t> bytes) {
  // Sections of different placement do not share 8-byte granules.
  const bool same = !wram_.empty() && wram_.back().placement == placement;
  const std::uint32_t address = align_up(wram_end_, std::max(same ? 1u : 8u, alignment));
  if (bytes.size() > size || std::uint64_t{address} + size > kWramBytes) {
    note("wram_exceeded", "variable `" + name + "` of " + std::to_string(size) + " bytes at " +
                              std::to_string(address) + " does not fit, WRAM has " +
                              std::to_string(kWramBytes) + " bytes");
    return 0;
  }
  wram_.push_back({std::move(name), address, size, placement, {bytes.begin(), bytes.end()}});
  wram_end_ = address + size;
  return address;
}

std::uint32_t Builder::mram(std::string name, std::uint32_t size, std::uint32_t alignment,
                            std::span<const std::uint8_t> bytes) {
  const std::uint32_t offset = align_up(mram_end_, std::max(8u, alignment));
  if (bytes.size() > size || std::uint64_t{offset} + size > kMramBytes) {
    note("mram_exceeded", "variable `" + name + "` of " + std::to_string(size) + " bytes at " +
                              std::to_string(offset) + " does not fit, MRAM has " +
                              std::to_string(kMramBytes) + " bytes");
    return 0;
  }
  const Placement placement = bytes.empty() ? Placement::reserved : Placement::data;
  mram_.push_back({std::move(name), offset, size, placement, {bytes.begin(), bytes.end()}});
  mram_end_ = align_up(offset + size, 8);
  return offset;
}

void Builder::absolute(std::string name, std::uint32_t value) {
  absolutes_.emplace_back(std::move(name), value);
}

void Builder::note_section(std::string name, std::vector<std::uint8_t> bytes) {
  notes_.emplace_back(std::move(name), std::move(bytes));
}

Expected<std::vector<std::uint64_t>> Builder::words() const {
  if (error_) return fail(*error_);
  if (code_.size() > kIramInstructions)
    return fail(Origin::target, "program_too_long",
                "the program has " + std::to_string(code_.size()) + " instructions, IRAM holds " +
                    std::to_string(kIramInstructions));
  std::vector<Instruction> code = code_;
  for (const Fixup& fixup : fixups_) {
    const auto index = index_of(fixup.label);
    if (!index)
      return fail(Origin::internal, "label_not_bound",
                  "label " + std::to_string(fixup.label.id) + " is never bound",
                  "instruction " + std::to_string(fixup.index));
    code[fixup.index].values[fixup.operand] = static_cast<std::int64_t>(*index) + fixup.offset;
  }
  std::vector<std::uint64_t> words;
  words.reserve(code.size());
  for (const Instruction& instruction : code) {
    const auto word = encode(instruction);
    if (!word) {
      Error error = word.error();
      error.where = "instruction " + std::to_string(words.size());
      return fail(std::move(error));
    }
    words.push_back(*word);
  }
  return words;
}

namespace {

// A section per run of neighbouring variables of one placement; each variable becomes a symbol.
template <typename Variables>
void add_variables(OutputFile& file, const Variables& variables, std::uint32_t base) {
  for (const auto& variable : variables) {
    const char* name = base == kMramBase
                           ? (variable.placement == Placement::data ? ".mram" : ".mram.noinit")
                           : section_name(variable.placement);
    const bool follows = !file.sections.empty() && file.sections.back().name == name;
    if (!follows) file.sections.push_back({name, base + variable.address / 8 * 8, 0, 8, {}});
    OutputSection& section = file.sections.back();
    const std::uint32_t at = base + variable.address - section.address;
    section.reserved = at + variable.size;
    if (variable.placement != Placement::reserved) {
      section.bytes.resize(section.reserved, 0);
      std::copy(variable.bytes.begin(), variable.bytes.end(), section.bytes.begin() + at);
    }
    if (!variable.name.empty())
      file.symbols.push_back({variable.name, base + variable.address, variable.size,
                              SymbolKind::object, false,
                              static_cast<int>(file.sections.size()) - 1});
  }
}

}  // namespace

Expected<std::vector<std::uint8_t>> Builder::finish(int tasklets) const {
  const auto code = words();
  if (!code) return tl::unexpected(code.error());
  OutputFile file;
  file.sections.push_back({".text", kIramBase, 0, 8, code_bytes(*code)});
  for (const CodeName& name : names_)
    if (const auto index = index_of(name.label))
      file.symbols.push_back(
          {name.name, kIramBase + *index * 8, 0, SymbolKind::function, false, 0});
  file.sections.push_back({".data.__sys_zero", 0, 0, 8, std::vector<std::uint8_t>(8, 0)});
  add_variables(file, wram_, 0);
  add_variables(file, mram_, kMramBase);
  file.sections.push_back({".mram.end", kMramBase + mram_end_, 0, 8, {}});
  file.symbols.push_back({"__sys_used_mram_end", kMramBase + mram_end_, 0, SymbolKind::none, false,
                          static_cast<int>(file.sections.size()) - 1});
  file.symbols.push_back(
      {"NR_TASKLETS", static_cast<std::uint32_t>(tasklets), 0, SymbolKind::none, true, -1});
  file.symbols.push_back(
      {"__sys_heap_pointer_reset", align_up(wram_end_, 8), 0, SymbolKind::none, true, -1});
  for (const auto& [name, value] : absolutes_)
    file.symbols.push_back({name, value, 0, SymbolKind::none, true, -1});
  for (const auto& [name, bytes] : notes_) file.notes.push_back({name, bytes});
  return write_elf(file);
}

}  // namespace pimjit::upmem
