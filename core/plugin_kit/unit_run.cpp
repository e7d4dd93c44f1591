#include "pimjit/core/plugin_kit/unit_run.h"

#include <climits>
#include <utility>

namespace pimjit::kit {
namespace {

constexpr uint64_t kStepsBetweenQuestions = 1 << 14;

int64_t sum_of(int64_t a, int64_t b) {
  return integer_operation(BinaryOp::add, Type::i64, a, b);
}
std::string text(int64_t n) {
  return std::to_string(n);
}

}  // namespace

UnitRun::UnitRun(const Evaluator& program, UnitMemory& memory, const RunOptions& options,
                 Counters& counters)
    : program_(program),
      kernel_(program.kernel()),
      memory_(memory),
      options_(options),
      counters_(counters),
      variable_count_(kernel_.vars.size()),
      scope_instance_(kernel_.scopes.size(), 0) {}

Outcome UnitRun::run() {
  if (!check_arguments()) return outcome_;
  variables_.assign(static_cast<size_t>(program_.instances()) * variable_count_, Value{0});
  run_all(kernel_.body, 0, program_.instances());
  return outcome_;
}

bool UnitRun::check_arguments() {
  const auto refuse = [&](std::string why) {
    outcome_ = {PJ_INVALID_ARGUMENT, std::move(why)};
    return false;
  };
  if (std::string wrong = program_.check_arguments(options_.arguments); !wrong.empty())
    return refuse(std::move(wrong));
  if (static_cast<int>(options_.position.size()) != program_.unit_level_ + 1) {
    return refuse("the unit's position has " +
                  text(static_cast<int64_t>(options_.position.size())) + " levels");
  }
  for (size_t l = 0; l < options_.position.size(); ++l) {
    if (options_.position[l] < 0 || options_.position[l] >= kernel_.levels[l].count) {
      return refuse("instance " + text(options_.position[l]) + " of level '" +
                    kernel_.levels[l].name + "' of a kernel for " + text(kernel_.levels[l].count));
    }
  }
  for (size_t b = 0; b < kernel_.buffers.size(); ++b) {
    const int param = kernel_.buffers[b].param;
    base_.push_back(param == kNone
                        ? program_.local_offset_[b]
                        : static_cast<uint64_t>(options_.arguments[static_cast<size_t>(param)]));
  }
  return true;
}

int64_t UnitRun::level_index(int64_t instance, int level) const {
  if (level <= program_.unit_level_) return options_.position[static_cast<size_t>(level)];
  const auto l = static_cast<size_t>(level);
  return instance / program_.below_[l] % kernel_.levels[l].count;
}

void UnitRun::enter(int64_t instance) {
  current_ = instance;
  for (size_t s = 0; s < kernel_.scopes.size(); ++s) {
    const int level = kernel_.scopes[s].level;
    scope_instance_[s] =
        level <= program_.unit_level_ ? 0 : instance / program_.below_[static_cast<size_t>(level)];
  }
}

void UnitRun::fault(std::string what, int32_t code) {
  if (!going()) return;
  std::string where;
  for (int l = 0; l < static_cast<int>(kernel_.levels.size()); ++l) {
    where += (l == 0 ? "" : ", ") + kernel_.levels[static_cast<size_t>(l)].name + ' ' +
             text(level_index(current_, l));
  }
  outcome_ = {code, "kernel '" + kernel_.name + "', " + where + ": " + std::move(what)};
}

void UnitRun::step() {
  ++steps_;
  if (steps_ > options_.budget) {
    fault("more than the budget of " + std::to_string(options_.budget) + " steps", PJ_TIMEOUT);
  } else if (steps_ % kStepsBetweenQuestions == 0 && options_.cancelled && options_.cancelled()) {
    fault("cancelled", PJ_CANCELLED);
  }
}

Place UnitRun::place_of(int buffer, int64_t index, int64_t count, const char* what) {
  const Buffer& b = kernel_.buffers[static_cast<size_t>(buffer)];
  if (index < 0 || count > b.elements || index > b.elements - count) {
    fault(std::string(what) + " of elements " + text(index) + " .. " + text(index) + " + " +
          text(count) + " of buffer '" + b.name + "', which has " + text(b.elements));
    return {};
  }
  return {b.scope, scope_instance_[static_cast<size_t>(b.scope)],
          base_[static_cast<size_t>(buffer)] +
              static_cast<uint64_t>(index) * static_cast<uint64_t>(bytes_of(b.type))};
}

Value UnitRun::evaluate(int expr) {
  const Expr& e = kernel_.exprs[static_cast<size_t>(expr)];
  step();
  Value result{0};
  if (!going()) return result;
  switch (e.kind) {
    case ExprKind::IntImm:
      result.integer = e.value;
      break;
    case ExprKind::FloatImm:
      result.real = e.real;
      break;
    case ExprKind::Var:
      return variable(e.index);
    case ExprKind::LevelIndex:
      result.integer = level_index(current_, e.index);
      break;
    case ExprKind::Param:
      result.integer = options_.arguments[static_cast<size_t>(e.index)];
      break;
    case ExprKind::Binary:
      return binary(e);
    case ExprKind::Not:
      ++counters_.integer_operations[static_cast<size_t>(BinaryOp::eq)];
      result.integer = integer(e.a) == 0 ? 1 : 0;
      break;
    case ExprKind::Select:
      ++counters_.selects;
      return integer(e.a) != 0 ? evaluate(e.b) : evaluate(e.c);
    case ExprKind::Cast:
      ++counters_.conversions;
      return cast(e.type, kernel_.exprs[static_cast<size_t>(e.a)].type, evaluate(e.a));
    case ExprKind::Load:
      return load(e);
  }
  return result;
}

Value UnitRun::binary(const Expr& e) {
  const Type type = kernel_.exprs[static_cast<size_t>(e.a)].type;
  auto& counts = type == Type::f32 ? counters_.real_operations : counters_.integer_operations;
  ++counts[static_cast<size_t>(e.op)];
  const Value a = evaluate(e.a);
  if (e.op == BinaryOp::logical_and && a.integer == 0) return a;
  if (e.op == BinaryOp::logical_or && a.integer != 0) return a;
  return operation(e.op, type, a, evaluate(e.b));
}

Value UnitRun::load(const Expr& e) {
  const Place place = place_of(e.index, integer(e.a), 1, "load");
  unsigned char bytes[8] = {};
  if (!going()) return Value{0};
  ++counters_.loads;
  if (!memory_.load(place, bytes, static_cast<uint64_t>(bytes_of(e.type)))) fault(memory_.reason());
  return load_element(e.type, bytes);
}

void UnitRun::run_alone(const Stmt& s) {
  step();
  if (!going()) return;
  const auto stmt = [&](int i) -> const Stmt& { return kernel_.stmts[static_cast<size_t>(i)]; };
  switch (s.kind) {
    case StmtKind::Seq:
      for (int i = 0; i < s.count && going(); ++i) {
        run_alone(stmt(kernel_.children[static_cast<size_t>(s.first + i)]));
      }
      break;
    case StmtKind::For: {
      const int64_t min = integer(s.a);
      const int64_t extent = integer(s.b);
      for (int64_t i = 0; i < extent && going(); ++i) {
        ++counters_.iterations;
        variable(s.var).integer = sum_of(min, i);
        run_alone(stmt(s.body));
      }
      break;
    }
    case StmtKind::If:
      ++counters_.branches;
      if (integer(s.a) != 0) {
        run_alone(stmt(s.body));
      } else if (s.else_body != kNone) {
        run_alone(stmt(s.else_body));
      }
      break;
    case StmtKind::Let: {
      const Value value = evaluate(s.a);
      variable(s.var) = value;
      run_alone(stmt(s.body));
      break;
    }
    case StmtKind::Store: {
      const Type type = kernel_.buffers[static_cast<size_t>(s.dst)].type;
      const Place place = place_of(s.dst, integer(s.a), 1, "store");
      unsigned char bytes[8] = {};
      store_element(type, evaluate(s.b), bytes);
      if (!going()) return;
      ++counters_.stores;
      if (!memory_.store(place, bytes, static_cast<uint64_t>(bytes_of(type))))
        fault(memory_.reason());
      break;
    }
    case StmtKind::Copy:
      run_copy(s);
      break;
    case StmtKind::Barrier:
    case StmtKind::Combine:
      break;  // never alone
  }
}

void UnitRun::run_copy(const Stmt& s) {
  const int64_t to = integer(s.a);
  const int64_t from = integer(s.b);
  const int64_t elements = integer(s.c);
  if (elements <= 0) return fault("a copy of " + text(elements) + " elements");
  const Place dst = place_of(s.dst, to, elements, "copy to");
  const Place src = place_of(s.src, from, elements, "copy from");
  if (!going()) return;
  const auto bytes =
      static_cast<uint64_t>(elements) *
      static_cast<uint64_t>(bytes_of(kernel_.buffers[static_cast<size_t>(s.dst)].type));
  if (dst.scope == src.scope && dst.instance == src.instance && dst.offset < src.offset + bytes &&
      src.offset < dst.offset + bytes) {
    return fault("a copy onto itself");
  }
  auto& use = counters_.links[static_cast<size_t>(s.link)];
  ++use.copies;
  use.bytes += bytes;
  if (!memory_.copy(s.link, dst, src, bytes)) fault(memory_.reason());
}

void UnitRun::run_all(int stmt, int64_t first, int64_t last) {
  const Stmt& s = kernel_.stmts[static_cast<size_t>(stmt)];
  const int level = program_.meets_[static_cast<size_t>(stmt)];
  if (level == INT_MAX) {
    for (int64_t i = first; i < last && going(); ++i) {
      enter(i);
      run_alone(s);
    }
    return;
  }
  const auto l = static_cast<size_t>(level);
  const int64_t group = program_.below_[l] * kernel_.levels[l].count;
  for (int64_t i = first; i < last && going(); i += group) run_together(s, i, i + group);
}

void UnitRun::run_together(const Stmt& s, int64_t first, int64_t last) {
  enter(first);
  step();
  switch (s.kind) {
    case StmtKind::Seq:
      for (int i = 0; i < s.count && going(); ++i) {
        run_all(kernel_.children[static_cast<size_t>(s.first + i)], first, last);
      }
      break;
    case StmtKind::For:
      loop_together(s, first, last);
      break;
    case StmtKind::If:
      branch_together(s, first, last);
      break;
    case StmtKind::Let:
      for (int64_t i = first; i < last && going(); ++i) {
        enter(i);
        const Value value = evaluate(s.a);
        variable(s.var) = value;
      }
      run_all(s.body, first, last);
      break;
    case StmtKind::Barrier:
      ++counters_.barriers;
      break;
    case StmtKind::Combine:
      combine(s, first, last);
      break;
    case StmtKind::Store:
    case StmtKind::Copy:
      break;  // nobody meets in them
  }
}

void UnitRun::loop_together(const Stmt& s, int64_t first, int64_t last) {
  std::vector<int64_t> mins;
  int64_t extent = 0;
  for (int64_t i = first; i < last && going(); ++i) {
    enter(i);
    mins.push_back(integer(s.a));
    const int64_t own = integer(s.b);
    if (i == first) extent = own;
    if (own != extent && (own > 0 || extent > 0)) {
      fault("a barrier in a loop of " + text(own) + " iterations here and " + text(extent) +
            " in another instance");
    }
  }
  for (int64_t k = 0; k < extent && going(); ++k) {
    for (int64_t i = first; i < last; ++i) {
      current_ = i;
      ++counters_.iterations;
      variable(s.var).integer = sum_of(mins[static_cast<size_t>(i - first)], k);
    }
    run_all(s.body, first, last);
  }
}

void UnitRun::branch_together(const Stmt& s, int64_t first, int64_t last) {
  bool taken = false;
  for (int64_t i = first; i < last && going(); ++i) {
    enter(i);
    ++counters_.branches;
    const bool own = integer(s.a) != 0;
    if (i == first) taken = own;
    if (own != taken)
      fault("a barrier under a condition that another instance decides differently");
  }
  if (!going()) return;
  if (taken) {
    run_all(s.body, first, last);
  } else if (s.else_body != kNone) {
    run_all(s.else_body, first, last);
  }
}

// All results are formed before any is written: where several instances name one slice, they write
// the same.
void UnitRun::combine(const Stmt& s, int64_t first, int64_t last) {
  const auto level = static_cast<size_t>(s.level);
  const Type type = kernel_.buffers[static_cast<size_t>(s.dst)].type;
  const auto width = static_cast<uint64_t>(bytes_of(type));
  auto& counts = type == Type::f32 ? counters_.real_operations : counters_.integer_operations;
  constexpr BinaryOp kSteps[] = {BinaryOp::add, BinaryOp::add, BinaryOp::mul, BinaryOp::min,
                                 BinaryOp::max};
  ++counters_.combines;
  std::vector<Place> slices;
  for (int64_t i = first; i < last && going(); ++i) {
    enter(i);
    slices.push_back(place_of(s.dst, integer(s.a), s.elements, "combine"));
  }
  std::vector<std::pair<Place, Value>> results;
  for (int64_t i = first; i < last && going(); ++i) {
    if (level_index(i, s.level) / s.stride % s.group != 0) continue;
    enter(i);
    for (int64_t e = 0; e < s.elements && going(); ++e) {
      Value sum{0};
      for (int64_t member = 0; member < s.group && going(); ++member) {
        Place place =
            slices[static_cast<size_t>(i - first + member * s.stride * program_.below_[level])];
        place.offset += static_cast<uint64_t>(e) * width;
        unsigned char bytes[8] = {};
        if (!memory_.load(place, bytes, width)) return fault(memory_.reason());
        const Value value = load_element(type, bytes);
        sum = member == 0 ? value : kit::combine(s.op, type, sum, value);
        if (member > 0) ++counts[static_cast<size_t>(kSteps[static_cast<size_t>(s.op)])];
        step();
      }
      Place place = slices[static_cast<size_t>(i - first)];
      place.offset += static_cast<uint64_t>(e) * width;
      results.emplace_back(place, sum);
    }
  }
  for (const auto& [place, value] : results) {
    unsigned char bytes[8] = {};
    store_element(type, value, bytes);
    if (going() && !memory_.store(place, bytes, width)) fault(memory_.reason());
  }
}

}  // namespace pimjit::kit
