#include "pimjit/core/support/dtype.h"

namespace pimjit {

const char* to_string(DType t) {
  switch (t) {
    case DType::b1:
      return "b1";
    case DType::i8:
      return "i8";
    case DType::i16:
      return "i16";
    case DType::i32:
      return "i32";
    case DType::i64:
      return "i64";
    case DType::f32:
      return "f32";
  }
  return "?";
}

std::optional<DType> parse_dtype(std::string_view text) {
  for (DType t : kTensorDTypes) {
    if (text == to_string(t)) return t;
  }
  return std::nullopt;
}

}  // namespace pimjit
