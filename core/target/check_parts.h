#ifndef PIMJIT_CORE_TARGET_CHECK_PARTS_H_
#define PIMJIT_CORE_TARGET_CHECK_PARTS_H_

#include <string>

#include "pimjit/core/support/error.h"
#include "pimjit/core/target/target_desc.h"

namespace pimjit {

// A user error whose place is a dotted key of the description.
tl::unexpected<Error> inconsistent(std::string code, std::string path, std::string what,
                                   std::string hint = {});

Status check_scopes(const TargetDesc& target);
Status check_links(const TargetDesc& target);
// That tensors have a home, that the host reaches it, and that kernels can work on what is there.
Status check_home_scope(const TargetDesc& target);

}  // namespace pimjit

#endif  // PIMJIT_CORE_TARGET_CHECK_PARTS_H_
