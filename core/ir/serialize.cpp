#include "pimjit/core/ir/serialize.h"

#include <bit>
#include <cstring>
#include <string_view>
#include <unordered_map>

#include "pimjit/core/ir/byte_format.h"
#include "pimjit/core/ir/limits.h"
#include "pimjit/core/ir/visitor.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

static_assert(std::endian::native == std::endian::little,
              "values are copied as they lie in memory");

// Appends a kernel to a byte vector. The first thing that cannot be written is kept in `problem_`;
// the rest is then meaningless.
class Writer {
 public:
  Result<std::vector<uint8_t>> write(const Kernel& kernel);

 private:
  template <typename T>
  void put(T value) {
    const size_t at = bytes_.size();
    bytes_.resize(at + sizeof value);
    std::memcpy(bytes_.data() + at, &value, sizeof value);
  }
  template <typename T>
  void patch(size_t at, T value) {
    std::memcpy(bytes_.data() + at, &value, sizeof value);
  }
  template <typename Enum>
  void put_code(Enum value) {
    put(static_cast<uint8_t>(value));
  }
  void tag(ExprKind kind) { put(static_cast<uint8_t>(kind)), ++nodes_; }
  void tag(StmtKind kind) {
    put(static_cast<uint8_t>(static_cast<uint8_t>(kind) + kStmtTag)), ++nodes_;
  }

  void complain(std::string what) {
    if (problem_.empty()) problem_ = std::move(what);
  }
  void index(const char* what, int value, size_t size) {
    if (value < 0 || static_cast<size_t>(value) >= size) {
      complain(cat(what, ' ', value, " of ", size, " does not exist"));
    }
    put(static_cast<uint32_t>(value));
  }
  void count(const char* what, size_t size, size_t limit) {
    if (size > limit) complain(cat(size, ' ', what, " where at most ", limit, " are allowed"));
    put(static_cast<uint32_t>(size));
  }
  void strings(const Kernel& kernel);
  void name(const std::string& text) { put(string_ids_.find(text)->second); }
  void tables(const Kernel& kernel);
  void buffer(const KernelBuffer& b, const Kernel& kernel);
  void expr(const Expr& e, int depth);
  void stmt(const Stmt& s, int depth);
  void stmt_fields(const StmtNode& s);

  std::vector<uint8_t> bytes_;
  std::unordered_map<std::string_view, uint32_t> string_ids_;  // looked up only, never walked
  const Kernel* kernel_ = nullptr;
  uint32_t nodes_ = 0;
  std::string problem_;
};

// Each name once, in the order of first use.
void Writer::strings(const Kernel& kernel) {
  std::vector<std::string_view> texts;
  const auto intern = [&](const std::string& text) {
    if (!string_ids_.emplace(text, static_cast<uint32_t>(texts.size())).second) return;
    texts.push_back(text);
    if (text.size() > kMaxStringBytes) {
      complain(
          cat("a name of ", text.size(), " bytes where at most ", kMaxStringBytes, " are allowed"));
    }
  };
  intern(kernel.name);
  for (const auto& entry : kernel.levels) intern(entry.name);
  for (const auto& entry : kernel.scopes) intern(entry.name);
  for (const auto& entry : kernel.links) intern(entry.name);
  for (const auto& entry : kernel.params) intern(entry.name);
  for (const auto& entry : kernel.buffers) intern(entry.name);
  for (const auto& entry : kernel.vars) intern(entry.name);
  count("strings", texts.size(), kMaxStrings);
  for (const std::string_view text : texts) {
    put(static_cast<uint32_t>(text.size()));
    bytes_.insert(bytes_.end(), text.begin(), text.end());
  }
}

void Writer::buffer(const KernelBuffer& b, const Kernel& kernel) {
  name(b.name);
  put_code(b.dtype);
  put_code(b.kind);
  put(static_cast<uint8_t>((b.written ? kFlagWritten : 0) | (b.range ? kFlagRange : 0)));
  index("scope", b.scope, kernel.scopes.size());
  put(b.elements);
  put(b.align);
  put(static_cast<int32_t>(b.param));
  if (b.range) put(b.range->first), put(b.range->second);
}

void Writer::tables(const Kernel& kernel) {
  strings(kernel);
  name(kernel.name);
  count("levels", kernel.levels.size(), kMaxLevels);
  for (const KernelLevel& l : kernel.levels) name(l.name), put_code(l.kind), put(l.count);
  count("scopes", kernel.scopes.size(), kMaxScopes);
  for (const KernelScope& s : kernel.scopes) name(s.name), put(static_cast<int32_t>(s.level));
  count("links", kernel.links.size(), kMaxLinks);
  for (const KernelLink& l : kernel.links) {
    name(l.name);
    index("scope", l.from, kernel.scopes.size());
    index("scope", l.to, kernel.scopes.size());
  }
  count("parameters", kernel.params.size(), kMaxParams);
  for (const KernelParam& p : kernel.params) name(p.name), put_code(p.dtype);
  count("buffers", kernel.buffers.size(), kMaxBuffers);
  for (const KernelBuffer& b : kernel.buffers) buffer(b, kernel);
  count("variables", kernel.vars.size(), kMaxVars);
  for (const KernelVar& v : kernel.vars) name(v.name), put_code(v.dtype);
}

