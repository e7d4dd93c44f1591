#include "pimjit/core/plugin_kit/plugin_helpers.h"

#include <charconv>
#include <utility>

namespace pimjit::kit {
namespace {

// The error handed out and all that it points to.
struct ErrorObject {
  pj_error head = {};
  Failure failure;
  std::unique_ptr<ErrorObject> cause;
};

void release_error(pj_error* e) {
  delete static_cast<ErrorObject*>(e->owner);
}

std::unique_ptr<ErrorObject> error_object(Failure failure) {
  auto object = std::make_unique<ErrorObject>();
  object->failure = std::move(failure);
  const Failure& f = object->failure;
  if (f.cause != nullptr) object->cause = error_object(*f.cause);
  pj_error& head = object->head;
  head.struct_size = sizeof head;
  head.code = f.code;
  head.message = text(f.message);
  head.hint = text(f.hint);
  head.cause = object->cause == nullptr ? nullptr : &object->cause->head;
  head.owner = object.get();
  return object;
}

template <typename Object, typename Head>
void release_as(Head* head) {
  delete static_cast<Object*>(head->owner);
}

struct ReasonsObject {
  pj_reasons head = {};
  std::vector<Reason> reasons;
  std::vector<pj_reason> items;
};

void fill(ReasonsObject& object) {
  for (const Reason& r : object.reasons) {
    object.items.push_back(
        {sizeof(pj_reason), text(r.code), text(r.place), r.have, r.limit, text(r.message)});
  }
  object.head.struct_size = sizeof object.head;
  object.head.count = static_cast<uint32_t>(object.items.size());
  object.head.stride = sizeof(pj_reason);
  object.head.items = object.items.data();
}

struct CountersObject {
  pj_counters head = {};
  std::vector<Figure> figures;
  std::vector<pj_counter> items;
};

void fill(CountersObject& object) {
  for (const Figure& f : object.figures) {
    object.items.push_back({sizeof(pj_counter), text(f.name), text(f.unit), f.value});
  }
  object.head.struct_size = sizeof object.head;
  object.head.count = static_cast<uint32_t>(object.items.size());
  object.head.stride = sizeof(pj_counter);
  object.head.items = object.items.data();
}

struct ImageObject {
  pj_image head = {};
  std::vector<unsigned char> bytes;
  std::string log;
  CountersObject counters;
  ReasonsObject reasons;
};

pj_image* finish(std::unique_ptr<ImageObject> object) {
  fill(object->counters);
  fill(object->reasons);
  pj_image& head = object->head;
  head.struct_size = sizeof head;
  head.bytes = object->bytes.empty() ? nullptr : object->bytes.data();
  head.size = object->bytes.size();
  head.log = text(object->log);
  head.counters = object->counters.head;
  head.reasons = object->reasons.head;
  head.release = release_as<ImageObject, pj_image>;
  head.owner = object.get();
  return &object.release()->head;
}

FinishedEvent* finished(pj_event* event) {
  return reinterpret_cast<FinishedEvent*>(event);
}

}  // namespace

pj_text text(std::string_view view) {
  return {sizeof(pj_text), static_cast<uint32_t>(view.size()), view.data()};
}

std::string string_of(const pj_text& t) {
  return t.data == nullptr ? std::string() : std::string(t.data, t.size);
}

pj_error* error(Failure failure) {
  ErrorObject* object = error_object(std::move(failure)).release();
  object->head.release = release_error;
  return &object->head;
}

pj_error* error(pj_code code, std::string message, std::string hint) {
  return error(Failure{code, std::move(message), std::move(hint), nullptr});
}

Options::Options(const pj_options* options) {
  if (options == nullptr) return;
  const pj_options list = read(*options);
  const char* at = reinterpret_cast<const char*>(list.items);
  for (uint32_t i = 0; i < list.count; ++i, at += list.stride) {
    const pj_option option = read(*reinterpret_cast<const pj_option*>(at));
    items_.push_back({string_of(option.key), string_of(option.value)});
  }
}

Options::Item* Options::take(const std::string& key) {
  known_.push_back(key);
  const auto item =
      std::find_if(items_.begin(), items_.end(), [&](const Item& i) { return i.key == key; });
  if (item == items_.end()) return nullptr;
  item->taken = true;
  return &*item;
}

std::string Options::text(const std::string& key, std::string fallback) {
  const Item* item = take(key);
  return item == nullptr ? std::move(fallback) : item->value;
}

int64_t Options::integer(const std::string& key, int64_t fallback, int64_t min, int64_t max) {
  const Item* item = take(key);
  if (item == nullptr) return fallback;
  int64_t value = 0;
  const char* end = item->value.data() + item->value.size();
  const auto [stop, failed] = std::from_chars(item->value.data(), end, value);
  if (failed == std::errc() && stop == end && value >= min && value <= max) return value;
  if (mistake_.empty()) {
    mistake_ = "option " + key + '=' + item->value + " is no number from " + std::to_string(min) +
               " to " + std::to_string(max);
  }
  return fallback;
}

pj_error* Options::done() const {
  if (!mistake_.empty()) return error(PJ_INVALID_ARGUMENT, mistake_);
  for (const Item& item : items_) {
    if (item.taken) continue;
    std::string known;
    for (const std::string& key : known_) known += (known.empty() ? "" : ", ") + key;
    return error(PJ_INVALID_ARGUMENT, "there is no option '" + item.key + "'",
                 known.empty() ? "this plugin has no options" : "its options are: " + known);
  }
  return nullptr;
}

pj_reasons* make_reasons(std::vector<Reason> reasons) {
  auto object = std::make_unique<ReasonsObject>();
  object->reasons = std::move(reasons);
  fill(*object);
  object->head.release = release_as<ReasonsObject, pj_reasons>;
  object->head.owner = object.get();
  return &object.release()->head;
}

pj_counters* make_counters(std::vector<Figure> figures) {
  auto object = std::make_unique<CountersObject>();
  object->figures = std::move(figures);
  fill(*object);
  object->head.release = release_as<CountersObject, pj_counters>;
  object->head.owner = object.get();
  return &object.release()->head;
}

pj_image* make_image(std::vector<unsigned char> bytes, std::string log,
                     std::vector<Figure> figures) {
  auto object = std::make_unique<ImageObject>();
  object->bytes = std::move(bytes);
  object->log = std::move(log);
  object->counters.figures = std::move(figures);
  return finish(std::move(object));
}

pj_image* make_rejection(std::vector<Reason> reasons, std::string log) {
  auto object = std::make_unique<ImageObject>();
  object->reasons.reasons = std::move(reasons);
  object->log = std::move(log);
  return finish(std::move(object));
}

pj_event* make_event(FinishedEvent event) {
  return reinterpret_cast<pj_event*>(new FinishedEvent(std::move(event)));
}

std::shared_ptr<const Failure> failure_of(const pj_dependencies& after) {
  const pj_dependencies list = read(after);
  for (uint32_t i = 0; i < list.count; ++i) {
    const FinishedEvent* event = finished(list.events[i]);
    if (event != nullptr && event->failure != nullptr) return event->failure;
  }
  return nullptr;
}

pj_error* wait_finished(pj_event* event) {
  return guarded([&] {
    const auto& failure = finished(event)->failure;
    return failure == nullptr ? nullptr : error(*failure);
  });
}

pj_error* query_finished(pj_event* event, pj_event_info* out) {
  const FinishedEvent& e = *finished(event);
  pj_event_info info = {};
  info.finished = 1;
  info.origin = e.origin;
  info.duration_ns = e.duration_ns;
  info.start_ns = e.start_ns;
  write(info, out);
  return nullptr;
}

void release_finished(pj_event* event) {
  delete finished(event);
}

pj_error* counters_finished(pj_device*, pj_event* event, pj_counters** out) {
  return guarded([&]() -> pj_error* {
    *out = make_counters(finished(event)->counters);
    return nullptr;
  });
}

}  // namespace pimjit::kit
