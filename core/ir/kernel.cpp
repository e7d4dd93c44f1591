#include "pimjit/core/ir/kernel.h"

#include "pimjit/core/ir/node_fields.h"
#include "pimjit/core/support/hash.h"

namespace pimjit {
namespace {

// Feeds tables into one running hash; names with their lengths, so that neighbours cannot trade
// characters.
class TableHash {
 public:
  void word(int64_t value) { state_ = hash_step(state_, static_cast<uint64_t>(value)); }
  void name(const std::string& text) { state_ = hash_step(state_, hash_text(text, text.size())); }
  uint64_t state() const { return state_; }

 private:
  uint64_t state_ = kHashVersion;
};

}  // namespace

int Kernel::add_var(std::string var_name, DType t) {
  vars.push_back({std::move(var_name), t});
  return static_cast<int>(vars.size()) - 1;
}

uint64_t hash_of(const Kernel& kernel) {
  TableHash hash;
  hash.name(kernel.name);
  hash.word(static_cast<int64_t>(kernel.levels.size()));
  for (const KernelLevel& l : kernel.levels) {
    hash.name(l.name), hash.word(static_cast<int>(l.kind)), hash.word(l.count);
  }
  hash.word(static_cast<int64_t>(kernel.scopes.size()));
  for (const KernelScope& s : kernel.scopes) hash.name(s.name), hash.word(s.level);
  hash.word(static_cast<int64_t>(kernel.links.size()));
  for (const KernelLink& l : kernel.links) hash.name(l.name), hash.word(l.from), hash.word(l.to);
  hash.word(static_cast<int64_t>(kernel.params.size()));
  for (const KernelParam& p : kernel.params) {
    hash.name(p.name), hash.word(static_cast<int>(p.dtype));
  }
  hash.word(static_cast<int64_t>(kernel.buffers.size()));
  for (const KernelBuffer& b : kernel.buffers) {
    hash.name(b.name), hash.word(static_cast<int>(b.dtype)), hash.word(b.scope);
    hash.word(b.elements), hash.word(static_cast<int>(b.kind)), hash.word(b.param);
    hash.word(b.align), hash.word(b.written), hash.word(b.range.has_value());
    if (b.range) hash.word(b.range->first), hash.word(b.range->second);
  }
  hash.word(static_cast<int64_t>(kernel.vars.size()));
  for (const KernelVar& v : kernel.vars) hash.name(v.name), hash.word(static_cast<int>(v.dtype));
  return hash_of(kernel.body, hash.state());
}

bool equal(const Kernel& a, const Kernel& b) {
  return a.name == b.name && a.levels == b.levels && a.scopes == b.scopes && a.links == b.links &&
         a.params == b.params && a.buffers == b.buffers && a.vars == b.vars &&
         equal(a.body, b.body);
}

}  // namespace pimjit
