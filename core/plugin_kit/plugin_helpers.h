#ifndef PIMJIT_CORE_PLUGIN_KIT_PLUGIN_HELPERS_H_
#define PIMJIT_CORE_PLUGIN_KIT_PLUGIN_HELPERS_H_

#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "pimjit/core/plugin_abi.h"

namespace pimjit::kit {

// What every plugin written in C++ needs. Everything here is released by the slots that the made
// objects carry.

pj_text text(std::string_view view);  // refers to `view`
std::string string_of(const pj_text& text);

// A struct of the host's with the fields it does not know set to zero.
template <typename Struct>
Struct read(const Struct& from) {
  Struct to = {};
  std::memcpy(&to, &from, std::min<size_t>(from.struct_size, sizeof(Struct)));
  return to;
}

// Fills a struct of the host's; what it has no room for is left out.
template <typename Struct>
void write(Struct from, Struct* to) {
  const size_t room = std::min<size_t>(to->struct_size, sizeof(Struct));
  from.struct_size = static_cast<uint32_t>(room);
  std::memcpy(to, &from, room);
}

// ---- errors ----
struct Failure {
  int32_t code = PJ_INTERNAL;  // pj_code
  std::string message, hint;
  std::shared_ptr<const Failure> cause;
};
pj_error* error(Failure failure);
pj_error* error(pj_code code, std::string message, std::string hint = {});

// Calls `body`, which returns a pj_error* or null, and turns a std::exception that leaves it into
// an error. Throw nothing else: it ends the process.
template <typename Body>
pj_error* guarded(Body body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return error(PJ_OUT_OF_MEMORY, "the plugin ran out of host memory");
  } catch (const std::exception& e) {
    return error(PJ_INTERNAL, std::string("unexpected: ") + e.what());
  }
}

// ---- options ----
// Takes options one by one. done() is the first mistake: a bad value, or a key that nobody took.
class Options {
 public:
  explicit Options(const pj_options* options);
  std::string text(const std::string& key, std::string fallback);
  int64_t integer(const std::string& key, int64_t fallback, int64_t min, int64_t max);
  pj_error* done() const;

 private:
  struct Item {
    std::string key, value;
    bool taken = false;
  };
  Item* take(const std::string& key);
  std::vector<Item> items_;
  std::vector<std::string> known_;
  std::string mistake_;
};

// ---- answers ----
struct Reason {
  std::string code, place;
  int64_t have = 0, limit = 0;
  std::string message;
};
struct Figure {
  std::string name, unit;
  double value = 0;
};
pj_reasons* make_reasons(std::vector<Reason> reasons);
pj_counters* make_counters(std::vector<Figure> figures);
pj_image* make_image(std::vector<unsigned char> bytes, std::string log = {},
                     std::vector<Figure> figures = {});
pj_image* make_rejection(std::vector<Reason> reasons, std::string log = {});

// ---- events of plugins that do everything at once ----
struct FinishedEvent {
  std::shared_ptr<const Failure> failure;  // null: it went well
  double duration_ns = 0, start_ns = 0;
  pj_origin origin = PJ_MODELLED;
  std::vector<Figure> counters;
};
pj_event* make_event(FinishedEvent event);
// Why one of the events failed, or null. Only for events made by make_event().
std::shared_ptr<const Failure> failure_of(const pj_dependencies& after);
// Slots of the table: wait, query, release_event, counters.
pj_error* wait_finished(pj_event* event);
pj_error* query_finished(pj_event* event, pj_event_info* out);
void release_finished(pj_event* event);
pj_error* counters_finished(pj_device* device, pj_event* event, pj_counters** out);

// ---- copies ----
struct CopyRules {
  uint64_t units = 1;                    // instances of the scope
  uint64_t multiple = 1, alignment = 1;  // of bytes and offset
  uint64_t memory_bytes = 0;             // of the memory named
  bool broadcast_only = false;           // the host writes the same bytes to all
};
// What is wrong with a copy, or null. A copy that passes stays inside its memory and has the
// addresses it needs.
pj_error* check_copy(const pj_copy& copy, const CopyRules& rules);
pj_error* check_units(const pj_units& units, uint64_t available);
// Host address for unit number units.first + i of a checked copy; null when it is skipped.
void* host_address(const pj_copy& copy, uint64_t i);

}  // namespace pimjit::kit

#endif  // PIMJIT_CORE_PLUGIN_KIT_PLUGIN_HELPERS_H_
