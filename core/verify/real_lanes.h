#ifndef PIMJIT_CORE_VERIFY_REAL_LANES_H_
#define PIMJIT_CORE_VERIFY_REAL_LANES_H_

#include <vector>

#include "pimjit/core/verify/stage_plan.h"
#include "pimjit/core/verify/storage.h"

// Private to core/verify.
namespace pimjit::verify {

// Evaluates blocks of a stage computed in f32, with bounds. Blocks in which nothing is exceptional
// or unbounded are plain and take short loops; any other block goes through the operations of
// real_value.h point by point.
class RealLanes {
 public:
  RealLanes(const StagePlan& plan, std::vector<Storage>& storage);

  // Counts of roundings, from those of the tensors read; once, when the stages before this one are
  // prepared.
  void prepare();

  void evaluate(const std::vector<int64_t>& offsets, size_t axis, int64_t count);
  void begin_reduction();
  void accumulate(int64_t count);
  void end_reduction(int64_t element);
  void store_lanes(int64_t element, int64_t count);

  // The same reduction for neighbouring elements, one lane each, as long as everything is plain;
  // false: it is not, and the elements are to be evaluated one by one.
  void begin_row(int64_t count);
  bool accumulate_row(int64_t count);
  bool end_row(int64_t element, int64_t count);

 private:
  // kBlock values; plain: all finite, no magnitude infinite.
  struct Lane {
    std::vector<double> value;
    std::vector<double> magnitude;
    bool plain = true;
    RealValue at(int64_t i) const {
      return {value[static_cast<size_t>(i)], magnitude[static_cast<size_t>(i)]};
    }
    void set(int64_t i, const RealValue& v) {
      value[static_cast<size_t>(i)] = v.value;
      magnitude[static_cast<size_t>(i)] = v.magnitude;
    }
  };

  void load(size_t l, const std::vector<int64_t>& offsets, size_t axis, int64_t count,
            Lane& lane) const;
  void combine(size_t node, Lane& a, const Lane& b, int64_t count);
  bool combine_plain(ScalarOp op, Lane& a, const Lane& b, int64_t count);
  bool accumulate_plain(const Lane& lane, int64_t count);
  void accumulate_one(const RealValue& term);
  double roundings_of_product(double terms) const;
  RealValue finished() const;

  const StagePlan& plan_;
  std::vector<Storage>& storage_;
  std::vector<Lane> stack_;
  Lane scratch_;
  std::vector<double> roundings_;  // one per node of the body

  Lane row_;
  RealValue accumulator_;
  double terms_ = 0;
  double largest_ = 1;   // of a product: product of max(magnitude, 1)
  double smallest_ = 1;  // of a product: product of min(|value|, 1) over values that are not 0
};

}  // namespace pimjit::verify

#endif  // PIMJIT_CORE_VERIFY_REAL_LANES_H_
