#include "pimjit/core/interp/transfer.h"

#include <algorithm>
#include <optional>

#include "pimjit/core/interp/scalar_ops.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

// Of expressions over the digits of a map: no loads, levels or parameters. Anything else is 0.
Value value_of(const Expr& e, const std::vector<int64_t>& digits) {
  switch (e->kind) {
    case ExprKind::IntImm:
      return Value{as<IntImm>(e).value, 0, Poison::none};
    case ExprKind::Var:
      return Value{digits[static_cast<size_t>(as<Var>(e).id)], 0, Poison::none};
    case ExprKind::Binary: {
      const auto& n = as<Binary>(e);
      return binary(n.op, n.a->dtype, value_of(n.a, digits), value_of(n.b, digits));
    }
    case ExprKind::Not:
      return Value{value_of(as<Not>(e).a, digits).integer == 0, 0, Poison::none};
    case ExprKind::Select: {
      const auto& n = as<Select>(e);
      const bool taken = value_of(n.condition, digits).integer != 0;
      return value_of(taken ? n.if_true : n.if_false, digits);
    }
    case ExprKind::Cast: {
      const auto& n = as<Cast>(e);
      return cast(n.dtype, n.a->dtype, value_of(n.a, digits));
    }
    default:
      return {};
  }
}

// A walk over combinations of some digits, ascending, the first one outermost.
class Odometer {
 public:
  Odometer(const TransferMap& map, std::vector<size_t> which)
      : map_(map), which_(std::move(which)) {}
  bool empty() const {
    return std::any_of(which_.begin(), which_.end(),
                       [&](size_t d) { return map_.digits[d].extent <= 0; });
  }
  void reset(std::vector<int64_t>& digits) const {
    for (const size_t d : which_) digits[d] = 0;
  }
  bool advance(std::vector<int64_t>& digits) const {
    for (size_t k = which_.size(); k-- > 0;) {
      if (++digits[which_[k]] < map_.digits[which_[k]].extent) return true;
      digits[which_[k]] = 0;
    }
    return false;
  }

 private:
  const TransferMap& map_;
  std::vector<size_t> which_;
};

class Mover {
 public:
  Mover(const TransferMap& map, const TransferSides& sides, const std::string& where)
      : map_(map), sides_(sides), where_(where), digits_(map.digits.size(), 0) {}

  Status pack();
  Status unpack(Reducer reducer);

 private:
  std::vector<size_t> select(bool reducing, bool others) const {
    std::vector<size_t> which;
    for (size_t d = 0; d < map_.digits.size(); ++d) {
      if (map_.digits[d].reduce ? reducing : others) which.push_back(d);
    }
    return which;
  }
  // Row-major number of the tensor's element, or nothing for padding.
  std::optional<int64_t> element() const {
    if (map_.guard && value_of(map_.guard, digits_).integer == 0) return std::nullopt;
    int64_t number = 0;
    for (size_t d = 0; d < map_.index.size(); ++d) {
      const int64_t extent = sides_.tensor->shape[d];
      const int64_t i = value_of(map_.index[d], digits_).integer;
      if (i < 0 || i >= extent) return std::nullopt;
      number = number * extent + i;
    }
    return number;
  }
  Result<int64_t> position() const {
    int64_t slice = 0, inside = 0;
    for (size_t d = 0; d < digits_.size(); ++d) {
      slice += digits_[d] * map_.digits[d].slice_stride;
      inside += digits_[d] * map_.digits[d].element_stride;
    }
    const bool ok =
        slice >= 0 && slice < map_.slices && inside >= 0 && inside < map_.slice_elements;
    if (ok) return slice * map_.slice_elements + inside;
    return fail(internal_error("map_out_of_staging",
                               cat("a position in slice ", slice, " of ", map_.slices, ", element ",
                                   inside, " of ", map_.slice_elements),
                               where_));
  }
  DType type() const { return sides_.tensor->dtype; }
  int64_t width() const { return bytes_of(type()); }
  DType staging_type() const { return map_.narrow.value_or(type()); }
  Value staged(int64_t position) const {
    const int64_t at = position * bytes_of(staging_type());
    return load_value(sides_.staging->data(0) + at, sides_.staging->shadow(0) + at, staging_type());
  }
  Result<Value> fold(Reducer reducer, const Odometer& over, std::optional<int64_t>& target);
  Status write(int64_t element, const Value& value);

