#ifndef PIMJIT_TESTS_UNIT_SESSION_SESSIONS_H_
#define PIMJIT_TESTS_UNIT_SESSION_SESSIONS_H_

#include <string>
#include <vector>

#include "pimjit/build_paths.h"
#include "pimjit/core/verify/direct_eval.h"
#include "pimjit/core/verify/test_data.h"
#include "pimjit/jit/session/session.h"

namespace pimjit::test {

// Sessions that find the toy chips and the host's cores.
inline SessionOptions session_options() {
  SessionOptions options;
  options.plugin_paths = {PIMJIT_BINARY_DIR "/tests/plugins",
                          PIMJIT_BINARY_DIR "/lib/pimjit/plugins"};
  return options;
}

inline Workload workload(const std::string& computation, std::map<std::string, int64_t> sizes,
                         DType dtype = DType::i32) {
  return make_workload(computation, {.sizes = std::move(sizes), .dtype = dtype}).value();
}

// Tensors of a call, inputs random, and what the output must be.
struct CallData {
  explicit CallData(const Workload& w, uint64_t seed = 1) : inputs(gate_inputs(w, seed)) {
    expected = evaluate_directly(w, inputs).value().back();
    output = HostTensor(expected.dtype(), expected.shape());
  }
  std::vector<TensorView> views() {
    std::vector<TensorView> all;
    for (HostTensor& t : inputs) all.push_back(t.view());
    all.push_back(output.view());
    return all;
  }
  bool right() const {
    for (int64_t i = 0; i < output.elements(); ++i) {
      if (output.integer(i) != expected.integer(i)) return false;
    }
    return true;
  }
  std::vector<HostTensor> inputs;
  HostTensor output, expected;
};

// A DLPack tensor on the memory of a HostTensor; keep both where they are.
struct Dlpack {
  explicit Dlpack(HostTensor& t) : shape(t.shape()) {
    tensor.data = t.data();
    tensor.device = {kDLCPU, 0};
    tensor.ndim = static_cast<int>(shape.size());
    tensor.dtype = {static_cast<uint8_t>(is_float(t.dtype()) ? kDLFloat : kDLInt),
                    static_cast<uint8_t>(bits_of(t.dtype())), 1};
    tensor.shape = shape.data();
  }
  Dlpack(const Dlpack&) = delete;
  DLTensor tensor{};
  std::vector<int64_t> shape, strides;
};

}  // namespace pimjit::test

#endif  // PIMJIT_TESTS_UNIT_SESSION_SESSIONS_H_
