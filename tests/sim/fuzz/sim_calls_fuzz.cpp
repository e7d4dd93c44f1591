// Any bytes as a sequence of calls of the plugin's table: memories, transfers, images and launches
// with arguments of any value, on devices that may be closed, of objects that may be gone. Host
// memory is what the contract asks for: as large as a transfer that the plugin could accept.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "pimjit/core/plugin_abi.h"
#include "pimjit/core/plugin_kit/plugin_helpers.h"
#include "pimjit/plugins/upmem/assembler/assembler.h"
#include "pimjit/plugins/upmem/target/device_image.h"

namespace {

namespace kit = pimjit::kit;
constexpr std::uint64_t kMost = 4096;  // bytes of a memory
constexpr std::uint64_t kDpus = 3;

void* allocate(void*, std::uint64_t bytes, std::uint64_t) {
  return std::malloc(bytes);
}
void release(void*, void* address) {
  std::free(address);
}
void log(void*, std::int32_t, pj_text) {}
std::int32_t cancelled(void*) {
  return 0;
}

class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  bool empty() const { return at_ >= size_; }
  std::uint8_t byte() { return empty() ? 0 : data_[at_++]; }
  // Mostly small, sometimes anything.
  std::uint64_t number() {
    const std::uint8_t form = byte();
    if (form < 160) return form;
    if (form < 208) return static_cast<std::uint64_t>(byte()) * 8;
    std::uint64_t value = 0;
    for (int i = 0; i < (form < 240 ? 4 : 8); ++i) value = value << 8 | byte();
    return value;
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_, at_ = 0;
};

std::vector<unsigned char> sample_image() {
  const auto elf = pimjit::upmem::assemble_elf(
      ".host\nunit: .word 0, 0\nargs: .word 0, 0\n.data\nspace: .space 64\n.text\n"
      "main: lw r1, zero, args\n move r2, space\n sdma r2, r1, 1\n ldma r2, r1, 0\n"
      "end: stop true, end\n",
      "k.s");
  if (!elf) std::abort();
  pimjit::upmem::DeviceImage image;
  image.kernel = "k", image.units = 2, image.params = {kit::Type::i64}, image.elf = *elf;
  return image.encode();
}

class Session {
 public:
  explicit Session(const pj_plugin_api& api) : api_(api), host_(kDpus * kMost, 1) {
    services_.struct_size = sizeof services_;
    services_.allocate = allocate, services_.release = release;
    services_.log = log, services_.cancelled = cancelled;
    std::vector<pj_option> list;
    for (const auto& [key, value] : settings_)
      list.push_back({sizeof(pj_option), kit::text(key), kit::text(value)});
    const pj_options options = {sizeof(pj_options), static_cast<std::uint32_t>(list.size()),
                                sizeof(pj_option), list.data()};
    if (api_.create(&services_, &options, &plugin_) != nullptr) std::abort();
    if (api_.open(plugin_, nullptr, &device_) != nullptr) std::abort();
  }
  ~Session() {
    for (pj_event* event : events_) api_.release_event(event);
    for (pj_module* module : modules_) api_.unload(module);
    api_.close(device_);
    api_.destroy(plugin_);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void step(Bytes& bytes) {
    switch (bytes.byte() % 8) {
      case 0:
        return alloc(bytes);
      case 1:
        return free_memory(bytes);
      case 2:
      case 3:
        return copy(bytes);
      case 4:
        return load(bytes);
      case 5:
      case 6:
        return launch(bytes);
      default:
        if (bytes.byte() == 255) api_.close(device_);
        return look();
    }
  }

 private:
  void drop(pj_error* error) {
    if (error != nullptr) error->release(error);
  }
  template <typename List>
  static auto pick(const List& list, Bytes& bytes) {
    return list[bytes.byte() % list.size()];
  }
  void alloc(Bytes& bytes) {
    pj_memory memory = {};
    memory.struct_size = sizeof memory;
    const auto scope = static_cast<std::uint32_t>(bytes.byte() % 3);
    if (pj_error* e =
            api_.alloc(device_, scope, bytes.number() % (kMost + 1), bytes.number(), &memory))
      return drop(e);
    if (memory.bytes > kMost + 4096) std::abort();
    memories_.push_back(memory);
  }
  void free_memory(Bytes& bytes) {
    if (!memories_.empty()) {
      const pj_memory memory = pick(memories_, bytes);
      drop(api_.free_memory(device_, &memory));
    }
  }
  void copy(Bytes& bytes) {
    if (memories_.empty()) return;
    pj_copy request = {};
    request.struct_size = sizeof request;
    request.memory = pick(memories_, bytes);
    request.direction = bytes.byte() % 3;
    request.offset = bytes.number(), request.bytes = bytes.number();
    request.units = {sizeof(pj_units), 0, bytes.number(), bytes.number()};
    std::vector<void*> pointers;
    for (std::uint64_t i = 0; i < kDpus; ++i)
      pointers.push_back(bytes.byte() % 4 == 0 ? nullptr : host_.data() + i * kMost);
    const std::uint8_t sources = bytes.byte() % 8;
    if (sources != 0) request.pointers = pointers.data();
    if (sources < 2) request.broadcast = host_.data();
    if (request.memory.bytes > kMost) return;  // the host's memory would not do
    keep(api_.copy(device_, &request, &event_));
  }
  void load(Bytes& bytes) {
    std::vector<unsigned char> image = image_;
    for (int changes = bytes.byte() % 4; changes > 0; --changes)
      image[bytes.number() % image.size()] ^= bytes.byte();
    const std::uint64_t cut = bytes.byte();
    pj_module* module = nullptr;
    if (pj_error* e = api_.load(device_, image.data(),
                                cut < 16 ? image.size() * cut / 16 : image.size(), &module))
      return drop(e);
    modules_.push_back(module);
  }
  void launch(Bytes& bytes) {
    if (modules_.empty()) return;
    pj_launch request = {};
    request.struct_size = sizeof request;
    request.module = pick(modules_, bytes);
    request.units = {sizeof(pj_units), 0, bytes.number(), bytes.number()};
    const std::int64_t arguments[2] = {static_cast<std::int64_t>(bytes.number()), 5};
    request.arguments = arguments;
    request.argument_count = bytes.byte() < 192 ? 1 : bytes.byte() % 3;
    request.constant_count = bytes.byte() < 250 ? 0 : 1;
    keep(api_.launch(device_, &request, &event_));
  }
  void keep(pj_error* error) {
    if (error != nullptr) return drop(error);
    events_.push_back(event_);
  }
  void look() {
    if (events_.empty()) return;
    drop(api_.wait(events_.back()));
    pj_event_info info = {};
    info.struct_size = sizeof info;
    drop(api_.query(events_.back(), &info));
    if (!(info.duration_ns >= 0)) std::abort();
    pj_counters* counters = nullptr;
    pj_error* const error = api_.counters(device_, events_.back(), &counters);
    if (error == nullptr) counters->release(counters);
    drop(error);
  }

  const pj_plugin_api& api_;
  pj_host services_ = {};
  const std::vector<std::pair<std::string, std::string>> settings_ = {
      {"dpus", std::to_string(kDpus)}, {"clock_mhz", "350"},      {"host_threads", "1"},
      {"max_cycles", "3000"},          {"push", "fixed_ns=1000"}, {"pull", "fixed_ns=1000"}};
  const std::vector<unsigned char> image_ = sample_image();
  pj_plugin* plugin_ = nullptr;
  pj_device* device_ = nullptr;
  std::vector<unsigned char> host_;
  std::vector<pj_memory> memories_;
  std::vector<pj_module*> modules_;
  std::vector<pj_event*> events_;
  pj_event* event_ = nullptr;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const pj_plugin_api* const api = pj_plugin_query(PJ_ABI_MAJOR, PJ_ABI_MINOR);
  if (api == nullptr) std::abort();
  Session session(*api);
  Bytes bytes(data, size);
  for (int step = 0; step < 64 && !bytes.empty(); ++step) session.step(bytes);
  return 0;
}
