#ifndef PIMJIT_CORE_WORKLOAD_BUILDER_H_
#define PIMJIT_CORE_WORKLOAD_BUILDER_H_

#include <concepts>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pimjit/core/workload/notation.h"
#include "pimjit/core/workload/notation_expr.h"

namespace pimjit {

// Index notation written in C++; the same Workload, with the same key, as the text. One owner.
//   Computation c;
//   auto i = c.axis("i", 4096), k = c.axis("k", 4096);
//   auto A = c.input("A", DType::i32), B = c.input("B", DType::i32), C = c.output("C");
//   C(i) += A(i, k) * B(k);
//   Result<Workload> workload = c.build();
class Computation;

// One element of a tensor: a value, or the left-hand side of a statement. Assigning adds the
// statement.
class Element : public ScalarExpr {
 public:
  Element(const Element&) = default;
  void operator=(const ScalarExpr& value) { state("=", value); }
  void operator=(const Element& value) { state("=", value); }
  void operator+=(const ScalarExpr& value) { state("+=", value); }
  void operator*=(const ScalarExpr& value) { state("*=", value); }
  void reduce_min(const ScalarExpr& value) { state("min=", value); }
  void reduce_max(const ScalarExpr& value) { state("max=", value); }

 private:
  friend class TensorExpr;
  Element(Computation* owner, std::string text)
      : ScalarExpr(std::move(text), kAtom), owner_(owner) {}
  void state(const char* op, const ScalarExpr& value);
  Computation* owner_;
};

// A tensor of the computation; called with one index per dimension.
class TensorExpr {
 public:
  template <std::convertible_to<IndexExpr>... Indices>
  Element operator()(const Indices&... indices) const {
    return element({IndexExpr(indices)...});
  }

 private:
  friend class Computation;
  TensorExpr(Computation* owner, std::string name) : owner_(owner), name_(std::move(name)) {}
  Element element(const std::vector<IndexExpr>& indices) const;
  Computation* owner_;
  std::string name_;
};

class Computation {
 public:
  Computation() = default;
  Computation(const Computation&) = delete;  // elements point at it
  Computation& operator=(const Computation&) = delete;

  IndexExpr axis(const std::string& name, int64_t extent);
  TensorExpr input(const std::string& name, DType dtype, std::optional<ValueRange> range = {});
  // What a statement writes, intermediates included; the type is inferred when none is given.
  TensorExpr output(const std::string& name, std::optional<DType> dtype = {});

  // The statements so far as index notation.
  std::string text() const;
  // Errors as parse_workload gives them, at columns of text(); names that cannot be names or are
  // declared twice.
  Result<Workload> build() const;

 private:
  friend class Element;
  bool declare(const std::string& name);
  std::vector<std::string> names_;
  std::vector<std::string> statements_;
  NotationOptions options_;
  std::optional<Error> error_;
};

}  // namespace pimjit

#endif  // PIMJIT_CORE_WORKLOAD_BUILDER_H_