  const TransferMap& map_;
  const TransferSides& sides_;
  const std::string& where_;
  std::vector<int64_t> digits_;
  std::vector<bool> written_;
};

Status Mover::pack() {
  ShadowMemory& staging = *sides_.staging;
  std::fill_n(staging.shadow(0), staging.bytes(), static_cast<uint8_t>(Poison::padding));
  const Odometer all(map_, select(true, true));
  if (all.empty()) return {};
  do {
    const auto at = position();
    if (!at) return fail(at.error());
    Value value{map_.pad_integer, static_cast<float>(map_.pad_real), Poison::none};
    if (!map_.fill_padding) value.poison = Poison::padding;
    if (const auto from = element()) {
      const int64_t byte = *from * width();
      value = load_value(sides_.tensor_memory->data(0) + byte,
                         sides_.tensor_memory->shadow(0) + byte, type());
    }
    const int64_t to = *at * bytes_of(staging_type());
    store_value(staging.data(0) + to, staging.shadow(0) + to, staging_type(), value);
  } while (all.advance(digits_));
  return {};
}

CombineOp combine_op(Reducer reducer) {
  switch (reducer) {
    case Reducer::prod:
      return CombineOp::prod;
    case Reducer::min:
      return CombineOp::min;
    case Reducer::max:
      return CombineOp::max;
    default:
      return CombineOp::sum;
  }
}

Result<Value> Mover::fold(Reducer reducer, const Odometer& over, std::optional<int64_t>& target) {
  Value result;
  over.reset(digits_);
  do {
    const auto at = position();
    if (!at) return fail(at.error());
    const auto here = element();
    if (!here) continue;
    if (target && *target != *here) {
      return fail(internal_error("unpack_conflict",
                                 cat("contributions to elements ", *target, " and ", *here, " of ",
                                     sides_.tensor->name, " are added up"),
                                 where_));
    }
    const Value mine = staged(*at);
    result = target ? combine(combine_op(reducer), type(), result, mine) : mine;
    target = here;
  } while (over.advance(digits_));
  return result;
}

Status Mover::write(int64_t element, const Value& value) {
  const auto place = [&] { return cat(sides_.tensor->name, ", element ", element); };
  if (value.poison != Poison::none) {
    return fail(internal_error("poison_in_tensor",
                               cat("the value of ", place(), " is ", to_string(value.poison)),
                               where_));
  }
  std::byte* const data = sides_.tensor_memory->data(0) + element * width();
  uint8_t* const shadow = sides_.tensor_memory->shadow(0) + element * width();
  ShadowMemory scratch(1, width());
  store_value(scratch.data(0), scratch.shadow(0), type(), value);
  const auto n = static_cast<size_t>(element);
  if (written_[n] && !std::equal(data, data + width(), scratch.data(0))) {
    return fail(internal_error("unpack_conflict",
                               cat(place(), " is written twice with different values"), where_));
  }
  written_[n] = true;
  copy_shadowed(data, shadow, scratch.data(0), scratch.shadow(0), width());
  return {};
}

Status Mover::unpack(Reducer reducer) {
  written_.assign(static_cast<size_t>(sides_.tensor->elements()), false);
  const Odometer outer(map_, select(false, true)), reducing(map_, select(true, false));
  if (outer.empty() || reducing.empty()) return {};
  do {
    std::optional<int64_t> target;
    const auto value = fold(reducer, reducing, target);
    if (!value) return fail(value.error());
    if (!target) continue;
    if (auto ok = write(*target, *value); !ok) return ok;
  } while (outer.advance(digits_));
  return {};
}

}  // namespace

Status interpret_pack(const TransferMap& map, const TransferSides& sides,
                      const std::string& where) {
  return Mover(map, sides, where).pack();
}

Status interpret_unpack(const TransferMap& map, Reducer reducer, const TransferSides& sides,
                        const std::string& where) {
  return Mover(map, sides, where).unpack(reducer);
}

}  // namespace pimjit
