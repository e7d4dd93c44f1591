#ifndef PIMJIT_CORE_IR_NODE_FIELDS_H_
#define PIMJIT_CORE_IR_NODE_FIELDS_H_

#include <array>
#include <bit>

#include "pimjit/core/ir/visitor.h"

namespace pimjit {

// What a node holds apart from other nodes, as words: two nodes of one kind are equal when their
// words and their children are. Used by equality and hashing.
using NodeFields = std::array<int64_t, 6>;

inline NodeFields fields_of(const ExprNode& node) {
  const auto fields = [&](int64_t a = 0, int64_t b = 0) {
    return NodeFields{static_cast<int64_t>(node.kind), static_cast<int64_t>(node.dtype), a, b};
  };
  return visit(
      node,
      Overloaded{[&](const IntImm& n) { return fields(n.value); },
                 [&](const FloatImm& n) { return fields(std::bit_cast<uint32_t>(n.value)); },
                 [&](const Var& n) { return fields(n.id); },
                 [&](const LevelIndex& n) { return fields(n.level); },
                 [&](const Param& n) { return fields(n.index); },
                 [&](const Binary& n) { return fields(static_cast<int>(n.op)); },
                 [&](const Not&) { return fields(); }, [&](const Select&) { return fields(); },
                 [&](const Cast&) { return fields(); },
                 [&](const Load& n) { return fields(n.buffer); }});
}

inline NodeFields fields_of(const StmtNode& node) {
  const auto fields = [&](int64_t a = 0, int64_t b = 0, int64_t c = 0) {
    return NodeFields{static_cast<int64_t>(node.kind), a, b, c};
  };
  return visit(
      node,
      Overloaded{[&](const Seq& n) { return fields(static_cast<int64_t>(n.body.size())); },
                 [&](const For& n) { return fields(n.var, static_cast<int>(n.loop), n.unroll); },
                 [&](const If& n) { return fields(n.else_body ? 1 : 0); },
                 [&](const Let& n) { return fields(n.var); },
                 [&](const Store& n) { return fields(n.buffer); },
                 [&](const Copy& n) { return fields(n.link, n.dst, n.src); },
                 [&](const Barrier& n) { return fields(n.level); },
                 [&](const Combine& n) {
                   return NodeFields{
                       static_cast<int64_t>(node.kind),
                       n.level,
                       static_cast<int64_t>(n.op) << 32 | static_cast<uint32_t>(n.buffer),
                       n.elements,
                       n.stride,
                       n.count};
                 }});
}

// One step of a running 64-bit hash: the finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014)
// over the state and the word.
inline uint64_t hash_step(uint64_t state, uint64_t word) {
  uint64_t z = (state ^ word) + 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_NODE_FIELDS_H_
