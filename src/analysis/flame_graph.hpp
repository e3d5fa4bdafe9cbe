// Flame graphs (Gregg, "The Flame Graph", CACM 2016) as one SVG without scripts: width is the share of samples, the
// outermost frame at the bottom. Pure.
#pragma once

#include "model/profile.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace aisp::analysis {

std::string flame_graph_svg(const std::vector<model::Stack>&, std::string_view title);

// The functions with the largest share of samples at the top of the stack, for a table: name and share, at most
// `count`.
std::vector<std::pair<std::string, double>> hottest(const std::vector<model::Stack>&, std::size_t count);

}  // namespace aisp::analysis
