#include "pimjit/plugins/upmem/executor/program.h"

#include <optional>
#include <string>

#include "pimjit/plugins/upmem/elf/reader.h"
#include "pimjit/plugins/upmem/executor/handlers.h"

namespace pimjit::upmem {
namespace {

constexpr std::uint8_t kZeroRegister = 24, kIdRegister = 28, kSink = 32;

struct HandlerChoice {
  Handler handler;
  bool three;  // followed by its branch and other variants
};

std::optional<HandlerChoice> handler_of(Op action) {
  switch (action) {
#define PIMJIT_SUM(op, ...) \
  case Op::op:              \
    return HandlerChoice{Handler::op, true};
#define PIMJIT_DIFFERENCE(op, ...) PIMJIT_SUM(op)
#define PIMJIT_ALU(op, ...) PIMJIT_SUM(op)
#define PIMJIT_LOAD(op, ...) \
  case Op::op:               \
    return HandlerChoice{Handler::op, false};
#define PIMJIT_STORE(op, ...) PIMJIT_LOAD(op)
#include "pimjit/plugins/upmem/executor/semantics.def"
#undef PIMJIT_SUM
#undef PIMJIT_DIFFERENCE
#undef PIMJIT_ALU
#undef PIMJIT_LOAD
#undef PIMJIT_STORE
    case Op::mul_step:
      return HandlerChoice{Handler::mul_step, false};
    case Op::div_step:
      return HandlerChoice{Handler::div_step, false};
    case Op::movd:
      return HandlerChoice{Handler::movd, false};
    case Op::swapd:
      return HandlerChoice{Handler::swapd, false};
    case Op::call:
      return HandlerChoice{Handler::call, false};
    case Op::tell:
      return HandlerChoice{Handler::nothing, false};
    case Op::ld:
    case Op::ld_be:
      return HandlerChoice{Handler::ld, false};
    case Op::sd:
    case Op::sd_be:
      return HandlerChoice{Handler::sd, false};
    case Op::sd_id:
    case Op::sd_id_be:
      return HandlerChoice{Handler::sd_value, false};
    default:
      return std::nullopt;
  }
}

StepKind interaction_of(Op action) {
  switch (action) {
    case Op::ldma:
      return StepKind::dma_read;
    case Op::sdma:
      return StepKind::dma_write;
    case Op::acquire:
      return StepKind::acquire;
    case Op::release:
      return StepKind::release;
    case Op::boot:
      return StepKind::boot;
    case Op::resume:
      return StepKind::resume;
    case Op::clr_run:
    case Op::read_run:
      return StepKind::run_bit;
    case Op::stop:
      return StepKind::stop;
    case Op::time:
    case Op::time_cfg:
      return StepKind::time;
    default:
      return StepKind::fault;
  }
}

StepKind private_kind(OpKind kind) {
  switch (kind) {
    case OpKind::multiply:
      return StepKind::multiply;
    case OpKind::step:
      return StepKind::step;
    case OpKind::control:
      return StepKind::control;
    case OpKind::load:
      return StepKind::load;
    case OpKind::store:
      return StepKind::store;
    default:
      return StepKind::alu;
  }
}

// Why this instruction is refused although its form may be executed otherwise; empty when it is
// not.
std::string refusal_of(const Instruction& instruction) {
  const Form& form = instruction.shape();
  const std::string name = std::string("`") + to_string(form.op) + "`";
  if (form.refused) return name + ": " + form.refused;
  const Condition condition = instruction.condition();
  if ((condition == Condition::small || condition == Condition::large) && form.op != Op::mul_ul_ul)
    return name + " with condition " + to_string(condition) +
           ": its predicate is known for mul_ul_ul only";
  if (kind_of(form.op) == OpKind::step && instruction.values[0] != instruction.values[2])
    return name + " with different source and destination pairs: which accumulator it keeps is " +
           "not known";
  if (form.op == Op::stop && form.style == Style::branch && condition != Condition::always &&
      condition != Condition::never)
    return name + " with condition " + to_string(condition) + ": what it tests is not known";
  return "";
}

bool is_shift_add(Op op) {
  return op == Op::lsl_add || op == Op::lsl_sub || op == Op::lsr_add || op == Op::rol_add ||
         op == Op::mul_step || op == Op::div_step;
}

void place_operand(Slot& slot, const Form& form, int index, std::int64_t value, bool has_a) {
  const Field field = form.operands[index];
  const auto code = static_cast<std::uint8_t>(value);
  switch (field_info(field).kind) {
    case FieldKind::zero:
      slot.c = kSink;
      break;
    case FieldKind::destination:
    case FieldKind::pair_destination:
      slot.c = code;
      break;
    case FieldKind::source:
    case FieldKind::step_source:
    case FieldKind::pair_source:
      (field == Field::b || field == Field::b_pair)&& has_a ? slot.b = code : slot.a = code;
      break;
    case FieldKind::immediate:
      if (field == Field::store8 || field == Field::store16 || field == Field::store_word)
        slot.target = static_cast<std::uint16_t>(value);
      else if (field == Field::shift && is_shift_add(form.op))
        slot.shift = code;
      else
        slot.imm = static_cast<std::int32_t>(value);
      break;
    case FieldKind::target:
      slot.target =
          static_cast<std::uint16_t>(value < kIramInstructions ? value : kIramInstructions);
      break;
    case FieldKind::condition:
      break;
  }
}

Slot make_slot(const Instruction& instruction) {
  const Form& form = instruction.shape();
  Slot slot;
  slot.a = slot.b = kZeroRegister;
  slot.c = kSink;
  slot.action = form.action;
  bool has_a = false, stores_value = false;
  for (int i = 0; i < form.operand_count; ++i) {
    const Field field = form.operands[i];
    has_a |= field == Field::a || field == Field::a_general || field == Field::a_constant ||
             field == Field::a_step;
    stores_value |= field == Field::store_word;
  }
  for (int i = 0; i < form.operand_count; ++i)
    place_operand(slot, form, i, instruction.values[i], has_a);
  slot.condition = static_cast<std::uint8_t>(instruction.condition());
  if (form.style == Style::branch) slot.finish |= kFinishBranch;
  if (form.style == Style::set) slot.finish |= kFinishSet;
  if (form.extend == Extend::sign) slot.finish |= kFinishSigned;
  if (form.extend == Extend::zero) slot.finish |= kFinishUnsigned;

  const auto choice = handler_of(form.action);
  if (!choice || !refusal_of(instruction).empty()) {
    slot.kind = refusal_of(instruction).empty() ? interaction_of(form.action) : StepKind::fault;
    return slot;
  }
  slot.kind = private_kind(kind_of(form.action));
  int variant = 0;
  if (choice->three && slot.finish != kFinishPlain) variant = slot.finish == kFinishBranch ? 1 : 2;
  slot.handler = static_cast<std::uint8_t>(static_cast<int>(choice->handler) + variant);
  if (slot.kind == StepKind::load && form.extend != Extend::none)
    slot.handler = static_cast<std::uint8_t>(Handler::wide_load);
  if (choice->handler == Handler::sd && stores_value)
    slot.handler = static_cast<std::uint8_t>(Handler::sd_value);
  const std::string_view name = to_string(form.action);
  if (slot.kind == StepKind::store && name.find("_id") != std::string_view::npos)
    slot.b = kIdRegister;
  return slot;
}

}  // namespace

const char* to_string(StepKind kind) {
  constexpr const char* kNames[] = {"alu",      "multiply",  "step",    "control", "load", "store",
                                    "dma_read", "dma_write", "acquire", "release", "boot", "resume",
                                    "run_bit",  "stop",      "time",    "fault"};
  return kNames[static_cast<int>(kind)];
}

Expected<std::shared_ptr<const Program>> Program::from_image(Image image) {
  auto program = std::make_shared<Program>();
  program->words_.assign(kIramInstructions, 0);
  program->loaded_.assign(kIramInstructions, false);
  program->slots_.assign(kIramInstructions + 1, Slot{});
  for (const Segment& segment : image.segments) {
    const Space space = space_of(segment.address);
    if (std::uint64_t{offset_of(segment.address)} + segment.memory_size > capacity_of(space) ||
        segment.bytes.size() > segment.memory_size)
      return fail(Origin::user, "bad_elf",
                  std::string("a segment reaches beyond ") + to_string(space));
    if (space != Space::iram) continue;
    const std::uint32_t first = offset_of(segment.address) / 8;
    for (std::uint32_t i = 0; i < segment.memory_size / 8; ++i) {
      std::uint64_t word = 0;
      for (std::uint32_t byte = 0; byte < 6; ++byte) {
        const std::size_t at = std::size_t{i} * 8 + byte;
        if (at < segment.bytes.size()) word |= std::uint64_t{segment.bytes[at]} << 8 * byte;
      }
      const std::uint32_t index = first + i;
      program->words_[index] = word;
      program->loaded_[index] = true;
      program->size_ = std::max(program->size_, index + 1);
      if (const auto instruction = decode(word)) program->slots_[index] = make_slot(*instruction);
    }
  }
  if (!program->loaded_[0])
    return fail(Origin::user, "bad_elf",
                "no segment holds instruction 0, where a launch starts (address 0x80000000)");
  program->image_ = std::move(image);
  return std::shared_ptr<const Program>(std::move(program));
}

Expected<std::shared_ptr<const Program>> Program::from_elf(std::span<const std::uint8_t> bytes) {
  auto image = read_elf(bytes);
  if (!image) return tl::unexpected(image.error());
  return from_image(std::move(*image));
}

std::string Program::refusal(std::uint32_t index) const {
  if (index >= kIramInstructions) return "the thread ran beyond the last instruction of IRAM";
  if (!loaded_[index]) return "the executable has no instruction here";
  const auto instruction = decode(words_[index]);
  if (!instruction) {
    char text[64];
    std::snprintf(text, sizeof text, "word %012llx is no instruction",
                  static_cast<unsigned long long>(words_[index]));
    return text;
  }
  return refusal_of(*instruction);
}

}  // namespace pimjit::upmem
