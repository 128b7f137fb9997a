// SPDX-License-Identifier: MIT
// `longplay docs FOLDER`, hidden: the pages of docs/reference that are made from the program itself.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "agent/files/atomic_write.h"
#include "agent/reference/configuration_page.h"
#include "apps/commands.h"

namespace longplay {
namespace {

/// What --help shows of a command: hidden ones have no group.
std::vector<const CLI::App*> ShownCommands(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
}

std::string InTable(const std::string& text) {
  std::string cell;
  for (const char c : text) cell += c == '|' ? std::string("\\|") : std::string(1, c);
  return cell;
}

/// "INT:POSITIVE" is "INT"; what else is accepted stands in the text.
std::string KindOfValue(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  return option.get_items_expected_max() == 0 ? "" : type.substr(0, type.find(':'));
}

std::string NameInUsage(const CLI::Option& option) {
  const std::string name = option.get_name();
  return option.get_required() ? name : "[" + name + "]";
}

void AppendOptions(const CLI::App& command, std::string& page) {
  std::string rows;
  for (const CLI::Option* option : command.get_options()) {
    if (option == command.get_help_ptr()) continue;
    std::string name = option->get_name(/*positional=*/false, /*all_options=*/true);
    if (option->get_positional()) name = option->get_name();
    const std::string standard =
        option->get_required() ? "required" : InTable(option->get_default_str());
    rows += "| `" + InTable(name) + "` | " + KindOfValue(*option) + " | " +
            (standard.empty() || option->get_required() ? standard : "`" + standard + "`") + " | " +
            InTable(option->get_description()) + " |\n";
  }
  if (rows.empty()) return;
  page += "\n| option | value | default | what it does |\n|---|---|---|---|\n" + rows;
}

/// The command and those below it; `name` is how it is called: "longplay data info".
void AppendCommand(const CLI::App& command, const std::string& name, std::string& page) {
  const std::vector<const CLI::App*> below = ShownCommands(command);
  std::string usage = name;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional()) usage += " " + NameInUsage(*option);
  }
  page += "\n## " + name + "\n\n" + command.get_description() + ".\n\n```\n" + usage +
          (below.empty() ? " [options]" : " COMMAND") + "\n```\n";
  AppendOptions(command, page);
  for (const CLI::App* next : below) AppendCommand(*next, name + " " + next->get_name(), page);
}

constexpr char kHeadOfCommands[] =
    "# Command line: every command and option\n\n"
    "<!-- Made by `./dev docs` from the options that the program declares in apps/. Edit those, "
    "then "
    "run it again. -->\n\n"
    "`longplay` is `build/release/longplay`. Every command has `--help`. With `--json` it prints "
    "one\n"
    "JSON value on stdout and nothing else there. Exit codes: 0 done, 1 failed (one line on "
    "stderr),\n"
    "2 wrong usage, 75 stopped by a signal with everything saved (the last line says how to go "
    "on).\n";

std::string CommandLinePage(const CLI::App& app) {
  std::string page = kHeadOfCommands;
  for (const CLI::App* command : ShownCommands(app)) {
    AppendCommand(*command, "longplay " + command->get_name(), page);
  }
  return page;
}

}  // namespace

void AddDocsCommand(CLI::App& app) {
  auto folder = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("docs", "Write configuration.md and command_line.md of the reference");
  command->group("");
  command->add_option("folder", *folder, "Folder to write to")->required();
  command->callback([folder, &app] {
    WriteAtomically(*folder + "/configuration.md", ConfigurationPage(), "writing pages");
    WriteAtomically(*folder + "/command_line.md", CommandLinePage(app), "writing pages");
    std::printf("%s/configuration.md\n%s/command_line.md\n", folder->c_str(), folder->c_str());
  });
}

}  // namespace longplay
