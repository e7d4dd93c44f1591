#include "pimjit/core/run/open_target.h"

#include <utility>

#include "pimjit/core/plugin/target_string.h"
#include "pimjit/core/support/text.h"
#include "pimjit/core/target/toml_value.h"

namespace pimjit {
namespace {

// A mistake in a description is not the mistake of whoever uses the target.
Error blame_target(Error error) {
  error.origin = Origin::target;
  return error;
}

Result<TargetDesc> describe_as(const std::string& text, const std::string& file,
                               const TargetString& target) {
  Result<TargetDesc> description = parse_target(text, file);
  if (!description) return fail(blame_target(description.error()));
  if (Status status = apply_options(*description, target.options); !status) {
    Error error = status.error();
    if (error.where.empty()) error.where = cat("target ", to_string(target));
    return fail(std::move(error));
  }
  return description;
}

}  // namespace

Result<OpenTarget> open_target(const std::string& target, const Discovery& discovery,
                               HostServices services) {
  const Result<TargetString> parsed = parse_target_string(target);
  if (!parsed) return fail(parsed.error());
  if (parsed->automatic) {
    return fail(user_error("no_automatic_target", "this build cannot choose a target by itself",
                           "target auto", "name one; `pimjit targets` lists them"));
  }
  const Result<PluginFile> file = find_plugin(discovery, parsed->name);
  if (!file) return fail(file.error());
  const Result<std::string> text = read_text_file(file->description_path, Origin::target);
  if (!text) return fail(text.error());
  Result<TargetDesc> description = describe_as(*text, file->description_path, *parsed);
  if (!description) return fail(description.error());

  Result<Plugin> plugin = load_plugin(file->library_path, description->plugin, std::move(services));
  if (!plugin) return fail(plugin.error());
  const Result<std::string> adapted = plugin->describe(*text);
  if (!adapted) return fail(adapted.error());
  if (*adapted != *text) {
    description = describe_as(*adapted, cat(file->description_path, " (adapted)"), *parsed);
    if (!description) return fail(description.error());
  }
  return OpenTarget{to_string(*parsed), *file,
                    std::make_shared<const TargetDesc>(std::move(*description)),
                    std::move(*plugin)};
}

Result<OpenTarget> open_target(const std::string& target) {
  return open_target(target, discover(search_places({}, "")));
}

}  // namespace pimjit
