#include "pimjit/plugins/upmem/assembler/assembler.h"

#include <algorithm>
#include <map>
#include <optional>

#include "pimjit/plugins/upmem/assembler/operands.h"
#include "pimjit/plugins/upmem/assembler/sections.h"

namespace pimjit::upmem {
namespace {

constexpr std::uint32_t kFirstAtomic = 200, kAtomicEnd = 256;
constexpr int kMaxEquDepth = 32;

struct DataDirective {
  std::string_view name;
  int size;
};
constexpr DataDirective kDataDirectives[] = {
    {".byte", 1}, {".half", 2}, {".word", 4}, {".quad", 8}};

// What is left of a line after its labels, with the place it was given.
struct Statement {
  int line = 0;
  std::vector<Token> tokens;
  std::size_t first = 0;
  SourceSection section = SourceSection::text;
  std::uint64_t offset = 0;
};

struct Definition {
  int line = 0;
  bool is_label = false;
  SourceSection section = SourceSection::text;
  std::uint64_t offset = 0;
  std::optional<std::int64_t> constant;  // .atomic and predefined names
  std::vector<Token> expression;         // .equ
};

class Assembler {
 public:
  explicit Assembler(const std::string& file_name) : file_name_(file_name) {}

  Expected<OutputFile> run(std::string_view source) {
    if (Status status = lay_out(source); !status) return tl::unexpected(status.error());
    place_sections();
    for (const Statement& statement : statements_)
      if (Status status = emit(statement); !status)
        return tl::unexpected(located(status.error(), statement.line));
    return output();
  }

 private:
  // First pass: sizes and names.
  Status lay_out(std::string_view source);
  Status read_line(std::string_view text, int line);
  Status define(const Token& name, Definition definition);
  Expected<std::uint64_t> size_of(const Statement& statement);
  Status directive_without_bytes(const Statement& statement, bool& handled);
  void place_sections();
  // Second pass.
  Status emit(const Statement& statement);
  Status emit_instruction(const Statement& statement);
  Status emit_values(const Statement& statement, int size);
  Expected<OutputFile> output() const;
  void add_symbols(OutputFile& file, const std::array<int, 6>& index) const;

  Expected<std::int64_t> value_of(const std::string& name, const Statement* statement, int depth);
  Expected<std::int64_t> number_at(const Statement& statement, std::size_t& at);
  Status expect_end(const Statement& statement, std::size_t at) const;
  SectionBuffer& buffer(SourceSection section) { return buffers_[static_cast<int>(section)]; }
  static const SectionRule& rule(SourceSection section) {
    return kSectionRules[static_cast<int>(section)];
  }

  static tl::unexpected<Error> bad(std::string what, const Token& token) {
    return fail(Origin::user, "bad_assembly", std::move(what), std::to_string(token.column));
  }
  Error located(Error error, int line) const {
    error.where =
        file_name_ + ":" + std::to_string(line) + ":" + (error.where.empty() ? "1" : error.where);
    return error;
  }

