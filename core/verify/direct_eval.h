#ifndef PIMJIT_CORE_VERIFY_DIRECT_EVAL_H_
#define PIMJIT_CORE_VERIFY_DIRECT_EVAL_H_

#include <memory>
#include <vector>

#include "pimjit/core/support/error.h"
#include "pimjit/core/support/tensor.h"
#include "pimjit/core/workload/workload.h"

namespace pimjit {

// The meaning of a workload, computed straight from its notation: the reference every schedule is
// held to. docs/workload.md. It knows nothing of schedules and shares no code with lowering or any
// interpreter.

// All tensors of the workload by number, inputs included. `inputs` follow Workload::inputs(). f32
// stages are evaluated in double and rounded once at the end. Errors (user): number, type or shape
// of the inputs, memory.
Result<std::vector<HostTensor>> evaluate_directly(const Workload& workload,
                                                  const std::vector<HostTensor>& inputs);

// What one f32 element may be: |device - value| <= allowed. NaN and infinite values are certain,
// and then `allowed` is 0; an infinite `allowed` means that nothing is known (possible overflow,
// division by what may be zero).
struct RealReference {
  double value;
  double allowed;
};

// The output of a workload, evaluated whole or element by element; an element costs the part of the
// iteration space it depends on. Keeps references to the workload and the inputs. One thread.
// `longest_sums`: as in GateOptions.
class Reference {
 public:
  static Result<std::unique_ptr<Reference>> make(const Workload& workload,
                                                 const std::vector<HostTensor>& inputs,
                                                 const std::vector<double>& longest_sums = {});
  virtual ~Reference() = default;

  // Element of the output in row-major order. The first of these calls after evaluate_all() only
  // reads.
  virtual int64_t integer(int64_t element) = 0;
  virtual RealReference real(int64_t element) = 0;

  // Evaluates every element of every stage at once; faster than one by one when all are needed.
  virtual Status evaluate_all() = 0;
  // Tensor by number, after evaluate_all().
  virtual HostTensor tensor(int number) const = 0;
};

// Whether `inputs` are what the workload reads: number, types, shapes.
Status check_inputs(const Workload& workload, const std::vector<HostTensor>& inputs);

}  // namespace pimjit

#endif  // PIMJIT_CORE_VERIFY_DIRECT_EVAL_H_
