#ifndef PIMJIT_TESTS_SUPPORT_PASS_CHOICES_H_
#define PIMJIT_TESTS_SUPPORT_PASS_CHOICES_H_

#include <cstdint>
#include <string>
#include <vector>

namespace pimjit::test {

// Choices of optional passes of lowering to leave out: a bit for each, in the order they first run.
uint64_t pass_choices();
std::vector<std::string> left_out(uint64_t choice);

}  // namespace pimjit::test

#endif  // PIMJIT_TESTS_SUPPORT_PASS_CHOICES_H_
