#ifndef PIMJIT_JIT_SESSION_ONCE_MAP_H_
#define PIMJIT_JIT_SESSION_ONCE_MAP_H_

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "pimjit/core/support/error.h"

namespace pimjit {

// Values by key, each made once however many threads ask for it at the same time: one makes it, the
// others wait and get the same value or the same error. The map owns nothing: a value lives as long
// as someone holds it, and is made again afterwards. Errors are not kept. Any thread.
template <typename Value>
class OnceMap {
 public:
  using Made = Result<std::shared_ptr<Value>>;
  enum class Way { found, waited, made };
  struct Got {
    Made value;
    Way way;
  };

  // `make` must not ask this map for the same key. What it throws reaches the thread that called
  // it; those who wait get an internal error.
  Got get(const std::string& key, const std::function<Made()>& make) {
    std::unique_lock lock(mutex_);
    Entry& entry = entries_[key];
    if (entry.pending != nullptr) {
      const std::shared_ptr<Pending> pending = entry.pending;
      finished_.wait(lock, [&] { return pending->result.has_value(); });
      return {*pending->result, Way::waited};
    }
    if (auto value = entry.value.lock()) return {std::move(value), Way::found};
    const auto pending = std::make_shared<Pending>();
    entry.pending = pending;
    lock.unlock();
    Publisher publisher{*this, key, pending};
    publisher.result = make();
    return {publisher.result, Way::made};
  }

  // Keys whose values are being made or alive.
  size_t size() {
    const std::lock_guard lock(mutex_);
    forget_expired();
    return entries_.size();
  }

 private:
  struct Pending {
    std::optional<Made> result;
  };
  struct Entry {
    std::weak_ptr<Value> value;
    std::shared_ptr<Pending> pending;
  };
  // Tells those who wait, also when make() has thrown.
  struct Publisher {
    OnceMap& map;
    const std::string& key;
    std::shared_ptr<Pending> pending;
    Made result = fail(internal_error("unexpected_exception", "what this one waited for threw"));
    ~Publisher() { map.publish(key, *pending, result); }
  };

  void publish(const std::string& key, Pending& pending, const Made& result) {
    const std::lock_guard lock(mutex_);
    pending.result = result;
    const auto entry = entries_.find(key);
    entry->second.pending.reset();
    if (result) {
      entry->second.value = *result;
    } else {
      entries_.erase(entry);
    }
    if (entries_.size() >= sweep_at_) {
      forget_expired();
      sweep_at_ = 2 * entries_.size() + kSweep;
    }
    finished_.notify_all();
  }

  void forget_expired() {
    std::erase_if(entries_, [](const auto& entry) {
      return entry.second.pending == nullptr && entry.second.value.expired();
    });
  }

  static constexpr size_t kSweep = 64;
  std::mutex mutex_;
  std::condition_variable finished_;
  std::map<std::string, Entry> entries_;
  size_t sweep_at_ = kSweep;
};

}  // namespace pimjit

#endif  // PIMJIT_JIT_SESSION_ONCE_MAP_H_
