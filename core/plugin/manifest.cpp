#include "pimjit/core/plugin/manifest.h"

#include <filesystem>

#include "pimjit/core/plugin_abi.h"
#include "pimjit/core/support/text.h"
#include "pimjit/core/target/table_reader.h"

namespace pimjit {
namespace {

// A path below the manifest's folder: what a package carries, and nothing else of the machine.
std::string read_path(TableReader& reader, const std::string& key) {
  const std::string text = reader.text(key);
  const TomlValue* value = reader.table().find(key);
  if (value == nullptr) return text;
  const std::filesystem::path path(text);
  bool inside = !text.empty() && path.is_relative() && text.find('\0') == std::string::npos;
  for (const std::filesystem::path& part : path) inside = inside && part != "..";
  if (!inside) {
    reader.context().fail_at(
        value->position, "manifest_path",
        cat(key, " is \"", text, "\", which is not below the manifest's folder"),
        "keep library and description beside the manifest");
  }
  return text;
}

void check_id(ReadContext& context, const TomlValue& table, const std::string& id,
              const std::string& path) {
  const TomlValue* value = table.find("id");
  const std::string stem = manifest_stem(path);
  if (id == "auto") {
    context.fail_at(value->position, "manifest_id", "the id \"auto\" has a meaning of its own",
                    "choose another name");
  }
  if (value == nullptr || id == stem) return;
  context.fail_at(value->position, "manifest_id",
                  cat("the id is \"", id, "\", but the file's name says \"", stem, '"'),
                  cat("call the file ", id, kManifestSuffix));
}

}  // namespace

std::string manifest_stem(const std::string& path) {
  const std::string name = std::filesystem::path(path).filename().string();
  const std::string suffix = kManifestSuffix;
  if (name.size() <= suffix.size() || !name.ends_with(suffix)) return "";
  return name.substr(0, name.size() - suffix.size());
}

std::string platform_name() {
#if defined(__linux__)
  const std::string system = "linux";
#elif defined(__APPLE__)
  const std::string system = "macos";
#elif defined(_WIN32)
  const std::string system = "windows";
#else
  const std::string system = "unknown";
#endif
#if defined(__x86_64__) || defined(_M_X64)
  return system + "-x86_64";
#elif defined(__aarch64__)
  return system + "-aarch64";
#elif defined(__riscv) && __riscv_xlen == 64
  return system + "-riscv64";
#else
  return system + "-unknown";
#endif
}

Result<Manifest> parse_manifest(const std::string& toml_text, const std::string& path) {
  const Result<TomlValue> tree = parse_toml(toml_text, path, Origin::target);
  if (!tree) return fail(tree.error());
  ReadContext context;
  context.file = path;
  context.origin = Origin::target;
  context.needs_provenance = false;
  TableReader reader(context, *tree, "");
  Manifest manifest;
  manifest.id = reader.name("id");
  manifest.summary = reader.text("summary", "");
  manifest.library = read_path(reader, "library");
  manifest.description = read_path(reader, "description");
  manifest.platform = reader.text("platform");
  manifest.licence = reader.text("licence", "");
  manifest.abi_major = static_cast<int>(reader.version("abi_major", {0, 1 << 16}));
  manifest.abi_minor = static_cast<int>(reader.version("abi_minor", {0, 1 << 16}));
  reader.finish();
  check_id(context, *tree, manifest.id, path);
  if (context.error) return fail(*context.error);
  return manifest;
}

Status usable(const Manifest& manifest, const std::string& path) {
  if (manifest.platform != platform_name()) {
    return fail(target_error("wrong_platform",
                             cat("plugin ", manifest.id, " is for ", manifest.platform,
                                 "; this program runs on ", platform_name()),
                             path, "install the plugin's build for this machine"));
  }
  if (manifest.abi_major != PJ_ABI_MAJOR) {
    return fail(
        target_error("wrong_abi",
                     cat("plugin ", manifest.id, " speaks version ", manifest.abi_major,
                         " of the plugin interface; this program speaks version ", PJ_ABI_MAJOR),
                     path, "rebuild the plugin against this version of pimjit"));
  }
  return {};
}

}  // namespace pimjit
