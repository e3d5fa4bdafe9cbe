// Pictures of plots through gnuplot, where it is installed: it is looked for when a picture is asked for.
#pragma once

#include "analysis/plot.hpp"
#include "analysis/run_plots.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace aisp::app {

// Adds --plot FILE to a command; the name must end in .svg or .png and gnuplot must be there.
void add_plot_option(CLI::App&, std::string& file);
// Draws into `file` ("" = nothing to do); throws UsageError when it cannot be written, std::runtime_error with
// gnuplot's own words when it fails.
void save_plot(const analysis::Plot&, const std::string& file);

// Adds --plots DIR, a folder for several pictures, made when it is not there; gnuplot must be.
void add_plots_option(CLI::App&, std::string& folder);
// Each as NAME.svg and NAME.png below `folder`; returns the files. Throws as save_plot does.
std::vector<std::filesystem::path> save_plots(const std::vector<analysis::NamedPlot>&, const std::string& folder);

}  // namespace aisp::app