void Writer::expr(const Expr& e, int depth) {
  if (!e) return complain("an expression is missing");
  if (depth > kMaxTreeDepth)
    return complain(cat("an expression is nested deeper than ", kMaxTreeDepth));
  for_each_operand(*e, [&](const Expr& operand) { expr(operand, depth + 1); });
  tag(e->kind);
  visit(*e, Overloaded{[&](const IntImm& n) { put_code(n.dtype), put(n.value); },
                       [&](const FloatImm& n) { put(n.value); },
                       [&](const Var& n) { index("variable", n.id, kernel_->vars.size()); },
                       [&](const LevelIndex& n) {
                         put_code(n.dtype);
                         index("level", n.level, kernel_->levels.size());
                       },
                       [&](const Param& n) { index("parameter", n.index, kernel_->params.size()); },
                       [&](const Binary& n) { put_code(n.op); }, [](const Not&) {},
                       [](const Select&) {}, [&](const Cast& n) { put_code(n.dtype); },
                       [&](const Load& n) { index("buffer", n.buffer, kernel_->buffers.size()); }});
}

void Writer::stmt_fields(const StmtNode& s) {
  const auto buffer_index = [&](int b) { index("buffer", b, kernel_->buffers.size()); };
  const auto level_index = [&](int l) { index("level", l, kernel_->levels.size()); };
  const auto var_index = [&](int v) { index("variable", v, kernel_->vars.size()); };
  visit(s, Overloaded{[&](const Seq& n) { put(static_cast<uint32_t>(n.body.size())); },
                      [&](const For& n) {
                        var_index(n.var), put_code(n.loop), put(static_cast<uint32_t>(n.unroll));
                      },
                      [&](const If& n) { put(static_cast<uint8_t>(n.else_body ? 1 : 0)); },
                      [&](const Let& n) { var_index(n.var); },
                      [&](const Store& n) { buffer_index(n.buffer); },
                      [&](const Copy& n) {
                        index("link", n.link, kernel_->links.size());
                        buffer_index(n.dst), buffer_index(n.src);
                      },
                      [&](const Barrier& n) { level_index(n.level); },
                      [&](const Combine& n) {
                        level_index(n.level), put_code(n.op), buffer_index(n.buffer);
                        put(n.elements), put(n.stride), put(n.count);
                      }});
}

void Writer::stmt(const Stmt& s, int depth) {
  if (!s) return complain("a statement is missing");
  if (depth > kMaxTreeDepth)
    return complain(cat("a statement is nested deeper than ", kMaxTreeDepth));
  for_each_operand(*s, [&](const Expr& operand) { expr(operand, 1); });
  for_each_substatement(*s, [&](const Stmt& inner) { stmt(inner, depth + 1); });
  tag(s->kind);
  stmt_fields(*s);
}

Result<std::vector<uint8_t>> Writer::write(const Kernel& kernel) {
  kernel_ = &kernel;
  bytes_.reserve(4096);
  put(kKernelMagic);
  put(static_cast<uint16_t>(kKernelFormatVersion));
  put(uint16_t{0});
  put(uint32_t{0});  // the size, known at the end
  tables(kernel);
  const size_t nodes_at = bytes_.size();
  put(uint32_t{0});  // the number of nodes, likewise
  stmt(kernel.body, 1);
  patch(nodes_at, nodes_);
  if (nodes_ > kMaxNodes) complain(cat(nodes_, " nodes where at most ", kMaxNodes, " are allowed"));
  const size_t size = bytes_.size() + sizeof(uint64_t);
  if (size > kMaxKernelBytes) {
    complain(cat(size, " bytes where at most ", kMaxKernelBytes, " are allowed"));
  }
  if (!problem_.empty()) {
    return fail(internal_error("kernel_malformed", cat("kernel cannot be serialised: ", problem_),
                               cat("kernel ", kernel.name)));
  }
  patch(kSizeOffset, static_cast<uint32_t>(size));
  put(fnv1a(bytes_.data(), bytes_.size()));
  return std::move(bytes_);
}

}  // namespace

Result<std::vector<uint8_t>> serialize(const Kernel& kernel, int reader_version) {
  if (reader_version < kKernelFormatVersion) {
    return fail(target_error("kernel_version",
                             cat("the kernel needs format version ", kKernelFormatVersion,
                                 ", the reader knows up to ", reader_version),
                             cat("kernel ", kernel.name),
                             "build the plugin against this version of pimjit"));
  }
  return Writer().write(kernel);
}

}  // namespace pimjit
