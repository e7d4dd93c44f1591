// The `pimjit` command. Exit status: 0 ok, 1 the user's error, 2 the target's, 3 ours.
#include <algorithm>
#include <cstdint>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "pimjit/core/support/text.h"
#include "pimjit/tools/pimjit/command.h"
#include "pimjit/tools/pimjit/json.h"
#include "pimjit/tools/pimjit/terminal.h"
#include "pimjit/version.h"

namespace pimjit::cli {
namespace {

constexpr const char* kExamples = R"(examples:
  pimjit targets
  pimjit run mtv --size i=1000,k=700 --target toy --verify
  pimjit run 'C[i] += A[i,k] * B[k]' --size i=1000,k=700 --range A=0..49 --target toy --json
  pimjit show mtv --size i=1000,k=700 --target toy --dump=host
  pimjit tune mtv --size i=1000,k=700 --target toy --resident A --seconds 10
  pimjit run mtv --size i=1000,k=700 --target toy --schedule best

A plugin is found by --plugin, in the folders of PIMJIT_PLUGIN_PATH, or in the installation.
Exit status: 0 ok, 1 the user's error, 2 the target's, 3 an error inside pimjit.)";

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

std::string did_you_mean(const std::string& nearest, std::string otherwise) {
  return nearest.empty() ? std::move(otherwise) : cat("did you mean ", nearest, "?");
}

// "4096x4096" and "i=3" are extents without their option.
bool looks_like_extents(const std::string& word) {
  return word.find_first_not_of("0123456789x,") == std::string::npos ||
         (word.find('=') != std::string::npos && word.find_first_of("+[") == std::string::npos);
}

// What CLI11 could not place: an unknown command, an unknown option, or one argument too many.
Status check_left_over(const CLI::App& app) {
  const std::vector<CLI::App*> commands = app.get_subcommands();
  const CLI::App& place = commands.empty() ? app : *commands.front();
  const std::vector<std::string> left = place.remaining();
  if (left.empty()) return {};
  const std::string& word = left.front();
  const std::string name = word.substr(0, word.find('='));
  if (word.size() > 1 && word[0] == '-') {
    const std::string nearest = nearest_name(name, option_names(place));
    return fail(user_error(
        "unknown_option", cat("'", name, "' is no option of ", place.get_name()), {},
        did_you_mean(nearest, cat("`", place.get_name(), " --help` lists the options"))));
  }
  if (commands.empty()) {
    return fail(user_error("unknown_command", cat("'", word, "' is no command of pimjit"), {},
                           did_you_mean(nearest_name(word, command_names(app)),
                                        cat("commands: ", join(command_names(app), " ")))));
  }
  const bool computes = place.get_name() == "run" || place.get_name() == "show" ||
                        place.get_name() == "tune" || place.get_name() == "replay";
  const char* hint = !computes                  ? ""
                     : looks_like_extents(word) ? "extents go behind --size: --size i=4096,k=70"
                                                : "put index notation in quotes";
  return fail(user_error("extra_argument", cat("'", word, "' is one argument too many"), {}, hint));
}

// What CLI11 says about an option's value, in the form of our own errors.
Error command_line_error(const CLI::App& app, const CLI::ParseError& error) {
  const std::string text = error.what();
  const std::string option = text.substr(0, text.find(':'));
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ArgumentMismatch)) {
    if (text.find(": At Most ") != std::string::npos) {
      return user_error("repeated_name", cat(option, " is given more than once"));
    }
    return user_error("option_syntax", cat(option, " needs a value"));
  }
  const std::string refused = "Could not convert: ";
  const size_t equals = text.find(" = ");
  if (text.starts_with(refused) && equals != std::string::npos) {
    return user_error("option_syntax", cat(text.substr(refused.size(), equals - refused.size()),
                                           ": '", text.substr(equals + 3),
                                           "' is not a whole number between 0 and ", INT64_MAX));
  }
  const auto commands = app.get_subcommands();
  return user_error(
      "command_line", text, {},
      cat("see pimjit ", commands.empty() ? "" : commands[0]->get_name() + " ", "--help"));
}

int exit_status(const Error& error) {
  return error.origin == Origin::user ? 1 : error.origin == Origin::target ? 2 : 3;
}

int report(const Error& error, bool as_json) {
  print_error(error);
  if (as_json) {
    print(JsonObject().add_text("error", json_of(error)).text() + "\n");
    (void)finish_output();
  }
  return exit_status(error);
}

Status act(const Chosen& chosen) {
  try {
    return chosen.action();
  } catch (const std::bad_alloc&) {
    return fail(user_error("out_of_memory", "memory ran out", {}, "use smaller sizes"));
  } catch (const std::exception& error) {
    // The library throws nothing for an expected failure: whatever arrives here is a mistake of
    // ours.
    return fail(internal_error("unexpected_exception", error.what(), {},
                               "please report it with `pimjit doctor`"));
  }
}

int run_command(int argc, char** argv) {
  CLI::App app{"pimjit: tensor kernels specialised at run time for processing-in-memory hardware",
               "pimjit"};
  Chosen chosen;
  app.footer(kExamples);
  app.set_version_flag("--version", "pimjit " PIMJIT_VERSION_STRING);
  app.require_subcommand(0, 1);
  app.allow_extras();
  add_run(app, chosen);
  add_show(app, chosen);
  add_tune(app, chosen);
  add_replay(app, chosen);
  add_db(app, chosen);
  add_targets(app, chosen);
  add_doctor(app, chosen);
  add_plugin_check(app, chosen);
  add_version(app, chosen);
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    command->allow_extras();
  }
  const bool as_json = std::find(argv, argv + argc, std::string("--json")) != argv + argc;
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {  // --help, --version
    const int status = app.exit(help);
    const Status written = finish_output();
    return written ? status : report(written.error(), false);
  } catch (const CLI::ParseError& error) {
    // An option that is misspelled explains why another one is missing.
    if (Status left = check_left_over(app); !left) return report(left.error(), as_json);
    return report(command_line_error(app, error), as_json);
  }
  if (Status left = check_left_over(app); !left) return report(left.error(), as_json);
  if (!chosen.action) {
    print(app.help());
    return report(user_error("no_command", "no command is given"), false);
  }
  Status done = act(chosen);
  if (done) done = finish_output();
  return done ? 0 : report(done.error(), chosen.json && !chosen.answered);
}

}  // namespace
}  // namespace pimjit::cli

int main(int argc, char** argv) {
  return pimjit::cli::run_command(argc, argv);
}
