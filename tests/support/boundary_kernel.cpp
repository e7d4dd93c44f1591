#include "pimjit/tests/support/boundary_kernel.h"

#include <stdexcept>

#include "pimjit/core/ir/parser.h"
#include "pimjit/core/ir/printer.h"

namespace pimjit::test {

Kernel boundary_kernel(const std::string& body) {
  const std::string text = R"(kernel edges {
  level unit independent 1
  level thread independent 4
  scope bank at unit
  scope scratch at unit
  link load bank -> scratch
  link store scratch -> bank
  link near scratch -> scratch
  param A.base i32
  param B.base i32
  param C.base i32
  param rows i32
  param cols i32
  buffer A i32 device bank elements 1024 align 8 base A.base readonly
  buffer B i32 device bank elements 1024 align 8 base B.base readonly
  buffer C i32 device bank elements 1024 align 8 base C.base
  buffer a i32 local scratch elements 256 align 8
  buffer b i32 local scratch elements 256 align 8
  buffer c i32 local scratch elements 256 align 8
  var i i32
  var j i32
  var k i32
  var x i32
  var v i64
  var w i64
  var y i8
  body {
)" + body + "\n}\n}\n";
  auto kernel = parse_kernel(text);
  if (!kernel) throw std::runtime_error(kernel.error().message());
  return std::move(*kernel);
}

KernelRules boundary_rules(const Kernel& kernel) {
  KernelRules rules = KernelRules::permissive(kernel);
  for (LinkRules& link : rules.links) link = {8, 256, 8, 8};
  return rules;
}

std::vector<BufferTraits> boundary_traits(const Kernel& kernel) {
  std::vector<BufferTraits> traits;
  for (const KernelBuffer& b : kernel.buffers)
    traits.push_back({.padded = true, .owned = b.kind == BufferKind::local});
  return traits;
}

std::string body_of(const Kernel& kernel) {
  return to_text(kernel.body, kernel);
}

std::string without_linear_form() {
  const std::string large = "$rows / 2147483647 / 2 * 2147483647 * 2147483647";
  return "(" + large + " + " + large + " + " + large + ")";
}

std::string written(const std::string& body) {
  return body_of(boundary_kernel(body));
}

}  // namespace pimjit::test
