#include "app/options.hpp"

#include "app/commands/commands.hpp"
#include "app/config_file.hpp"
#include "app/names.hpp"
#include "app/print.hpp"
#include "record/store_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <utility>

namespace aisp::app {
namespace {

void complain(std::string_view text) { print_err("aisp: {}\n", one_line(text)); }

const CLI::App* chosen_command(const CLI::App& root) {
  const CLI::App* command = &root;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  return command;
}

// "aisp bench run"
std::string path_of(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  return parent ? path_of(*parent) + " " + command.get_name() : command.get_name();
}

std::vector<std::string> subcommands_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const auto* subcommand : command.get_subcommands({})) names.push_back(subcommand->get_name());
  return names;
}

// What is missing: a command, or a required option.
std::string missing(const CLI::App& root, const CLI::RequiredError& error) {
  const CLI::App* command = chosen_command(root);
  const auto names = subcommands_of(*command);
  if (names.empty()) return error.what();
  return fmt::format("{} needs a command: {}", path_of(*command), fmt::join(names, ", "));
}

// The nearest option or command to a word that the command line does not know.
std::string unexpected(const CLI::App& root, const std::vector<std::string>& words) {
  const CLI::App* deepest = chosen_command(root);
  const std::string& word = words.front();
  const bool option = word.size() > 1 && word.front() == '-';
  std::vector<std::string> known;
  if (option) {
    for (const auto* o : deepest->get_options())
      for (const auto& name : o->get_lnames()) known.push_back("--" + name);
  } else {
    known = subcommands_of(*deepest);
  }
  const std::string kind = option ? "option" : known.empty() ? "argument" : "command";
  if (known.empty()) return fmt::format("unexpected argument '{}'; see {} --help", word, path_of(*deepest));
  return unknown(kind, option ? word.substr(0, word.find('=')) : word, known);
}

std::string config_path(const CLI::App& root) {
  const auto* option = root.get_config_ptr();
  return option->count() ? option->as<std::string>() : std::string("aisp.toml");
}

// A file that lies in the folder by chance, or by somebody's intent, changes what is measured: it is named.
void note_measuring_settings(const CLI::App& app, const ConfigFile& file) {
  const auto path = path_of(*chosen_command(app));
  std::string settings;
  for (const auto& s : file.measuring()) {
    const auto* option = chosen_command(app)->get_option_no_throw("--" + s.name);
    if (fmt::format("aisp {}", fmt::join(s.command, " ")) != path || !option || option->results().empty()) continue;
    if (fmt::format("{}", fmt::join(option->results(), " ")) != s.value) continue;  // the command line says otherwise
    settings += fmt::format("{}{} = {}", settings.empty() ? "" : ", ", s.name, s.value);
  }
  if (!settings.empty()) print_err("note: {} sets {}\n", config_path(app), one_line(settings));
}

int parse_and_run(CLI::App& app, Context& context, const ConfigFile& file) {
  auto words = with_tool_named(context.command_line);
  std::reverse(words.begin(), words.end());
  if (!words.empty()) words.pop_back();  // the program's name
  try {
    app.parse(std::move(words));  // CLI11 takes them from the back
  } catch (const CLI::Success& help) {
    std::ostringstream text;
    const int code = app.exit(help, text, text);
    print_out("{}", text.str());
    return code;
  } catch (const CLI::ExtrasError&) {
    throw UsageError(unexpected(app, app.remaining(true)));
  } catch (const CLI::RequiredError& error) {
    const auto extras = app.remaining(true);
    throw UsageError(extras.empty() ? missing(app, error) : unexpected(app, extras));
  } catch (const CLI::ConfigError& error) {
    std::string what = error.what();
    const std::string extra = "INI was not able to parse ";
    if (what.starts_with(extra)) what = fmt::format("unknown setting '{}'", what.substr(extra.size()));
    throw UsageError(config_path(app) + ": " + what);
  } catch (const CLI::ParseError& error) {
    const std::string what = error.what();
    const auto twice = what.find(": At Most 1 required");
    throw UsageError(twice == std::string::npos ? what : what.substr(0, twice) + " is given more than once");
  }
  note_measuring_settings(app, file);
  return context.action();
}

}  // namespace

CLI::App* add_command(CLI::App& parent, Context& context, const std::string& name, const std::string& about,
                      const std::string& example, std::function<int()> action) {
  auto* command = parent.add_subcommand(name, about);
  command->footer("Example:\n  " + example);
  command->add_flag("--json", context.json, "Print one JSON document on stdout and nothing else there");
  command->fallthrough();
  command->callback([&context, action = std::move(action)] { context.action = action; });
  return command;
}

void add_artifacts_option(CLI::App& command, Context& context) {
  command.add_option("--artifacts-dir", context.artifacts, "Where runs and history live (environment: AISP_HOME)")
      ->type_name("DIR");
}

CLI::Validator number_between(double least, double most) {
  const auto range = fmt::format("{} - {}", least, most);
  return CLI::Validator(
      [=](const std::string& text) {
        double value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        const bool whole = error == std::errc() && end == text.data() + text.size();
        return whole && value >= least && value <= most
                   ? std::string()
                   : fmt::format("'{}' is no number from {}", one_line(text), range);
      },
      "in [" + range + "]");
}

CLI::Validator one_of(std::string kind, std::vector<std::string> allowed) {
  return CLI::Validator(
      [kind = std::move(kind), allowed](std::string& value) {
        for (const auto& name : allowed)
          if (value == name) return std::string{};
        return unknown(kind, value, allowed);
      },
      fmt::format("{}", fmt::join(allowed, "|")));
}

std::string default_scale() {
  const char* fast = std::getenv(kFastBench);
  if (!fast || std::string_view(fast) == "1") return "light";
  if (std::string_view(fast) == "0") return "full";
  throw UsageError(fmt::format("{} is '{}'; it must be 1 (light scale) or 0 (full scale)", kFastBench, fast));
}

int run(int argc, char** argv) {
  prepare_streams();
  try {
    Context context;
    context.command_line.assign(argv, argv + argc);
    CLI::App app("Is this implementation really faster, and is it still right?", "aisp");
    app.footer(
        "Example:\n  aisp bench run            a short tour on this machine\n\nSettings: flags beat the environment "
        "(AISP_FAST_BENCH, AISP_ALLOW_VIRTUALIZATION, AISP_HOME), which beats aisp.toml.");
    app.require_subcommand(1);
    const auto file = std::make_shared<ConfigFile>();
    app.config_formatter(file);
    app.set_config("--config", "aisp.toml", "Settings file")->type_name("FILE");
    app.allow_config_extras(CLI::config_extras_mode::error);
    app.add_option("--artifacts-dir", context.artifacts, "Where runs and history live")
        ->type_name("DIR")
        ->envname(kHome);
    add_commands(app, context);
    const int code = parse_and_run(app, context, *file);
    if (const int error = flush_output())
      throw std::runtime_error(fmt::format("the output could not be written: {}", std::strerror(error)));
    return code;
  } catch (const UsageError& error) {
    complain(error.what());
    return kUsage;
  } catch (const record::WriteError& error) {
    complain(error.what());
    return kCrash;
  } catch (const record::StoreError& error) {
    complain(error.what());
    return kUsage;
  } catch (const std::exception& error) {
    complain(error.what());
    return kCrash;
  }
}

}  // namespace aisp::app
