#include "app/gnuplot.hpp"

#include "app/names.hpp"
#include "app/options.hpp"
#include "app/programs.hpp"
#include "record/descriptor.hpp"
#include "record/file.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

extern char** environ;

namespace aisp::app {
namespace {
namespace fs = std::filesystem;

constexpr std::size_t kMaxPicture = std::size_t{64} << 20;

// A file without a name, for what goes in and comes out: no pipe can fill up.
record::Descriptor scratch(const std::string& content) {
  record::Descriptor file(::memfd_create("gnuplot", MFD_CLOEXEC));
  if (file.get() < 0 || ::write(file.get(), content.data(), content.size()) != static_cast<ssize_t>(content.size()) ||
      ::lseek(file.get(), 0, SEEK_SET) != 0)
    throw std::runtime_error("no memory for a picture");
  return file;
}

std::string content_of(const record::Descriptor& file) {
  const auto size = ::lseek(file.get(), 0, SEEK_END);
  if (size <= 0 || static_cast<std::size_t>(size) > kMaxPicture) return "";
  std::string text(static_cast<std::size_t>(size), '\0');
  return ::pread(file.get(), text.data(), text.size(), 0) == size ? text : "";
}

std::string draw(const std::string& script) {
  const auto in = scratch(script), out = scratch(""), err = scratch("");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.get(), STDERR_FILENO);
  std::string program = "gnuplot", defaults = "-d";  // not the user's start-up file
  char* arguments[] = {program.data(), defaults.data(), nullptr};
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, program.c_str(), &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  if (error != 0 || ::waitpid(child, &status, 0) != child) throw std::runtime_error("gnuplot could not be started");
  auto picture = content_of(out);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || picture.empty())
    throw std::runtime_error("gnuplot failed: " + one_line(content_of(err).substr(0, 300)));
  return picture;
}

std::string why_no_gnuplot() {
  return !find_program("gnuplot").empty()
             ? ""
             : "a picture needs gnuplot (Debian package gnuplot-nox), which is not installed";
}

}  // namespace

void add_plot_option(CLI::App& command, std::string& file) {
  command.add_option("--plot", file, "Also draw a picture: a .svg or .png file, through gnuplot")
      ->type_name("FILE")
      ->check([](const std::string& name) {
        const auto kind = fs::path(name).extension();
        if (kind != ".svg" && kind != ".png") return "'" + one_line(name) + "' must end in .svg or .png";
        if (!fs::is_directory(fs::absolute(name).parent_path()))
          return "the folder of '" + one_line(name) + "' does not exist";
        return why_no_gnuplot();
      });
}

void save_plot(const analysis::Plot& plot, const std::string& file) {
  if (file.empty()) return;
  const auto script = analysis::gnuplot_script(plot, fs::path(file).extension().string().substr(1));
  if (script.empty()) throw std::runtime_error("there is nothing to draw");
  record::write_atomically(file, draw(script));
}

void add_plots_option(CLI::App& command, std::string& folder) {
  command.add_option("--plots", folder, "Also draw pictures into this folder, SVG and PNG, through gnuplot")
      ->type_name("DIR")
      ->check([](const std::string& name) {
        if (name.empty()) return std::string("name a folder");
        if (fs::exists(name) && !fs::is_directory(name)) return "'" + one_line(name) + "' is not a folder";
        return why_no_gnuplot();
      });
}

std::vector<fs::path> save_plots(const std::vector<analysis::NamedPlot>& plots, const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw UsageError("--plots: cannot make " + one_line(folder) + ": " + error.message());
  std::vector<fs::path> files;
  for (const auto& [name, plot] : plots)
    for (const char* kind : {".svg", ".png"}) {
      const auto file = fs::path(folder) / (name + kind);
      save_plot(plot, file.string());
      files.push_back(file);
    }
  return files;
}

}  // namespace aisp::app
