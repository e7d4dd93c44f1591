#ifndef PIMJIT_CORE_TARGET_TARGET_DESC_H_
#define PIMJIT_CORE_TARGET_TARGET_DESC_H_

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pimjit/core/ir/kernel.h"
#include "pimjit/core/support/dtype.h"
#include "pimjit/core/support/error.h"

namespace pimjit {

// What a machine is, as data. Differences between chips are differences between TargetDescs: no
// code asks for a name. A value; immutable once parsed; safe to read from any thread. The TOML form
// and each key's meaning: docs/targets.md.

// Where the numbers of one table come from, and how sure they are. Single numbers may differ:
// TargetDesc::number_sources.
enum class Confidence : uint8_t { spec, measured, fitted, guess };
struct Provenance {
  std::string source;
  Confidence confidence = Confidence::guess;
};

// Reduction operators a level can combine without help, as bits 1 << CombineOp.
using CombineSet = uint32_t;

// Which instances of a level one launch can name: all of them, a range (first, count), or any
// subset.
enum class Selection : uint8_t { all, range, mask };

struct Level {
  std::string name;
  LevelKind kind;
  int64_t count;  // instances per instance of the level before; the largest a kernel may use
  Selection select = Selection::range;
  bool barrier = false;       // instances can wait for each other
  CombineSet combine = 0;     // native combine operations
  double issue_interval = 1;  // issue slots between two operations of one instance
  Provenance provenance;
};

enum class HostAccess : uint8_t {
  none = 0,       // the host cannot reach it
  copy = 1,       // through links from and to the host
  direct = 2,     // it is host memory: kernels work on the application's tensors in place
  broadcast = 3,  // the host can only write it, the same bytes to all instances below one parent
};

struct Scope {
  std::string name;
  int level;             // one instance per instance of this level; -1: one for the whole device
  int64_t capacity;      // bytes per instance
  int64_t reserved = 0;  // bytes per instance not available to buffers
  int64_t reserved_per_instance =
      0;                  // bytes lost for each running instance of the innermost independent level
  int64_t granule = 1;    // bytes; smallest unit of writing by copies, and of ownership
  int64_t alignment = 1;  // bytes; of every buffer in it
  bool element_access = true;  // kernels may load and store single elements
  bool element_writes = true;  // ... with element_access: store too, not only load
  HostAccess host = HostAccess::none;
  Provenance provenance;
};

inline constexpr int kHost = -2;  // the host as an end of a link

struct LinkCost {
  double fixed_ns = 0;     // per operation
  double per_unit_ns = 0;  // per unit taking part (host links)
  double ns_per_byte = 0;  // inside one unit (device links) or over all units together (host links)
  std::vector<std::array<double, 2>>
      table;  // host links: {bytes per unit, bytes per ns over all units}; overrides ns_per_byte
  std::vector<std::array<double, 2>>
      units;  // host links: {units taking part, share of the bandwidth that they reach}
};

struct Link {
  std::string name;
  int from, to;  // scopes or kHost
  int64_t min_bytes = 1;
  int64_t max_bytes = INT64_MAX;  // of one operation, per unit
  int64_t multiple = 1;           // sizes are multiples of this
  int64_t alignment = 1;          // bytes, both addresses
  int64_t parallel_units = 1;     // host links: units that move at the same time
  bool equal_sizes =
      false;               // host links: one operation moves the same number of bytes for each unit
  bool broadcast = false;  // host links: one source for all units is possible
  bool broadcast_costs_per_unit = true;  // ... but its bytes count once per unit
  bool blocking = true;                  // the issuer waits until it is done
  std::string resource;  // links with the same one never move at the same time; the link's name
                         // unless stated
  LinkCost cost;
  Provenance provenance;
};

enum class Support : uint8_t { native, emulated, absent };
// Operations of the numerics table.
enum class NumericOp : uint8_t { add, sub, mul, div, mod, min, max, compare, convert, load, store };
inline constexpr int kNumericOps = 11;
struct Numeric {
  Support support = Support::native;
  double cost =
      1;  // issue slots of one operation on one instance of the innermost independent level
};

// How sums over lanes, native combines and serial partial results are ordered, and whether a
// product and its sum may round once.
enum class SumOrder : uint8_t { sequential, tree, any };
struct NumericRules {
  SumOrder order = SumOrder::sequential;
  bool fused = false;
  Provenance provenance;  // of the costs of the type's operations
};

struct Limits {
  int64_t program_bytes = INT64_MAX;  // size of a built kernel, when the plugin can tell
  int64_t program_ops = INT64_MAX;    // its instructions or commands
  int64_t stack_bytes = INT64_MAX;    // per instance of the innermost independent level
  int64_t params = INT64_MAX;         // launch arguments
  int64_t buffers = INT64_MAX;        // per kernel
  int64_t loop_depth = INT64_MAX;
  bool control_flow = true;  // conditions and run-time trip counts are possible
  bool loops = true;         // loops of known trip count are possible; else all are unrolled
  Provenance provenance;
};

struct HostModel {
  int threads = 1;
  double copy_bytes_per_ns = 8;    // one thread, large memcpy
  double pack_bytes_per_ns = 4;    // one thread, strided gather into staging
  double reduce_bytes_per_ns = 4;  // one thread, bytes of partial results read
  double scalar_ops_per_ns = 1;    // one thread, later stages
  double call_ns = 1000;           // one call of a Callable
  double launch_ns = 10000;        // launch and completion of one kernel, without its run time
  double launch_per_unit_ns = 0;
  Provenance provenance;
};

struct IntrinsicAxis {
  std::string name;
  int64_t max = INT64_MAX, multiple = 1;  // of its extent
};
struct IntrinsicDesc {
  std::string name, body;  // body in index notation
  int level;
  double cost = 1;                  // issue slots of one use
  std::vector<IntrinsicAxis> axes;  // by name; an axis not listed has any extent
  Provenance provenance;
};

// A state the machine must be in for some links and intrinsics.
struct Mode {
  std::string name;
  double enter_ns = 0, leave_ns = 0;
  std::vector<std::string> needed_by;  // names of links and intrinsics
  Provenance provenance;
};

enum class TimeOrigin : uint8_t { measured = 0, modelled = 1 };

struct TargetDesc {
  std::string id;  // for people and messages only
  std::string summary;
  TimeOrigin origin = TimeOrigin::modelled;
  double clock_mhz = 0;  // of the innermost independent level; turns slots into ns
  Provenance clock_provenance;
  std::vector<Level> levels;  // outer to inner
  std::vector<Scope> scopes;
  std::vector<Link> links;
  std::vector<int>
      reduction_stages;  // levels over which partial results can be combined on the device, inner
                         // to outer; kHost at the end: the host can add up the rest
  std::map<DType, std::array<Numeric, kNumericOps>> numerics;  // a type not listed is absent
  std::map<DType, NumericRules> numeric_rules;                 // the same types as in `numerics`
  Limits limits;
  HostModel host;
  std::vector<IntrinsicDesc> intrinsics;
  std::vector<Mode> modes;
  std::map<std::string, std::string> plugin;  // the [plugin] table: dotted key -> value text
  std::map<std::string, std::string> plugin_references;  // entries of `plugin` whose text is that
                                                         // of another key of this description
  std::map<std::string, Provenance>
      number_sources;  // numbers with a source of their own, by dotted key
                       // ("scope.bank.capacity"), options included

