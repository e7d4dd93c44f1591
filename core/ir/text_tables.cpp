#include "pimjit/core/ir/text_tables.h"

#include <charconv>

#include "pimjit/core/ir/limits.h"
#include "pimjit/core/ir/text_names.h"
#include "pimjit/core/support/text.h"

namespace pimjit {

const std::vector<int>& NameIndex::find(const std::string& name) const {
  static const std::vector<int> kNone;
  const auto found = positions_.find(name);
  return found == positions_.end() ? kNone : found->second;
}

std::vector<std::string> NameIndex::names() const {
  std::vector<std::string> names;
  for (const auto& entry : positions_) names.push_back(entry.first);
  return names;
}

void TextSource::expect(std::string_view spelling) {
  if (ok() && !lexer.take(spelling)) complain(lexer.expected(cat('"', spelling, '"')));
}

std::string TextSource::name(const char* what) {
  if (!ok()) return {};
  const TextToken& token = lexer.peek();
  const bool plain = token.kind == TextToken::Kind::word && !is_reserved_word(token.text);
  if (!plain && token.kind != TextToken::Kind::quoted) {
    complain(lexer.expected(cat("the name of a ", what)));
    return {};
  }
  if (token.text.size() > kMaxStringBytes) {
    complain(lexer.expected(cat("a name of at most ", kMaxStringBytes, " bytes")));
    return {};
  }
  return lexer.next().text;
}

int TextSource::reference(const NameIndex& table) {
  const size_t offset = lexer.peek().offset;
  const std::string text = name(table.what());
  if (!ok()) return 0;
  const std::vector<int>& positions = table.find(text);
  if (lexer.take("#")) {
    const int64_t position = integer("position");
    for (const int p : positions) {
      if (p == position) return p;
    }
    complain_at(cat("there is no ", table.what(), ' ', quoted_name(text), '#', position), offset);
    return 0;
  }
  if (positions.empty()) {
    Error error =
        lexer.error_at(cat("there is no ", table.what(), " named ", quoted_name(text)), offset);
    const std::string near = nearest_name(text, table.names());
    if (!near.empty()) error.hint = cat("did you mean ", quoted_name(near), '?');
    complain(std::move(error));
    return 0;
  }
  if (positions.size() > 1) {
    Error error = lexer.error_at(
        cat("there are ", positions.size(), ' ', table.what(), "s named ", quoted_name(text)),
        offset);
    error.hint = cat("write the position too, as ", quoted_name(text), '#', positions.front());
    complain(std::move(error));
    return 0;
  }
  return positions.front();
}

int64_t TextSource::integer(const char* what) {
  const size_t offset = lexer.peek().offset;
  const std::string sign = take("-") ? "-" : "";
  if (!ok()) return 0;
  if (lexer.peek().kind != TextToken::Kind::number) {
    complain(lexer.expected(cat("a number, the ", what)));
    return 0;
  }
  const std::string digits = sign + lexer.next().text;
  int64_t value = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (result.ec != std::errc() || result.ptr != digits.data() + digits.size()) {
    complain_at(
        cat("expected a 64-bit integer, the ", what, ", found \"", digits.substr(0, 40), '"'),
        offset);
    return 0;
  }
  return value;
}

DType TextSource::dtype(const char* what) {
  if (!ok()) return DType::i32;
  const TextToken& token = lexer.peek();
  const auto parsed = token.kind == TextToken::Kind::word ? parse_dtype(token.text) : std::nullopt;
  if (!parsed) {
    complain(lexer.expected(cat("a type (i8 i16 i32 i64 f32), the type of the ", what)));
    return DType::i32;
  }
  lexer.next();
  return *parsed;
}

namespace {

void parse_level(TextSource& in) {
  KernelLevel level{in.name("level"), LevelKind::independent, 1};
  bool known = false;
  for (const LevelKind kind :
       {LevelKind::independent, LevelKind::lockstep, LevelKind::lane, LevelKind::time}) {
    if (known || !in.take(level_kind_text(kind))) continue;
    level.kind = kind;
    known = true;
  }
  if (!known) in.complain(in.lexer.expected("independent, lockstep, lane or time"));
  const size_t offset = in.lexer.peek().offset;
  level.count = in.integer("number of instances");
  if (in.ok() && level.count < 1) in.complain_at("a level has at least 1 instance", offset);
  in.levels.add(level.name);
  in.kernel.levels.push_back(std::move(level));
}

void parse_scope(TextSource& in) {
  KernelScope scope{in.name("scope"), -1};
  in.expect("at");
  if (!in.take("device")) scope.level = in.reference(in.levels);
  in.scopes.add(scope.name);
  in.kernel.scopes.push_back(std::move(scope));
}

void parse_link(TextSource& in) {
  KernelLink link{in.name("link"), 0, 0};
  link.from = in.reference(in.scopes);
  in.expect("->");
  link.to = in.reference(in.scopes);
  in.links.add(link.name);
  in.kernel.links.push_back(std::move(link));
}

DType index_dtype(TextSource& in, const char* what) {
  const size_t offset = in.lexer.peek().offset;
  const DType t = in.dtype(what);
  if (in.ok() && !is_index_type(t))
    in.complain_at(cat("a ", what, " is i32 or i64, not ", to_string(t)), offset);
  return t;
}

void parse_range(TextSource& in, KernelBuffer& b) {
  const size_t offset = in.lexer.peek().offset;
  const int64_t low = in.integer("lower end of the range");
  in.expect("..");
  const int64_t high = in.integer("upper end of the range");
  if (!in.ok()) return;
  if (!is_int(b.dtype) || low > high || low < min_value(b.dtype) || high > max_value(b.dtype)) {
    in.complain_at(cat(low, "..", high, " is no range of ", to_string(b.dtype)), offset);
  }
  b.range = {low, high};
}

void parse_buffer(TextSource& in) {
  KernelBuffer b{};
  b.name = in.name("buffer");
  b.dtype = in.dtype("buffer");
  if (in.take("local")) {
    b.kind = BufferKind::local;
  } else if (!in.take("device")) {
    in.complain(in.lexer.expected("device or local"));
  }
  b.scope = in.reference(in.scopes);
  in.expect("elements");
  size_t offset = in.lexer.peek().offset;
  b.elements = in.integer("number of elements");
  if (in.ok() && (b.elements < 0 || b.elements > kMaxBufferBytes / bytes_of(b.dtype))) {
    in.complain_at(cat(b.elements, " elements are not 0 .. 2^60 bytes"), offset);
  }
  in.expect("align");
  offset = in.lexer.peek().offset;
  b.align = in.integer("alignment");
  if (in.ok() && (b.align < 1 || b.align > kMaxAlignment || (b.align & (b.align - 1)) != 0)) {
    in.complain_at(cat("alignment ", b.align, " is not a power of two in 1 .. 2^30"), offset);
  }
  if (b.kind == BufferKind::device) {
    in.expect("base");
    b.param = in.reference(in.params);
  }
  b.written = !in.take("readonly");
  if (in.take("range")) parse_range(in, b);
  in.buffers.add(b.name);
  in.kernel.buffers.push_back(std::move(b));
}

void parse_param(TextSource& in) {
  KernelParam param{in.name("parameter"), DType::i32};
  param.dtype = index_dtype(in, "parameter");
  in.params.add(param.name);
  in.kernel.params.push_back(std::move(param));
}

void parse_var(TextSource& in) {
  KernelVar var{in.name("variable"), DType::i32};
  var.dtype = in.dtype("variable");
  in.vars.add(var.name);
  in.kernel.vars.push_back(std::move(var));
}

}  // namespace

void parse_tables(TextSource& in) {
  const auto section = [&in](std::string_view word, size_t limit, void (*parse)(TextSource&)) {
    for (size_t n = 0; in.ok() && in.lexer.at(word); ++n) {
      if (n == limit)
        in.complain(in.lexer.expected(cat("at most ", limit, " entries \"", word, '"')));
      in.take(word);
      parse(in);
    }
  };
  in.expect("kernel");
  in.kernel.name = in.name("kernel");
  in.expect("{");
  section("level", kMaxLevels, parse_level);
  section("scope", kMaxScopes, parse_scope);
  section("link", kMaxLinks, parse_link);
  section("param", kMaxParams, parse_param);
  section("buffer", kMaxBuffers, parse_buffer);
  section("var", kMaxVars, parse_var);
  if (in.ok() && !in.lexer.at("body")) {
    in.complain(
        in.lexer.expected("level, scope, link, param, buffer, var (in this order) or body"));
  }
  in.expect("body");
}

}  // namespace pimjit
