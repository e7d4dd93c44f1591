#include "pimjit/plugins/upmem/target/kernel_cost.h"

#include <algorithm>
#include <cmath>

namespace pimjit::upmem {
namespace {

using kit::BinaryOp;
using kit::ExprKind;
using kit::StmtKind;
using kit::Type;

// Of the machine: docs/simulator.md, "The clock".
constexpr double kReissueCycles = 11, kReadCycles = 77, kWriteCycles = 61, kCyclesPerByte = 0.5;
constexpr double kEngineCycles = 30;
// Trip counts that are not known before the launch.
constexpr double kUnknownTrips = 16;

// Of one tasklet.
struct Cost {
  double slots = 0, wait = 0, engine = 0, bytes = 0;
  void add(const Cost& other, double times = 1) {
    slots += times * other.slots;
    wait += times * other.wait;
    engine += times * other.engine;
    bytes += times * other.bytes;
  }
  double cycles() const { return slots * kReissueCycles + wait; }
};

double multiply_slots(const kit::Kernel& kernel, const kit::Expr& e) {
  if (e.type == Type::f32) return 60;
  if (e.type == Type::i64) return 100;
  if (e.type == Type::i8) return 1;
  const auto bits = [&](int index) {
    const kit::Expr& operand = kernel.exprs[static_cast<std::size_t>(index)];
    if (operand.kind == ExprKind::IntImm) return 8.0;
    if (operand.kind != ExprKind::Load) return 32.0;
    const kit::Buffer& buffer = kernel.buffers[static_cast<std::size_t>(operand.index)];
    if (!buffer.has_range) return 8.0 * kit::bytes_of(buffer.type);
    const auto most = std::max(std::abs(static_cast<double>(buffer.low)),
                               std::abs(static_cast<double>(buffer.high)));
    return std::ceil(std::log2(most + 1));
  };
  const double smaller = std::min(bits(e.a), bits(e.b));
  return smaller <= 8 ? 2 : smaller <= 16 ? 8 : 24;
}

double binary_slots(const kit::Kernel& kernel, const kit::Expr& e) {
  const bool real = e.type == Type::f32, wide = e.type == Type::i64;
  switch (e.op) {
    case BinaryOp::mul:
      return multiply_slots(kernel, e);
    case BinaryOp::div:
    case BinaryOp::mod:
      return real ? 300 : wide ? 250 : 60;
    default:
      return real ? 45 : wide ? 2 : 1;
  }
}

class Walk {
 public:
  // Operands stand before their users, so one pass over the expressions sees each once.
  explicit Walk(const kit::Kernel& kernel) : kernel_(kernel) {
    for (const kit::Expr& e : kernel.exprs) {
      slots_.push_back(slots_of(e));
      trips_.push_back(trips_of(e));
    }
  }

  Cost of(int index) const {
    Cost cost;
    if (index == kit::kNone) return cost;
    const kit::Stmt& s = kernel_.stmts[static_cast<std::size_t>(index)];
    switch (s.kind) {
      case StmtKind::Seq:
        for (int i = 0; i < s.count; ++i)
          cost.add(of(kernel_.children[static_cast<std::size_t>(s.first + i)]));
        break;
      case StmtKind::For: {
        const double copies = s.loop == kit::LoopKind::unrolled ? std::max(1, s.unroll) : 1;
        cost = of(s.body);
        cost.slots += (s.loop == kit::LoopKind::unrolled && s.unroll == 0) ? 0 : 2 / copies;
        const Cost body = cost;
        cost = {};
        cost.add(body, trips(s.b));
        break;
      }
      case StmtKind::Let:
        cost = of(s.body);
        cost.slots += slots(s.a);
        break;
      case StmtKind::If: {
        const Cost one = of(s.body), other = of(s.else_body);
        cost = one.cycles() >= other.cycles() ? one : other;
        cost.slots += 1 + slots(s.a);
        break;
      }
      case StmtKind::Store:
        cost.slots = 1 + slots(s.b);
        break;
      case StmtKind::Copy:
        transfer(s, cost);
        break;
      case StmtKind::Barrier:
      case StmtKind::Combine:
        cost.slots = 20 + 10 * static_cast<double>(s.elements);
        break;
      default:
        break;
    }
    return cost;
  }

 private:
  double slots(int index) const {
    return index == kit::kNone ? 0 : slots_[static_cast<std::size_t>(index)];
  }
  double slots_of(const kit::Expr& e) const {
    switch (e.kind) {
      case ExprKind::Binary:
        return binary_slots(kernel_, e) + slots(e.a) + slots(e.b);
      case ExprKind::Load:
        return 1;  // addresses are stepped, not computed
      case ExprKind::IntImm:
      case ExprKind::FloatImm:
      case ExprKind::Var:
      case ExprKind::LevelIndex:
      case ExprKind::Param:
        return 0;
      default:
        return 1 + slots(e.a) + slots(e.b) + slots(e.c);
    }
  }

  // The most an extent can be, as far as constants tell; less than 0: nothing is known.
  double trips_of(const kit::Expr& e) const {
    if (e.kind == ExprKind::IntImm) return std::max(0.0, static_cast<double>(e.value));
    if (e.kind == ExprKind::Cast) return trips_[static_cast<std::size_t>(e.a)];
    if (e.kind != ExprKind::Binary || (e.op != BinaryOp::min && e.op != BinaryOp::max)) return -1;
    const double a = trips_[static_cast<std::size_t>(e.a)];
    const double b = trips_[static_cast<std::size_t>(e.b)];
    return (e.op == BinaryOp::min && a >= 0 && b >= 0) ? std::min(a, b) : std::max(a, b);
  }
  double trips(int extent) const {
    const double most = trips_[static_cast<std::size_t>(extent)];
    return most < 0 ? kUnknownTrips : most;
  }

  void transfer(const kit::Stmt& s, Cost& cost) const {
    const kit::Buffer& to = kernel_.buffers[static_cast<std::size_t>(s.dst)];
    const double bytes = trips(s.c) * kit::bytes_of(to.type);
    const double pieces = std::max(1.0, std::ceil(bytes / 2048));
    cost.slots = 2 * pieces;
    cost.wait = pieces * (to.is_local() ? kReadCycles : kWriteCycles) + kCyclesPerByte * bytes;
    cost.engine = pieces * kEngineCycles + kCyclesPerByte * bytes;
    cost.bytes = bytes;
  }

  const kit::Kernel& kernel_;
  std::vector<double> slots_, trips_;  // by expression
};

}  // namespace

std::vector<kit::Figure> cost_features(const kit::Kernel& kernel) {
  const double tasklets =
      kernel.levels.size() > 1 ? static_cast<double>(kernel.levels[1].count) : 1;
  const Cost one = Walk(kernel).of(kernel.body);
  const double all = one.slots * tasklets, engine = one.engine * tasklets;
  return {{"tasklet_slots", "slots", one.slots},
          {"dpu_slots", "slots", all},
          {"dma_cycles", "cycles", engine},
          {"dma_bytes", "B", one.bytes * tasklets},
          {"cycles", "cycles", std::max({all, engine, one.cycles()})}};
}

}  // namespace pimjit::upmem
