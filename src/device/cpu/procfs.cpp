#include "device/cpu/procfs.hpp"

#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <sstream>

namespace aisp::device::procfs {
namespace {

constexpr std::string_view kSpace = " \t\n\r";

std::string_view trim(std::string_view s) {
  const auto from = s.find_first_not_of(kSpace);
  if (from == s.npos) return {};
  return s.substr(from, s.find_last_not_of(kSpace) - from + 1);
}

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return line;
}

// The value when `line` is "key: value", "key : value" or "key value".
std::optional<std::string_view> value_of(std::string_view line, std::string_view key) {
  if (!line.starts_with(key)) return std::nullopt;
  line.remove_prefix(key.size());
  if (!line.empty() && kSpace.find(line.front()) == kSpace.npos && line.front() != ':') return std::nullopt;
  const auto from = line.find_first_not_of(" \t");
  if (from == line.npos) return std::string_view{};
  line.remove_prefix(from);
  if (line.front() == ':') line.remove_prefix(1);
  return trim(line);
}

double real(std::string_view s) {
  double value = 0;
  s = trim(s);
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
  return error == std::errc{} && std::isfinite(value) ? value : 0;
}

}  // namespace

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return {};
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return std::string(text.substr(0, text.find_last_not_of(kSpace) + 1));
}

std::optional<std::int64_t> integer(std::string_view s) {
  s = trim(s);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (error != std::errc{}) return std::nullopt;
  return value;
}

std::vector<int> parse_cpu_list(std::string_view s) {
  constexpr int kMaxCpu = 1 << 16;  // far above any kernel's NR_CPUS: a mistyped range must not fill memory
  std::vector<int> cpus;
  s = trim(s);
  while (!s.empty()) {
    const auto part = s.substr(0, s.find(','));
    s.remove_prefix(part.size() == s.size() ? s.size() : part.size() + 1);
    const auto dash = part.find('-');
    const auto lo = integer(part.substr(0, dash));
    const auto hi = dash == part.npos ? lo : integer(part.substr(dash + 1));
    if (!lo || !hi || *lo < 0 || *hi < *lo || *hi > kMaxCpu) break;
    for (auto cpu = *lo; cpu <= *hi; ++cpu) cpus.push_back(static_cast<int>(cpu));
  }
  return cpus;
}

std::string field(std::string_view text, std::string_view key) {
  while (!text.empty())
    if (const auto value = value_of(take_line(text), key)) return std::string(*value);
  return {};
}

std::string bracketed(std::string_view s) {
  const auto open = s.find('[');
  const auto close = s.find(']', open == s.npos ? 0 : open);
  return open == s.npos || close == s.npos ? std::string{} : std::string(s.substr(open + 1, close - open - 1));
}

std::uint64_t meminfo_bytes(std::string_view text, std::string_view key) {
  const auto kib = integer(field(text, key));
  return kib && *kib > 0 ? static_cast<std::uint64_t>(*kib) * 1024 : 0;
}

double cpu_max_cores(std::string_view s) {
  std::istringstream in{std::string(s)};
  std::string quota, period;
  in >> quota >> period;
  const auto q = integer(quota), p = integer(period);
  return q && p && *q > 0 && *p > 0 ? static_cast<double>(*q) / static_cast<double>(*p) : 0;
}

std::map<std::string, std::string> cgroup_paths(std::string_view text) {
  std::map<std::string, std::string> paths;
  while (!text.empty()) {
    const auto line = take_line(text);
    const auto first = line.find(':');
    const auto second = first == line.npos ? line.npos : line.find(':', first + 1);
    if (second == line.npos) continue;
    const std::string path(trim(line.substr(second + 1)));
    auto controllers = line.substr(first + 1, second - first - 1);
    do {  // "cpu,cpuacct" names two controllers of one hierarchy
      const auto name = controllers.substr(0, controllers.find(','));
      paths[std::string(name)] = path;
      controllers.remove_prefix(name.size() == controllers.size() ? name.size() : name.size() + 1);
    } while (!controllers.empty());
  }
  return paths;
}

std::optional<CpuTicks> cpu_ticks(std::string_view text, int cpu) {
  std::istringstream in{field(text, "cpu" + std::to_string(cpu))};
  std::uint64_t user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0;
  if (!(in >> user >> nice >> system >> idle)) return std::nullopt;
  in >> iowait >> irq >> softirq >> steal;  // newer kernels; absent = 0
  return CpuTicks{.busy = user + nice + system + irq + softirq + steal, .idle = idle + iowait};
}

double cpuinfo_mhz(std::string_view text, int cpu) {
  bool here = false;
  while (!text.empty()) {
    const auto line = take_line(text);
    if (const auto n = value_of(line, "processor")) here = integer(*n) == cpu;
    if (here)
      if (const auto mhz = value_of(line, "cpu MHz")) return real(*mhz);
  }
  return 0;
}

std::string describe_swaps(std::string_view text) {
  if (text.empty()) return {};
  take_line(text);  // heading
  std::string all;
  while (!text.empty()) {
    std::istringstream in{std::string(take_line(text))};
    std::string name, type;
    std::uint64_t size_kib = 0, used_kib = 0;
    if (!(in >> name >> type >> size_kib >> used_kib)) continue;
    if (!all.empty()) all += "; ";
    all += name + " " + std::to_string(size_kib / 1024) + " MiB, " + std::to_string(used_kib / 1024) + " MiB used";
  }
  return all.empty() ? "none" : all;
}

}  // namespace aisp::device::procfs