  int find_level(const std::string& name) const;  // -1 if absent
  int find_scope(const std::string& name) const;
  int find_link(int from, int to) const;
  const Numeric& numeric(DType t, NumericOp op) const;  // of a type that is not listed: absent
  // The number of instances of `level` on the whole device; of -1: 1.
  int64_t instances(int level) const;
  // The level whose instances each own a private copy of the home scope; -1 when the whole device
  // shares one. "Unit" means an instance of that level.
  int unit_level() const;
  // The scope tensors are placed in by default: the largest one (capacity times instances; the
  // first of equals) that the host can copy to or address. -1 if there is none; parse_target never
  // returns such a description.
  int home_scope() const;
  // The innermost independent level, whose instances issue and pay for operations; -1 if there is
  // none.
  int issue_level() const;
  // Slots between two operations of one instance of that level: `issue_interval`, 1 without levels.
  double issue_interval() const;
};

// TOML -> description. Errors (user): syntax with line and column, unknown keys with the nearest
// known one, missing keys, values out of range, names that refer to nothing, with `file` in front.
// Never partial.
Result<TargetDesc> parse_target(const std::string& toml_text, const std::string& file);
Result<TargetDesc> load_target(const std::string& path);

// Consistency as docs/targets.md states it: home scope, links between known scopes, granules
// dividing capacities, ... The error's `where` is the dotted key at fault ("scope.bank.granule");
// parse_target adds its line.
Status check_target(const TargetDesc& target);

// All that decides legality, as text (printable key) and its hash; the model key adds costs, host
// and plugin table.
std::string structure_text(const TargetDesc& target);
std::string structure_key(const TargetDesc& target);
std::string model_key(const TargetDesc& target, const std::string& plugin_build);

// Applies target-string options ("threads=2,clock_mhz=350"): level counts by level name, then
// dotted keys, then the plugin's. On an error the target is as before.
Status apply_options(TargetDesc& target, const std::map<std::string, std::string>& options);

const char* to_string(LevelKind kind);
const char* to_string(HostAccess access);
const char* to_string(Selection select);
const char* to_string(SumOrder order);
const char* to_string(NumericOp op);
const char* to_string(Support support);
const char* to_string(Confidence confidence);
const char* to_string(TimeOrigin origin);

}  // namespace pimjit

#endif  // PIMJIT_CORE_TARGET_TARGET_DESC_H_
