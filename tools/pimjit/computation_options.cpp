#include "pimjit/tools/pimjit/computation_options.h"

#include <charconv>
#include <optional>

#include "pimjit/core/support/text.h"
#include "pimjit/tools/pimjit/plugins.h"

namespace pimjit::cli {
namespace {

std::vector<std::string> pieces(const std::string& text) {
  std::vector<std::string> parts;
  size_t begin = 0;
  while (begin <= text.size()) {
    const size_t end = std::min(text.find(',', begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

Error bad_form(const std::string& option, const std::string& text, const std::string& form) {
  return user_error("option_syntax", cat(option, ": '", text, "' is not ", form));
}

std::optional<int64_t> whole_number(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

Result<DType> dtype_named(const std::string& text) {
  const std::optional<DType> dtype = parse_dtype(text);
  if (dtype && *dtype != DType::b1) return *dtype;
  return fail(user_error("unknown_dtype", cat("--dtype: '", text, "' is no element type"), {},
                         "types: i8 i16 i32 i64 f32"));
}

Status read_sizes(const std::vector<std::string>& texts, NotationOptions& options) {
  constexpr const char* kForm = "AXIS=NUMBER, such as i=4096";
  const auto pairs = parse_pairs("--size", texts, kForm);
  if (!pairs) return fail(pairs.error());
  for (const auto& [name, text] : *pairs) {
    const std::optional<int64_t> value = whole_number(text);
    if (!value && is_digits(text)) {
      return fail(user_error(
          "bad_size", cat("size ", name, "=", text, " is not between 0 and ", kMaxElements)));
    }
    if (!value) return fail(bad_form("--size", cat(name, "=", text), kForm));
    options.sizes[name] = *value;
  }
  return {};
}

Status read_dtypes(const std::vector<std::string>& texts, NotationOptions& options) {
  std::vector<std::string> of_tensors;
  bool given = false;
  for (const std::string& text : texts) {
    for (const std::string& piece : pieces(text)) {
      if (piece.find('=') != std::string::npos) {
        of_tensors.push_back(piece);
        continue;
      }
      const Result<DType> dtype = dtype_named(piece);
      if (!dtype) return fail(dtype.error());
      if (given) {
        return fail(user_error("repeated_name", "--dtype gives two types for all inputs", {},
                               "give one tensor its own: --dtype A=i8"));
      }
      given = true;
      options.dtype = *dtype;
    }
  }
  const auto pairs = parse_pairs("--dtype", of_tensors, "TYPE or TENSOR=TYPE");
  if (!pairs) return fail(pairs.error());
  for (const auto& [name, text] : *pairs) {
    const Result<DType> dtype = dtype_named(text);
    if (!dtype) return fail(dtype.error());
    options.dtypes[name] = *dtype;
  }
  return {};
}

Status read_ranges(const std::vector<std::string>& texts, NotationOptions& options) {
  constexpr const char* kForm = "TENSOR=LOW..HIGH, such as A=0..49";
  const auto pairs = parse_pairs("--range", texts, kForm);
  if (!pairs) return fail(pairs.error());
  for (const auto& [name, text] : *pairs) {
    const size_t dots = text.find("..");
    const auto low = whole_number(std::string_view(text).substr(0, std::min(dots, text.size())));
    const auto high = dots == std::string::npos
                          ? std::nullopt
                          : whole_number(std::string_view(text).substr(dots + 2));
    if (!low || !high) return fail(bad_form("--range", cat(name, "=", text), kForm));
    options.ranges[name] = {*low, *high};
  }
  return {};
}

std::string sizes_text(const std::map<std::string, int64_t>& sizes) {
  std::string text;
  for (const auto& [axis, size] : sizes) text += cat(text.empty() ? "" : ",", axis, "=", size);
  return text;
}

// A first try needs no sizes; a forgotten one is an error.
void usual_sizes(const std::string& computation, NotationOptions& options) {
  if (!options.sizes.empty()) return;
  for (const NamedOperator& op : named_operators()) {
    if (computation == op.name) options.sizes = op.sizes;
  }
}

}  // namespace

Result<std::map<std::string, std::string>> parse_pairs(const std::string& option,
                                                       const std::vector<std::string>& texts,
                                                       const std::string& form) {
  std::map<std::string, std::string> pairs;
  for (const std::string& text : texts) {
    for (const std::string& piece : pieces(text)) {
      const size_t equals = piece.find('=');
      if (equals == 0 || equals == std::string::npos || equals + 1 == piece.size()) {
        return fail(bad_form(option, piece, form));
      }
      const std::string name = piece.substr(0, equals);
      if (!pairs.emplace(name, piece.substr(equals + 1)).second) {
        return fail(user_error("repeated_name", cat(option, " names '", name, "' twice")));
      }
    }
  }
  return pairs;
}

void ComputationOptions::add_to(CLI::App* command) {
  const auto list = [command](const char* name, std::vector<std::string>& into, const char* form,
                              const char* help) {
    command->add_option(name, into, help)->type_name(form)->allow_extra_args(false);
  };
  command
      ->add_option("computation", computation,
                   "index notation in quotes, or the name of an operator (see below)")
      ->type_name("COMPUTATION")
      ->required();
  list("--size", sizes, "i=4096,k=70", "extent of each axis; of an operator: see below");
  list("--dtype", dtypes, "TYPE", "type of all inputs (i32), or of one: A=i8");
  list("--range", ranges, "A=0..49", "declared range of an input's values");
  command->add_option("--db", database, "the record database (PIMJIT_DB)")->type_name("FILE");
  command->add_option("--target", target, "machine, with options: name:key=value,key=value")
      ->type_name("TARGET");
  command->add_option("--schedule", schedule, "default, best, or a file with a trace")
      ->type_name("default|best|FILE");
  command
      ->add_option("--no-pass", without_passes,
                   "optional passes of lowering to leave out (see show --dump=passes)")
      ->type_name("NAME,...")
      ->delimiter(',');
  add_plugin_option(command, plugins);
  std::string operators = "operators, and their sizes where no --size is given:\n";
  for (const NamedOperator& op : named_operators()) {
    operators += cat("  ", op.name, std::string(15 - std::string_view(op.name).size(), ' '),
                     op.text, "   ", sizes_text(op.sizes), "\n");
  }
  command->footer(operators);
}

Result<Workload> ComputationOptions::workload() const {
  NotationOptions options;
  if (Status status = read_sizes(sizes, options); !status) return fail(status.error());
  if (Status status = read_dtypes(dtypes, options); !status) return fail(status.error());
  if (Status status = read_ranges(ranges, options); !status) return fail(status.error());
  usual_sizes(computation, options);
  return make_workload(computation, options);
}

}  // namespace pimjit::cli
