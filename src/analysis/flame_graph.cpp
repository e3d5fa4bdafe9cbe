#include "analysis/flame_graph.hpp"

#include "model/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

namespace aisp::analysis {
namespace {

constexpr double kWidth = 1200, kRow = 18, kTop = 40, kCharacter = 7, kLeastWidth = 0.5;
constexpr std::size_t kMostDepth = 64;

struct Node {
  std::int64_t samples = 0;
  std::map<std::string, Node> children;
};

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : model::printable(text)) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

std::size_t depth_of(const Node& node) {
  std::size_t depth = 0;
  for (const auto& [name, child] : node.children) depth = std::max(depth, 1 + depth_of(child));
  return depth;
}

// A warm colour that follows from the name.
std::string colour(std::string_view name) {
  std::uint32_t hash = 2166136261u;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return fmt::format("rgb({},{},{})", 205 + hash % 50, 90 + hash / 64 % 130, hash / 8192 % 60);
}

void draw(std::string& svg, const std::string& name, const Node& node, double x, double y, double per_sample,
          std::int64_t all) {
  const double width = static_cast<double>(node.samples) * per_sample;
  if (width < kLeastWidth) return;
  const auto room = static_cast<std::size_t>(width / kCharacter);
  const std::string shown = room < 3 ? "" : name.size() <= room ? name : name.substr(0, room - 2) + "..";
  svg += fmt::format(
      "<g><title>{} ({} samples, {:.1f} %)</title><rect x=\"{:.1f}\" y=\"{:.0f}\" width=\"{:.1f}\" height=\"{:.0f}\" "
      "fill=\"{}\" "
      "stroke=\"white\"/><text x=\"{:.1f}\" y=\"{:.0f}\">{}</text></g>\n",
      escaped(name), node.samples, 100 * static_cast<double>(node.samples) / static_cast<double>(all), x, y, width,
      kRow - 1, colour(name), x + 3, y + 13, escaped(shown));
  for (const auto& [child_name, child] : node.children) {
    draw(svg, child_name, child, x, y - kRow, per_sample, all);
    x += static_cast<double>(child.samples) * per_sample;
  }
}

}  // namespace

std::string flame_graph_svg(const std::vector<model::Stack>& stacks, std::string_view title) {
  Node root;
  for (const auto& stack : stacks) {
    root.samples += stack.samples;
    Node* at = &root;
    for (std::size_t i = 0; i < std::min(stack.frames.size(), kMostDepth); ++i) {
      at = &at->children[stack.frames[i]];
      at->samples += stack.samples;
    }
  }
  const double height = kTop + kRow * static_cast<double>(1 + depth_of(root)) + 10;
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0f} {:.0f}\" font-family=\"monospace\" "
      "font-size=\"11\">\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n<text x=\"10\" y=\"24\" font-size=\"15\">{}</text>\n",
      kWidth, height, escaped(title));
  if (root.samples > 0)
    draw(svg, "all", root, 0, height - kRow - 5, kWidth / static_cast<double>(root.samples), root.samples);
  return svg + "</svg>\n";
}

std::vector<std::pair<std::string, double>> hottest(const std::vector<model::Stack>& stacks, std::size_t count) {
  std::map<std::string, std::int64_t> samples;
  std::int64_t all = 0;
  for (const auto& stack : stacks) {
    if (!stack.frames.empty()) samples[stack.frames.back()] += stack.samples;
    all += stack.samples;
  }
  std::vector<std::pair<std::string, double>> shares;
  for (const auto& [name, n] : samples) shares.emplace_back(name, static_cast<double>(n) / static_cast<double>(all));
  std::stable_sort(shares.begin(), shares.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  if (shares.size() > count) shares.resize(count);
  return shares;
}

}  // namespace aisp::analysis
