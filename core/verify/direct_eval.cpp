#include "pimjit/core/verify/direct_eval.h"

#include <algorithm>
#include <new>

#include "pimjit/core/support/text.h"
#include "pimjit/core/verify/int_lanes.h"
#include "pimjit/core/verify/real_lanes.h"

namespace pimjit {
namespace verify {
namespace {

class StageEvaluator {
 public:
  virtual ~StageEvaluator() = default;
  virtual void prepare() = 0;
  virtual void evaluate_all() = 0;
  virtual void evaluate(int64_t element) = 0;
  const StagePlan& plan() const { return *plan_; }

 protected:
  explicit StageEvaluator(StagePlan plan) : plan_(std::make_unique<StagePlan>(std::move(plan))) {}
  std::unique_ptr<const StagePlan> plan_;
};

// Walks the iteration space of one stage; Lanes computes blocks of it.
template <typename Lanes>
class StageDriver final : public StageEvaluator {
 public:
  StageDriver(StagePlan plan, std::vector<Storage>& storage)
      : StageEvaluator(std::move(plan)), lanes_(*plan_, storage) {
    elements_ = 1;
    for (size_t a = 0; a < plan_->rank; ++a) elements_ *= plan_->stage->axes[a].extent;
  }

  void prepare() override { lanes_.prepare(); }

  void evaluate_all() override {
    if (plan_->axes > plan_->rank) {
      const int64_t row = reads_across(*plan_) ? plan_->stage->axes[plan_->rank - 1].extent : 1;
      for (int64_t first = 0; first < elements_; first += row) {
        for (int64_t at = 0; at < row; at += kBlock)
          evaluate_row(first + at, std::min(kBlock, row - at));
      }
      return;
    }
    if (elements_ == 0) return;
    int64_t element = 0;
    set_offsets(*plan_, 0, offsets_);
    for_each_block(*plan_, 0, plan_->rank, offsets_, [&](int64_t count) {
      lanes_.evaluate(offsets_, plan_->rank - 1, count);
      lanes_.store_lanes(element, count);
      element += count;
    });
  }

  void evaluate(int64_t element) override {
    set_offsets(*plan_, element, offsets_);
    if (plan_->axes == plan_->rank) {
      lanes_.evaluate(offsets_, plan_->axes, 1);
      lanes_.store_lanes(element, 1);
      return;
    }
    lanes_.begin_reduction();
    for_each_block(*plan_, plan_->rank, plan_->axes, offsets_, [&](int64_t count) {
      lanes_.evaluate(offsets_, plan_->axes - 1, count);
      lanes_.accumulate(count);
    });
    lanes_.end_reduction(element);
  }

 private:
  // Neighbouring elements of the last spatial axis, each in the order of the reduction.
  void evaluate_row(int64_t first, int64_t count) {
    if (count > 1 && sums_row(first, count)) return;
    for (int64_t e = first; e < first + count; ++e) evaluate(e);
  }

  bool sums_row(int64_t first, int64_t count) {
    set_offsets(*plan_, first, offsets_);
    lanes_.begin_row(count);
    bool sound = true;
    for_each_block(*plan_, plan_->rank, plan_->axes, offsets_, [&](int64_t points) {
      std::vector<int64_t>& at = row_offsets_;
      at = offsets_;
      for (int64_t p = 0; p < points && sound; ++p) {
        lanes_.evaluate(at, plan_->rank - 1, count);
        sound = lanes_.accumulate_row(count);
        for (size_t l = 0; l < at.size(); ++l) at[l] += plan_->loads[l].strides[plan_->axes - 1];
      }
    });
    return sound && lanes_.end_row(first, count);
  }