  std::string file_name_;
  std::vector<Statement> statements_;
  std::map<std::string, Definition> names_;
  std::array<SectionBuffer, static_cast<int>(SourceSection::count)> buffers_;
  SourceSection section_ = SourceSection::text;
  std::uint32_t next_atomic_ = kFirstAtomic;
  std::optional<std::uint32_t> tasklets_;
  bool placed_ = false;
};

Status Assembler::lay_out(std::string_view source) {
  int line = 0;
  while (!source.empty()) {
    const std::size_t end = std::min(source.find('\n'), source.size());
    ++line;
    if (Status status = read_line(source.substr(0, end), line); !status)
      return tl::unexpected(located(status.error(), line));
    source.remove_prefix(std::min(end + 1, source.size()));
  }
  return {};
}

Status Assembler::read_line(std::string_view text, int line) {
  auto tokens = tokenize(text);
  if (!tokens) return tl::unexpected(tokens.error());
  Statement statement;
  statement.line = line;
  statement.tokens = std::move(*tokens);
  auto& list = statement.tokens;
  auto mark_follows = [&](std::string_view mark) {
    const std::size_t next = statement.first + 1;
    return next < list.size() && list[next].kind == Token::Kind::mark &&
           list[next].spelling == mark;
  };
  while (list[statement.first].kind == Token::Kind::name && mark_follows(":")) {
    Definition label;
    label.line = line;
    label.is_label = true;
    label.section = section_;
    label.offset = buffer(section_).size;
    if (Status status = define(list[statement.first], label); !status) return status;
    statement.first += 2;
  }
  if (list[statement.first].kind == Token::Kind::end) return {};
  if (list[statement.first].kind == Token::Kind::name && mark_follows("=")) {
    Definition equ;
    equ.line = line;
    equ.expression.assign(list.begin() + static_cast<std::ptrdiff_t>(statement.first) + 2,
                          list.end());
    return define(list[statement.first], equ);
  }
  bool handled = false;
  if (Status status = directive_without_bytes(statement, handled); !status || handled)
    return status;
  statement.section = section_;
  statement.offset = buffer(section_).size;
  const auto size = size_of(statement);
  if (!size) return tl::unexpected(size.error());
  const std::uint64_t limit = capacity_of(rule(section_).space);
  if (*size > limit || statement.offset + *size > limit)
    return bad(std::string(rule(section_).directive) + " grows beyond the " +
                   std::to_string(limit) + " bytes of " + to_string(rule(section_).space),
               list[statement.first]);
  buffer(section_).size += *size;
  statements_.push_back(std::move(statement));
  return {};
}

Status Assembler::define(const Token& name, Definition definition) {
  if (is_reserved_name(name.spelling) || name.spelling == ".")
    return bad("`" + name.spelling + "` names a register or condition, not a symbol", name);
  if (name.spelling == "__sys_heap_pointer_reset" || name.spelling == "__sys_used_mram_end" ||
      name.spelling == "NR_TASKLETS")
    return bad("`" + name.spelling + "` is predefined", name);
  const auto [at, inserted] = names_.emplace(name.spelling, std::move(definition));
  if (!inserted)
    return bad(
        "`" + name.spelling + "` is already defined in line " + std::to_string(at->second.line),
        name);
  return {};
}

Status Assembler::directive_without_bytes(const Statement& statement, bool& handled) {
  const auto& tokens = statement.tokens;
  std::size_t at = statement.first;
  const Token& name = tokens[at];
  handled = true;
  for (int i = 0; i < static_cast<int>(SourceSection::count); ++i) {
    if (kSectionRules[i].directive != name.spelling || name.kind != Token::Kind::name) continue;
    section_ = static_cast<SourceSection>(i);
    return expect_end(statement, at + 1);
  }
  if (name.spelling == ".global" || name.spelling == ".globl") return {};
  if (name.spelling == ".equ" || name.spelling == ".atomic") {
    if (tokens[at + 1].kind != Token::Kind::name) return bad("expected a name", tokens[at + 1]);
    Definition definition;
    definition.line = statement.line;
    if (name.spelling == ".atomic") {
      if (next_atomic_ == kAtomicEnd)
        return bad("no atomic bit is left: 200..255 are in use", tokens[at + 1]);
      definition.constant = next_atomic_++;
      if (Status status = expect_end(statement, at + 2); !status) return status;
    } else {
      if (tokens[at + 2].spelling != ",") return bad("expected `,`", tokens[at + 2]);
      definition.expression.assign(tokens.begin() + static_cast<std::ptrdiff_t>(at) + 3,
                                   tokens.end());
    }
    return define(tokens[at + 1], definition);
  }
  if (name.spelling == ".tasklets") {
    ++at;
    const auto value = number_at(statement, at);
    if (!value) return tl::unexpected(value.error());
    if (*value < 1 || *value > kThreads)
      return bad("expected a number of tasklets 1..24", tokens[statement.first + 1]);
    tasklets_ = static_cast<std::uint32_t>(*value);
    return expect_end(statement, at);
  }
  handled = false;
  return {};
}

Expected<std::uint64_t> Assembler::size_of(const Statement& statement) {
  const auto& tokens = statement.tokens;
  const Token& name = tokens[statement.first];
  const SectionRule& where = rule(statement.section);
  if (name.kind == Token::Kind::name && (name.spelling[0] != '.' || is_mnemonic(name.spelling))) {
    if (statement.section != SourceSection::text)
      return bad("expected a directive, instructions go into .text", name);
    return 8;
  }
  if (name.kind != Token::Kind::name)
    return bad("expected a label, a mnemonic or a directive", name);
  if (statement.section == SourceSection::text)
    return bad("expected an instruction, data goes into .data, .host or .mram", name);
  std::size_t at = statement.first + 1;
  if (name.spelling == ".space" || name.spelling == ".align") {
    const auto value = number_at(statement, at);
    if (!value) return tl::unexpected(value.error());
    const Token& argument = tokens[statement.first + 1];
    if (name.spelling == ".space") {
      if (*value < 0 || *value > std::int64_t{kMramBytes})
        return bad("expected a size 0.." + std::to_string(kMramBytes), argument);
      return static_cast<std::uint64_t>(*value);
    }
    const auto alignment = static_cast<std::uint64_t>(*value);
    if (*value < 1 || *value > 65536 || (alignment & (alignment - 1)) != 0)
      return bad("expected a power of two 1..65536", argument);
    if (Status status = expect_end(statement, at); !status) return tl::unexpected(status.error());
    // Sections start at multiples of 8 only; a larger alignment would depend on what precedes them.
    if (alignment > 8 && where.space == Space::wram)
      return bad("expected an alignment up to 8 in WRAM", argument);
    return (alignment - statement.offset % alignment) % alignment;
  }
  if (!where.loaded)
    return bad("expected .space or .align, " + std::string(where.directive) + " has no contents",
               name);
  if (name.spelling == ".ascii" || name.spelling == ".asciz") {
    if (tokens[at].kind != Token::Kind::text) return bad("expected a string", tokens[at]);
    if (Status status = expect_end(statement, at + 1); !status)
      return tl::unexpected(status.error());
    return tokens[at].spelling.size() + (name.spelling == ".asciz" ? 1 : 0);
  }
  for (const DataDirective& directive : kDataDirectives) {
    if (directive.name != name.spelling) continue;
    std::uint64_t count = 1;
    int depth = 0;
    for (; tokens[at].kind != Token::Kind::end; ++at) {
      if (tokens[at].spelling == "(") ++depth;
      if (tokens[at].spelling == ")") --depth;
      if (tokens[at].kind == Token::Kind::mark && tokens[at].spelling == "," && depth == 0) ++count;
    }
    return count * static_cast<std::uint64_t>(directive.size);
  }
  return bad("unknown directive `" + name.spelling + "`", name);
}

void Assembler::place_sections() {
  const std::uint64_t first[] = {8, 0, 0};  // by Space: the first 8 bytes of WRAM stay zero
  std::uint64_t next[3] = {first[0], first[1], first[2]};
  for (int i = 0; i < static_cast<int>(SourceSection::count); ++i) {
    std::uint64_t& at = next[static_cast<int>(kSectionRules[i].space)];
    buffers_[i].base = at;
    at = (at + buffers_[i].size + 7) / 8 * 8;
  }
  const auto predefine = [this](const char* name, std::uint64_t value) {
    Definition definition;
    definition.constant = static_cast<std::int64_t>(value);
    names_.emplace(name, definition);
  };
  predefine("__sys_heap_pointer_reset", next[static_cast<int>(Space::wram)]);
  predefine("__sys_used_mram_end", next[static_cast<int>(Space::mram)]);
  if (tasklets_) predefine("NR_TASKLETS", *tasklets_);
  placed_ = true;
}

Expected<std::int64_t> Assembler::value_of(const std::string& name, const Statement* statement,
                                           int depth) {
  const auto failure = [](std::string what) {
    return fail(Origin::user, "bad_assembly", std::move(what));
  };
  const auto location = [this](SourceSection section, std::uint64_t offset) {
    const std::uint64_t byte = buffer(section).base + offset;
    return static_cast<std::int64_t>(section == SourceSection::text ? byte / 8 : byte);
  };
  if (name == ".") {
    if (!statement || !placed_) return failure("`.` is not known here");
    return location(statement->section, statement->offset);
  }
  const auto found = names_.find(name);
  if (found == names_.end()) return failure("`" + name + "` is not defined");
  const Definition& definition = found->second;
  if (definition.constant) return *definition.constant;
  if (definition.is_label) {
    if (!placed_) return failure("`" + name + "` is a label, expected a constant defined above");
    return location(definition.section, definition.offset);
  }
  if (depth > kMaxEquDepth) return failure("the definition of `" + name + "` depends on itself");
  std::size_t at = 0;
  const auto value = evaluate(definition.expression, at, [&](const std::string& inner) {
    return value_of(inner, nullptr, depth + 1);
  });
  if (!value) return failure(value.error().what + " (in the definition of `" + name + "`)");
  if (definition.expression[at].kind != Token::Kind::end)
    return failure("expected the end of the line (in the definition of `" + name + "`)");
  return value;
}

Expected<std::int64_t> Assembler::number_at(const Statement& statement, std::size_t& at) {
  return evaluate(statement.tokens, at,
                  [&](const std::string& name) { return value_of(name, &statement, 0); });
}

Status Assembler::expect_end(const Statement& statement, std::size_t at) const {
  if (statement.tokens[at].kind == Token::Kind::end) return {};
  return bad("expected the end of the line", statement.tokens[at]);
}

Status Assembler::emit(const Statement& statement) {
  if (statement.section == SourceSection::text) return emit_instruction(statement);
  const Token& name = statement.tokens[statement.first];
  auto& bytes = buffer(statement.section).bytes;
  std::size_t at = statement.first + 1;
  if (!rule(statement.section).loaded) return {};
  if (name.spelling == ".ascii" || name.spelling == ".asciz") {
    const std::string& text = statement.tokens[at].spelling;
    bytes.insert(bytes.end(), text.begin(), text.end());
    if (name.spelling == ".asciz") bytes.push_back(0);
    return {};
  }
  for (const DataDirective& directive : kDataDirectives)
    if (directive.name == name.spelling) return emit_values(statement, directive.size);
  const auto size = size_of(statement);
  if (!size) return tl::unexpected(size.error());
  std::int64_t fill = 0;
  (void)number_at(statement, at);
  if (statement.tokens[at].spelling == ",") {
    const auto value = number_at(statement, ++at);
    if (!value) return tl::unexpected(value.error());
    fill = *value;
  }
  bytes.insert(bytes.end(), *size, static_cast<std::uint8_t>(fill));
  return expect_end(statement, at);
}

Status Assembler::emit_instruction(const Statement& statement) {
  const auto instruction =
      read_instruction(statement.tokens, statement.first,
                       [&](const std::string& name) { return value_of(name, &statement, 0); });
  if (!instruction) return tl::unexpected(instruction.error());
  const auto word = encode(*instruction);
  if (!word) return tl::unexpected(word.error());
  auto& bytes = buffer(SourceSection::text).bytes;
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<std::uint8_t>(*word >> 8 * i));
  return {};
}

Status Assembler::emit_values(const Statement& statement, int size) {
  auto& bytes = buffer(statement.section).bytes;
  std::size_t at = statement.first + 1;
  for (;;) {
    const Token& start = statement.tokens[at];
    const auto value = number_at(statement, at);
    if (!value) return tl::unexpected(value.error());
    if (size < 8 &&
        (*value < -(std::int64_t{1} << (8 * size - 1)) || *value >= std::int64_t{1} << 8 * size))
      return bad(
          "expected a value of " + std::to_string(size) + " bytes, found " + std::to_string(*value),
          start);
    for (int i = 0; i < size; ++i)
      bytes.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(*value) >> 8 * i));
    if (statement.tokens[at].spelling != ",") break;
    ++at;
  }
  return expect_end(statement, at);
}

