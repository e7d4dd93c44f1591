#ifndef PIMJIT_TESTS_SUPPORT_GOLDEN_H_
#define PIMJIT_TESTS_SUPPORT_GOLDEN_H_

#include <cstdint>
#include <string>
#include <vector>

namespace pimjit::test {

// Compares `contents` with the kept file (relative to tests/golden). Empty when equal, else where
// they first differ. With PIMJIT_UPDATE_GOLDEN=1 in the environment the file is written instead;
// look at what changed before keeping it.
std::string differs_from_golden(const std::string& file, const std::string& contents);
std::string differs_from_golden(const std::string& file, const std::vector<uint8_t>& contents);

}  // namespace pimjit::test

#endif  // PIMJIT_TESTS_SUPPORT_GOLDEN_H_
