#ifndef PIMJIT_JIT_SESSION_PACKED_ABI_H_
#define PIMJIT_JIT_SESSION_PACKED_ABI_H_

#include <dlpack/dlpack.h>
#include <stdint.h>

// The packed way into everything pimjit compiles, one C signature for all: C or C++.

#ifdef __cplusplus
extern "C" {
#endif

enum pj_value_kind {
  PJ_VALUE_TENSOR = 1,  // an argument of the computation
  PJ_VALUE_MESSAGE = 2  // optional, behind the tensors: where the text of an error goes
};

// `text` holds `size` bytes, the caller's; an error's text, cut to fit, ends with a null byte in
// it.
typedef struct pj_message {
  char* text;
  uint64_t size;
} pj_message;

typedef struct pj_value {
  int32_t kind;  // pj_value_kind
  int32_t reserved;
  union {
    const DLTensor* tensor;
    pj_message message;
  } as;
} pj_value;

// Inputs in the order of the computation, then the output, then perhaps a message. Returns 0, or 1
// when it is the caller's mistake, 2 the target's, 3 pimjit's; then the output's contents are
// unspecified. `context` comes with the entry. Any thread.
typedef int (*pj_packed_entry)(void* context, const pj_value* arguments, int count);

#ifdef __cplusplus
}
#endif

#endif  // PIMJIT_JIT_SESSION_PACKED_ABI_H_