void Assembler::add_symbols(OutputFile& file, const std::array<int, 6>& index) const {
  struct Placed {
    const std::string* name;
    const Definition* definition;
  };
  std::vector<Placed> labels;
  for (const auto& [name, definition] : names_) {
    if (definition.constant)
      file.symbols.push_back({name, static_cast<std::uint32_t>(*definition.constant), 0,
                              SymbolKind::none, name != "__sys_used_mram_end", index[4]});
    else if (definition.is_label && !name.starts_with(".L"))
      labels.push_back({&name, &definition});
  }
  std::stable_sort(labels.begin(), labels.end(), [](const Placed& a, const Placed& b) {
    if (a.definition->section != b.definition->section)
      return a.definition->section < b.definition->section;
    return a.definition->offset < b.definition->offset;
  });
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const Definition& label = *labels[i].definition;
    const SectionBuffer& own = buffers_[static_cast<int>(label.section)];
    std::uint64_t end = own.size;
    for (std::size_t next = i + 1; next < labels.size(); ++next) {
      const Definition& other = *labels[next].definition;
      if (other.section != label.section || other.offset == label.offset) continue;
      end = other.offset;
      break;
    }
    const std::uint32_t base = base_of(rule(label.section).space);
    file.symbols.push_back(
        {*labels[i].name, base + static_cast<std::uint32_t>(own.base + label.offset),
         static_cast<std::uint32_t>(end - label.offset),
         label.section == SourceSection::text ? SymbolKind::function : SymbolKind::object, false,
         index[static_cast<int>(label.section)]});
  }
}

