#include "pimjit/tools/pimjit/tensor_files.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>

#include <unistd.h>

#include "pimjit/core/support/text.h"
#include "pimjit/core/verify/npy.h"
#include "pimjit/core/verify/test_data.h"
#include "pimjit/tools/pimjit/computation_options.h"

namespace pimjit::cli {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> names_of(const Workload& workload, const std::vector<int>& tensors) {
  std::vector<std::string> names;
  for (const int t : tensors) names.push_back(workload.tensors[static_cast<size_t>(t)].name);
  return names;
}

Error unknown_tensor(const std::string& option, const std::string& name, const char* role,
                     const std::vector<std::string>& known) {
  const std::string nearest = nearest_name(name, known);
  return user_error("unknown_tensor", cat(option, ": '", name, "' is no ", role),
                    cat(role, "s: ", known.empty() ? "none" : join(known, ", ")),
                    nearest.empty() ? "" : cat("did you mean '", nearest, "'?"));
}

Status check_fits(const Tensor& tensor, const HostTensor& data, const std::string& path) {
  const std::string where = cat("--input ", tensor.name, "=", path);
  if (data.dtype() != tensor.dtype) {
    return fail(user_error(
        "wrong_dtype",
        cat("tensor ", tensor.name, " has elements of ", to_string(tensor.dtype), ", the file has ",
            to_string(data.dtype())),
        where,
        cat("convert the file, or give --dtype ", tensor.name, "=", to_string(data.dtype()))));
  }
  if (data.shape().size() != tensor.shape.size()) {
    return fail(user_error("wrong_rank",
                           cat("tensor ", tensor.name, " has ", tensor.shape.size(),
                               " dimensions, the file has ", data.shape().size()),
                           where,
                           cat("the computation wants the shape ", shape_text(tensor.shape))));
  }
  if (data.shape() != tensor.shape) {
    return fail(user_error("wrong_shape",
                           cat("tensor ", tensor.name, " has the shape ", shape_text(tensor.shape),
                               ", the file has ", shape_text(data.shape())),
                           where, "change --size, or give another file"));
  }
  return {};
}

Error unwritable(const std::string& path, const std::string& why) {
  return user_error("unwritable_output", cat("cannot write '", path, "': ", why), "--output",
                    "nothing was run; choose a folder you can write to");
}

// The file will be written beside `path` and renamed, so the folder has to be writable.
Status check_writable(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return fail(unwritable(path, "it is a folder"));
  if (fs::exists(path, error) && !fs::is_regular_file(path, error)) {
    return fail(unwritable(path, "it is not a regular file"));
  }
  fs::path folder = fs::path(path).parent_path();
  if (folder.empty()) folder = ".";
  if (!fs::is_directory(folder, error)) {
    return fail(unwritable(path, cat("there is no folder '", folder.string(), "'")));
  }
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    return fail(unwritable(path, std::strerror(errno)));
  }
  return {};
}

}  // namespace

std::string shape_text(const std::vector<int64_t>& shape) {
  std::vector<std::string> parts;
  for (const int64_t extent : shape) parts.push_back(std::to_string(extent));
  return parts.empty() ? "scalar" : join(parts, "x");
}

Result<std::vector<HostTensor>> make_inputs(const Workload& workload,
                                            const std::vector<std::string>& inputs, uint64_t seed) {
  const auto files = parse_pairs("--input", inputs, "TENSOR=FILE, such as A=a.npy");
  if (!files) return fail(files.error());
  const std::vector<int> numbers = workload.inputs();
  const std::vector<std::string> names = names_of(workload, numbers);
  for (const auto& [name, path] : *files) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      return fail(unknown_tensor("--input", name, "input", names));
    }
  }
  std::map<size_t, HostTensor> read;
  for (size_t i = 0; i < numbers.size(); ++i) {
    const auto at = files->find(names[i]);
    if (at == files->end()) continue;
    Result<HostTensor> data = read_npy(at->second);
    if (!data) return fail(data.error());
    const Tensor& tensor = workload.tensors[static_cast<size_t>(numbers[i])];
    if (Status fits = check_fits(tensor, *data, at->second); !fits) return fail(fits.error());
    read[i] = std::move(*data);
  }
  std::vector<HostTensor> tensors(numbers.size());
  if (read.size() < numbers.size()) tensors = timing_inputs(workload, seed);
  for (auto& [i, data] : read) tensors[i] = std::move(data);
  return tensors;
}

Result<std::string> output_path(const Workload& workload, const std::vector<std::string>& outputs) {
  if (outputs.empty()) return std::string();
  const std::string& name = workload.tensors[static_cast<size_t>(workload.output())].name;
  if (outputs.size() > 1) {
    return fail(user_error("repeated_name", cat("--output is given twice; the output is ", name)));
  }
  std::string path = outputs.front();
  if (const size_t equals = path.find('='); equals != std::string::npos) {
    const std::string given = path.substr(0, equals);
    if (given != name) return fail(unknown_tensor("--output", given, "output", {name}));
    path = path.substr(equals + 1);
  }
  if (path.empty()) {
    return fail(user_error("option_syntax", "--output: the path is empty", {},
                           cat("write --output ", name, "=file.npy")));
  }
  if (Status writable = check_writable(path); !writable) return fail(writable.error());
  return path;
}

}  // namespace pimjit::cli