  Lanes lanes_;
  std::vector<int64_t> row_offsets_;
  std::vector<int64_t> offsets_;
  int64_t elements_ = 1;
};

std::unique_ptr<StageEvaluator> evaluator_of(StagePlan plan, std::vector<Storage>& storage) {
  switch (plan.stage->compute) {
    case DType::i8:
      return std::make_unique<StageDriver<IntLanes<int8_t>>>(std::move(plan), storage);
    case DType::i16:
      return std::make_unique<StageDriver<IntLanes<int16_t>>>(std::move(plan), storage);
    case DType::i32:
      return std::make_unique<StageDriver<IntLanes<int32_t>>>(std::move(plan), storage);
    case DType::f32:
      return std::make_unique<StageDriver<RealLanes>>(std::move(plan), storage);
    default:
      return std::make_unique<StageDriver<IntLanes<int64_t>>>(std::move(plan), storage);
  }
}

class DirectReference final : public Reference {
 public:
  DirectReference(const Workload& workload, const std::vector<HostTensor>& inputs,
                  const std::vector<double>& longest_sums)
      : workload_(workload), storage_(workload.tensors.size()), inputs_(inputs) {
    for (size_t i = 0; i < inputs.size(); ++i) storage_[i].data = inputs[i].data();
    for (size_t s = 0; s < workload.stages.size(); ++s) {
      StagePlan plan = plan_of(workload, workload.stages[s]);
      if (s < longest_sums.size()) plan.additions = std::min(plan.additions, longest_sums[s]);
      stages_.push_back(evaluator_of(std::move(plan), storage_));
      stages_.back()->prepare();
    }
    done_.resize(stages_.size());
  }

  Status allocate() {
    for (size_t s = 0; s + 1 < stages_.size(); ++s) {
      if (Status status = allocate(s, false); !status) return status;
    }
    return allocate(stages_.size() - 1, true);
  }

  Status evaluate_all() override {
    if (Status status = allocate(stages_.size() - 1, false); !status) return status;
    for (const auto& stage : stages_) stage->evaluate_all();
    complete_ = true;
    return {};
  }

  int64_t integer(int64_t element) override {
    if (!complete_) evaluate(stages_.size() - 1, element);
    const Storage& output = storage_.back();
    return output.computed.integer(static_cast<int64_t>(output.slot(element)));
  }

  RealReference real(int64_t element) override {
    if (!complete_) evaluate(stages_.size() - 1, element);
    const Storage& output = storage_.back();
    const RealValue result{output.value[output.slot(element)],
                           output.magnitude[output.slot(element)]};
    if (result.exceptional() || result.magnitude == 0) return {result.value, 0};
    // Copies, negations, minima and maxima do not round.
    if (output.roundings == 0 && !result.unbounded()) return {result.value, 0};
    return {result.value, gamma(output.roundings + 2) * result.magnitude};
  }

  HostTensor tensor(int number) const override {
    const auto t = static_cast<size_t>(number);
    if (t < inputs_.size()) return inputs_[t];
    if (workload_.tensors[t].dtype != DType::f32) return storage_[t].computed;
    HostTensor rounded(DType::f32, workload_.tensors[t].shape);
    for (size_t i = 0; i < storage_[t].value.size(); ++i) {
      rounded.set_real(static_cast<int64_t>(i), storage_[t].value[i]);
    }
    return rounded;
  }

 private:
  Status allocate(size_t s, bool single) {
    const auto t = static_cast<size_t>(workload_.stages[s].output);
    const Tensor& tensor = workload_.tensors[t];
    Storage& storage = storage_[t];
    storage.single = single;
    const auto elements = static_cast<size_t>(single ? 1 : tensor.elements());
    try {
      if (is_float(tensor.dtype)) {
        storage.value.assign(elements, 0);
        storage.magnitude.assign(elements, 0);
      } else {
        storage.computed =
            single ? HostTensor(tensor.dtype, {}) : HostTensor(tensor.dtype, tensor.shape);
        storage.data = storage.computed.data();
      }
      if (!single) done_[s].assign(elements, false);
    } catch (const std::bad_alloc&) {
      return fail(user_error("out_of_memory",
                             cat("no memory for the ", tensor.elements(), " elements of ",
                                 tensor.name, " in the reference"),
                             {}, "use smaller sizes"));
    }
    return {};
  }

