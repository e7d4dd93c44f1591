#ifndef PIMJIT_CORE_IR_NODE_H_
#define PIMJIT_CORE_IR_NODE_H_

#include <atomic>
#include <cstdint>
#include <utility>

namespace pimjit {

// Kinds of nodes, with the codes of nodes.def.
enum class ExprKind : uint8_t {
#define PIMJIT_EXPR(Name, code) Name = code,
#include "pimjit/core/ir/nodes.def"
};
enum class StmtKind : uint8_t {
#define PIMJIT_STMT(Name, code) Name = code,
#include "pimjit/core/ir/nodes.def"
};
enum class BinaryOp : uint8_t {
#define PIMJIT_BINARY(Name, code, text, result) Name = code,
#include "pimjit/core/ir/nodes.def"
};

// Shared handle of an immutable node; copying costs one atomic increment. Handles may be shared
// between threads.
template <typename Node>
class NodeRef {
 public:
  NodeRef() = default;
  explicit NodeRef(const Node* node) : node_(node) {
    if (node_ != nullptr) node_->references.fetch_add(1, std::memory_order_relaxed);
  }
  NodeRef(const NodeRef& other) : NodeRef(other.node_) {}
  NodeRef(NodeRef&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  NodeRef& operator=(NodeRef other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~NodeRef() {
    if (node_ != nullptr && node_->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
      Node::destroy(node_);
  }

  const Node* get() const { return node_; }
  const Node* operator->() const { return node_; }
  const Node& operator*() const { return *node_; }
  explicit operator bool() const { return node_ != nullptr; }
  bool same_as(const NodeRef& other) const { return node_ == other.node_; }

 private:
  const Node* node_ = nullptr;
};

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_NODE_H_
