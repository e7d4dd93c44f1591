#include <algorithm>

#include "pimjit/core/lower/kernel_builder.h"
#include "pimjit/core/lower/scalar_body.h"
#include "pimjit/core/schedule/nest.h"
#include "pimjit/core/schedule/numeric_ops.h"

namespace pimjit {

Expr scalar_body(const Stage& stage, const std::vector<Expr>& loads) {
  const bool real = is_float(stage.compute);
  std::vector<Expr> value(stage.body.size());
  for (size_t n = 0; n < stage.body.size(); ++n) {
    const ScalarNode& node = stage.body[n];
    switch (node.op) {
      case ScalarOp::load:
        value[n] = make_cast(stage.compute, loads[static_cast<size_t>(node.a)]);
        break;
      case ScalarOp::constant:
        value[n] = real ? make_float(static_cast<float>(node.real))
                        : make_int(stage.compute, node.integer);
        break;
      case ScalarOp::neg: {
        // -x of a float must keep the sign of zero and NaN: multiply by -1 rather than subtract
        // from 0.
        const Expr& x = value[static_cast<size_t>(node.a)];
        value[n] = real ? make_binary(BinaryOp::mul, x, make_float(-1.0F))
                        : make_binary(BinaryOp::sub, make_int(stage.compute, 0), x);
        break;
      }
      default:
        value[n] = make_binary(binary_of(node.op), value[static_cast<size_t>(node.a)],
                               value[static_cast<size_t>(node.b)]);
    }
  }
  return value.back();
}

Expr KernelBuilder::staging_slot(const OperandLayout& operand) const {
  const int scope_level = target_.scopes[static_cast<size_t>(operand.staging_scope)].level;
  Expr slot = constant(0);
  for (size_t l = 0; l < target_.levels.size(); ++l) {
    if (static_cast<int>(l) <= scope_level || layout_.level_counts[l] <= 1) continue;
    slot = add_of(mul_of(slot, layout_.level_counts[l]),
                  make_level_index(index_type_, static_cast<int>(l)));
  }
  return mul_of(slot, operand.staging_elements);
}

// Copies the granule that holds `element` into this instance's slot; the value is then read from
// there.
Expr KernelBuilder::staged_load(const OperandLayout& operand, int home, int staging,
                                const Expr& element, std::vector<Stmt>& before) {
  const int64_t n = operand.staging_elements;
  const Expr slot = staging_slot(operand);
  const Expr granule = mul_of(div_of(element, n), n);
  before.push_back(copy(operand.link_in, staging, slot, home, granule, n));
  const Expr inside = n == 1 ? slot : add_of(slot, mod_of(element, n));
  return make_load(operand.type, staging, inside);
}

Expr KernelBuilder::operand_value(int access, std::vector<Stmt>& before) {
  const Place& place = reads_[static_cast<size_t>(access)].back();
  const Expr address = element_address(place, leaf_);
  if (place.operand->staged)
    return staged_load(*place.operand, place.buffer, staging_[static_cast<size_t>(access)], address,
                       before);
  return make_load(place.operand->type, place.buffer, address);
}

Expr KernelBuilder::body_value(std::vector<Stmt>& before) {
  std::vector<Expr> loads;
  loads.reserve(reads_.size());
  for (size_t a = 0; a < reads_.size(); ++a)
    loads.push_back(operand_value(static_cast<int>(a), before));
  return scalar_body(stage_, loads);
}

Stmt KernelBuilder::store_result(const Expr& value, std::vector<Stmt>& before) {
  const Place& place = result_.back();
  const OperandLayout& operand = layout_.result;
  const Expr address = element_address(place, leaf_);
  // Without a cache nothing has initialised the result: the first visit stands for it.
  const bool in_home = result_.size() == 1;
  const Expr first =
      in_home && !starts_apart_ ? first_visit(static_cast<int>(s_.nest.size())) : Expr();
  const auto accumulate = [&](const Expr& old) {
    if (stage_.reducer == Reducer::none) return make_cast(operand.type, value);
    if (in_home && !starts_apart_ && !first)
      return make_binary(pimjit::binary_of(stage_.reducer), neutral(), value);
    const Expr start = first ? make_select(first, neutral(), old) : old;
    return make_binary(pimjit::binary_of(stage_.reducer), start, value);
  };
  if (!operand.staged)
    return make_store(place.buffer, address,
                      accumulate(make_load(operand.type, place.buffer, address)));
  return store_staged([&](const Expr& old) { return accumulate(old); }, before);
}

// A plain store of `value` to the result's element.
Stmt KernelBuilder::store_value(const Expr& value, std::vector<Stmt>& before) {
  const Place& place = result_.back();
  if (layout_.result.staged) return store_staged([&](const Expr&) { return value; }, before);
  return make_store(place.buffer, element_address(place, leaf_), value);
}

// Reads the granule, replaces one element by update(old value), writes the granule back.
Stmt KernelBuilder::store_staged(const std::function<Expr(const Expr&)>& update,
                                 std::vector<Stmt>& before) {
  const OperandLayout& operand = layout_.result;
  const Place& place = result_.back();
  const Expr address = element_address(place, leaf_);
  const int staging = staging_.back();
  const Expr old = staged_load(operand, place.buffer, staging, address, before);
  const int64_t n = operand.staging_elements;
  std::vector<Stmt> out;
  out.push_back(make_store(staging, as<Load>(old).index, update(old)));
  out.push_back(copy(operand.link_out, place.buffer, mul_of(div_of(address, n), n), staging,
                     staging_slot(operand), n));
  return make_seq(std::move(out));
}

Stmt KernelBuilder::compute() {
  std::vector<Stmt> out;
  const Expr value = body_value(out);
  const Stmt store = store_result(value, out);
  out.push_back(store);
  const NestValues values(s_, leaf_, index_type_);
  const Expr guard = values.guard(any_native_, false);
  Stmt all = make_seq(std::move(out));
  return guard ? make_if(guard, all, unguarded_start()) : all;
}

// A unit whose share of a factored reduction lies wholly past the end computes nothing, yet the
// host adds up its result: where no cache starts it, the first visit must, guard or not.
Stmt KernelBuilder::unguarded_start() {
  const bool in_home = result_.size() == 1 && !layout_.result.home.native;
  const bool partial = std::any_of(s_.nest.begin(), s_.nest.end(), [this](LoopId id) {
    return host_adds_up(target_, s_.loops[static_cast<size_t>(id)]);
  });
  if (!in_home || !partial || starts_apart_ || stage_.reducer == Reducer::none) return {};
  std::vector<Stmt> out;
  const Stmt store = store_value(neutral(), out);
  out.push_back(store);
  const Expr first = first_visit(static_cast<int>(s_.nest.size()));
  Stmt all = make_seq(std::move(out));
  return first ? make_if(first, all) : all;
}

}  // namespace pimjit