  // Evaluates one element and, first, the elements of intermediates it reads.
  void evaluate(size_t s, int64_t element) {
    const StagePlan& plan = stages_[s]->plan();
    for (size_t l = 0; l < plan.loads.size(); ++l) {
      const auto tensor = static_cast<size_t>(plan.loads[l].tensor);
      if (tensor >= inputs_.size()) need(plan, l, tensor - inputs_.size(), element);
    }
    stages_[s]->evaluate(element);
  }

  // Load `l` of the stage reads what stage `source` writes: evaluates the elements that are
  // missing.
  void need(const StagePlan& plan, size_t l, size_t source, int64_t element) {
    std::vector<int64_t> offsets;
    set_offsets(plan, element, offsets);
    std::vector<int64_t> missing;
    for_each_block(plan, plan.rank, plan.axes, offsets, [&](int64_t count) {
      const int64_t stride = plan.axes > plan.rank ? plan.loads[l].strides[plan.axes - 1] : 0;
      for (int64_t i = 0; i < count; ++i) {
        const int64_t at = offsets[l] + i * stride;
        if (done_[source][static_cast<size_t>(at)]) continue;
        done_[source][static_cast<size_t>(at)] = true;
        missing.push_back(at);
      }
    });
    for (const int64_t at : missing) evaluate(source, at);
  }

  const Workload& workload_;
  std::vector<Storage> storage_;  // by tensor number
  const std::vector<HostTensor>& inputs_;
  std::vector<std::unique_ptr<StageEvaluator>> stages_;
  std::vector<std::vector<bool>> done_;  // [stage][element], intermediates only
  bool complete_ = false;
};

}  // namespace
}  // namespace verify

Status check_inputs(const Workload& workload, const std::vector<HostTensor>& inputs) {
  const std::vector<int> numbers = workload.inputs();
  if (inputs.size() != numbers.size()) {
    return fail(user_error("wrong_inputs", cat("the computation reads ", numbers.size(),
                                               " tensors but ", inputs.size(), " are given")));
  }
  const auto shape_text = [](const std::vector<int64_t>& shape) {
    std::vector<std::string> parts;
    for (const int64_t extent : shape) parts.push_back(std::to_string(extent));
    return cat("[", join(parts, ","), "]");
  };
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Tensor& tensor = workload.tensors[static_cast<size_t>(numbers[i])];
    const HostTensor& given = inputs[i];
    if (given.dtype() == tensor.dtype && given.shape() == tensor.shape) continue;
    return fail(user_error(
        "wrong_inputs",
        cat("tensor ", tensor.name, " must be ", to_string(tensor.dtype), shape_text(tensor.shape),
            " but is ", to_string(given.dtype()), shape_text(given.shape()))));
  }
  return {};
}

Result<std::unique_ptr<Reference>> Reference::make(const Workload& workload,
                                                   const std::vector<HostTensor>& inputs,
                                                   const std::vector<double>& longest_sums) {
  if (Status s = check_workload(workload); !s) return fail(s.error());
  if (Status s = check_inputs(workload, inputs); !s) return fail(s.error());
  auto reference = std::make_unique<verify::DirectReference>(workload, inputs, longest_sums);
  if (Status s = reference->allocate(); !s) return fail(s.error());
  return reference;
}

Result<std::vector<HostTensor>> evaluate_directly(const Workload& workload,
                                                  const std::vector<HostTensor>& inputs) {
  Result<std::unique_ptr<Reference>> reference = Reference::make(workload, inputs);
  if (!reference) return fail(reference.error());
  if (Status s = (*reference)->evaluate_all(); !s) return fail(s.error());
  std::vector<HostTensor> tensors;
  for (size_t t = 0; t < workload.tensors.size(); ++t)
    tensors.push_back((*reference)->tensor(static_cast<int>(t)));
  return tensors;
}

}  // namespace pimjit