Expected<OutputFile> Assembler::output() const {
  OutputFile file;
  std::array<int, 6> index{};
  for (int i = 0; i < static_cast<int>(SourceSection::count); ++i) {
    const SectionBuffer& own = buffers_[i];
    const SectionRule& section = kSectionRules[i];
    const std::uint32_t base = base_of(section.space);
    if (own.base + own.size > capacity_of(section.space))
      return fail(Origin::user, "bad_assembly",
                  std::string(section.directive) + " ends at byte " +
                      std::to_string(own.base + own.size) + ", " + to_string(section.space) +
                      " has " + std::to_string(capacity_of(section.space)),
                  file_name_);
    index[i] = static_cast<int>(file.sections.size());
    file.sections.push_back({section.name, base + static_cast<std::uint32_t>(own.base),
                             static_cast<std::uint32_t>(own.size), 8, own.bytes});
  }
  if (file.sections[0].bytes.empty())
    return fail(Origin::user, "bad_assembly", "the program has no instruction", file_name_);
  file.sections.push_back({".data.__sys_zero", 0, 0, 8, std::vector<std::uint8_t>(8, 0)});
  add_symbols(file, index);
  for (OutputSymbol& symbol : file.symbols)
    if (symbol.name == "__sys_used_mram_end") symbol.value += kMramBase;
  return file;
}

}  // namespace

Expected<OutputFile> assemble(std::string_view source, const std::string& file_name) {
  return Assembler(file_name).run(source);
}

Expected<std::vector<std::uint8_t>> assemble_elf(std::string_view source,
                                                 const std::string& file_name) {
  const auto file = assemble(source, file_name);
  if (!file) return tl::unexpected(file.error());
  return write_elf(*file);
}

}  // namespace pimjit::upmem
