// Pictures of plots through gnuplot, where it is installed: it is looked for when a picture is asked for.
#pragma once

#include "analysis/plot.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

namespace aisp::app {

// Adds --plot FILE to a command; the name must end in .svg or .png and gnuplot must be there.
void add_plot_option(CLI::App&, std::string& file);
// Draws into `file` ("" = nothing to do); throws UsageError when it cannot be written, std::runtime_error with
// gnuplot's own words when it fails.
void save_plot(const analysis::Plot&, const std::string& file);

}  // namespace aisp::app
