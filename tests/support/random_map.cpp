#include "pimjit/tests/support/random_map.h"

#include <algorithm>
#include <cstring>

namespace pimjit::test {
namespace {

Expr digit(size_t d) {
  return make_var(DType::i64, static_cast<int>(d));
}
Expr number(int64_t v) {
  return make_int(DType::i64, v);
}
Expr op(BinaryOp o, Expr a, Expr b) {
  return make_binary(o, std::move(a), std::move(b));
}

}  // namespace

RandomMap random_map(RandomStream& random, const RandomMapOptions& options) {
  const bool unpacking = options.unpacking;
  RandomMap c;
  const auto rank = static_cast<size_t>(random.between(0, 3));
  TransferMap& m = c.map;
  std::vector<Expr> index(rank, number(0));
  std::vector<int64_t> span(rank, 1);
  int64_t inside = 1;
  const int64_t digits = random.between(0, options.digits);
  for (int64_t k = 0; k < digits; ++k) {
    MapDigit d{random.between(1, options.extent), 0, 0, false};
    if (random.chance(0.3)) {
      d.slice_stride = m.slices;
      m.slices *= d.extent;
    } else {
      d.element_stride = inside;
      inside *= d.extent;
    }
    d.reduce = unpacking && random.chance(0.25);
    const size_t number_of = m.digits.size();
    m.digits.push_back(d);
    if (rank == 0 || d.reduce) continue;
    const auto dim = static_cast<size_t>(random.between(0, static_cast<int64_t>(rank) - 1));
    index[dim] =
        op(BinaryOp::add, index[dim], op(BinaryOp::mul, digit(number_of), number(span[dim])));
    span[dim] *= d.extent;
  }
  m.slice_elements = inside + random.between(0, 2);
  for (size_t dim = 0; dim < rank; ++dim) {
    int64_t extent = span[dim];
    if (random.chance(0.5)) extent = std::max<int64_t>(1, extent - random.between(0, 2));
    if (!unpacking && random.chance(0.2)) index[dim] = op(BinaryOp::sub, index[dim], number(1));
    if (!unpacking && random.chance(0.2)) index[dim] = op(BinaryOp::sub, number(2), index[dim]);
    if (!unpacking && random.chance(0.3)) index[dim] = op(BinaryOp::mod, index[dim], number(3));
    c.tensor.shape.push_back(extent);
  }
  m.index = index;
  if (digits > 0 && random.chance(0.3)) {
    m.guard = op(BinaryOp::lt, digit(static_cast<size_t>(random.between(0, digits - 1))),
                 number(random.between(0, 3)));
  }
  m.fill_padding = random.chance(0.5);
  m.pad_integer = -9;
  m.pad_real = -9;
  c.tensor.name = std::string(1, 'T');
  c.tensor.dtype = kTensorDTypes[random.between(0, 4)];
  c.reducer = Reducer::none;
  for (const MapDigit& d : m.digits) {
    if (d.reduce) c.reducer = static_cast<Reducer>(random.between(1, 4));
  }
  if (c.reducer == Reducer::none && !is_float(c.tensor.dtype) && random.chance(0.3)) {
    const DType t = random.chance(0.5) ? DType::i8 : DType::i16;
    if (bytes_of(t) < bytes_of(c.tensor.dtype)) m.narrow = t;
  }
  return c;
}

void fill_randomly(ShadowMemory& memory, DType t, RandomStream& random) {
  std::memset(memory.shadow(0), 0, static_cast<size_t>(memory.bytes()));
  for (int64_t at = 0; at < memory.bytes(); at += bytes_of(t)) {
    if (is_float(t)) {
      store_real(memory.data(0) + at, static_cast<double>(random.between(-500, 500)) / 7);
    } else {
      store_integer(memory.data(0) + at, t, random.between(-100, 100));
    }
  }
}

TensorView row_major_view(const Tensor& t, std::byte* data) {
  TensorView v{data, t.dtype, t.shape, std::vector<int64_t>(t.shape.size())};
  int64_t stride = 1;
  for (size_t d = t.shape.size(); d-- > 0; stride *= t.shape[d]) v.strides[d] = stride;
  return v;
}

}  // namespace pimjit::test
