#include "pimjit/plugins/upmem/compiler/affine.h"

#include <algorithm>
#include <numeric>

namespace pimjit::upmem {
namespace {

bool moderate(std::int64_t value, std::int64_t limit) {
  return value >= -limit && value <= limit;
}

}  // namespace

std::int64_t Affine::factor_of(int atom) const {
  for (const Term& term : terms)
    if (term.atom == atom) return term.factor;
  return 0;
}

Affine Affine::without(int atom) const {
  Affine result = *this;
  std::erase_if(result.terms, [&](const Term& term) { return term.atom == atom; });
  return result;
}

Affine constant_affine(std::int64_t value) {
  return {{}, value};
}

Affine atom_affine(int atom) {
  return {{{atom, 1}}, 0};
}

std::optional<Affine> combine(const Affine& a, const Affine& b, std::int64_t scale) {
  if (!moderate(scale, kLargestFactor) || !moderate(b.constant, kUnknownBound)) return std::nullopt;
  Affine result = a;
  result.constant += b.constant * scale;
  if (!moderate(result.constant, std::int64_t{1} << 60)) return std::nullopt;
  for (const Affine::Term& term : b.terms) {
    const auto at = std::lower_bound(result.terms.begin(), result.terms.end(), term.atom,
                                     [](const Affine::Term& t, int atom) { return t.atom < atom; });
    const std::int64_t factor = term.factor * scale;
    if (at != result.terms.end() && at->atom == term.atom)
      at->factor += factor;
    else
      result.terms.insert(at, {term.atom, factor});
  }
  std::erase_if(result.terms, [](const Affine::Term& term) { return term.factor == 0; });
  for (const Affine::Term& term : result.terms)
    if (!moderate(term.factor, kLargestFactor)) return std::nullopt;
  return result;
}

int Atoms::add(Atom atom) {
  atoms_.push_back(std::move(atom));
  return static_cast<int>(atoms_.size()) - 1;
}

int Atoms::divided(Atom::Kind kind, const Affine& operand, std::int64_t number) {
  for (std::size_t i = 0; i < atoms_.size(); ++i)
    if (atoms_[i].kind == kind && atoms_[i].number == number && atoms_[i].operand == operand)
      return static_cast<int>(i);
  const Range range = range_of(operand);
  Atom atom;
  atom.kind = kind;
  atom.depth = depth_of(operand);
  atom.number = number;
  atom.operand = operand;
  if (kind == Atom::Kind::quotient)
    atom.range = {range.low / number, range.high / number};
  else
    atom.range = {range.low < 0 ? std::max(range.low, -number + 1) : 0,
                  range.high > 0 ? std::min(range.high, number - 1) : 0};
  return add(std::move(atom));
}

int Atoms::depth_of(const Affine& a) const {
  int depth = 0;
  for (const Affine::Term& term : a.terms) depth = std::max(depth, (*this)[term.atom].depth);
  return depth;
}

std::int64_t Atoms::multiple_of(const Affine& a) const {
  std::int64_t divisor = std::abs(a.constant);
  for (const Affine::Term& term : a.terms)
    divisor = std::gcd(divisor, term.factor * (*this)[term.atom].multiple);
  return divisor;
}

Range Atoms::range_of(const Affine& a) const {
  Range sum{a.constant, a.constant};
  for (const Affine::Term& term : a.terms) {
    const Range& range = (*this)[term.atom].range;
    const std::int64_t x = range.low * term.factor, y = range.high * term.factor;
    sum.low = std::max(sum.low + std::min(x, y), -(std::int64_t{1} << 61));
    sum.high = std::min(sum.high + std::max(x, y), std::int64_t{1} << 61);
  }
  return sum;
}

}  // namespace pimjit::upmem
