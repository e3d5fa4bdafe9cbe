// Recordings of the audit pass as text, one activity a line, so that what a GPU recorded can be replayed without one.
//
//     # a comment
//     tool CUPTI 130001
//     phase run calls=1 drained=1 dropped=0
//     kernel order=3 stream=7 start=100 end=200 grid=4,1,1 block=256,1,1 name=scale
//
// A field that is not given is 0, or empty; `name` is the rest of the line.
#pragma once

#include "judge/activity.hpp"

#include <array>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace aisp::judge {

constexpr std::array kActivityNames{"none",        "kernel",       "copy",          "memset",       "allocation",
                                    "release",     "graph_launch", "host_function", "event_record", "stream_wait",
                                    "stream_sync", "event_sync",   "device_sync",   "context",      "stream",
                                    "module",      "library"};
static_assert(kActivityNames.size() == static_cast<std::size_t>(kLastActivityKind) + 1);

// visit(name, member) for every number of an activity.
template <class A, class Visit> void visit_numbers(A& a, Visit&& visit) {
  visit("order", a.order), visit("stream", a.stream), visit("device", a.device), visit("flags", a.flags);
  visit("graph", a.graph), visit("nodes", a.nodes), visit("host_nodes", a.host_nodes), visit("start", a.start);
  visit("end", a.end), visit("bytes", a.bytes), visit("event", a.event), visit("registers", a.registers);
  visit("shared", a.shared_bytes);
}

inline std::string to_text(const Recording& recording) {
  std::ostringstream out;
  out << "tool " << recording.tool << '\n';
  for (const auto& p : recording.phases) {
    out << "phase " << p.name << " calls=" << p.calls << " drained=" << p.drained << " dropped=" << p.dropped << '\n';
    for (const auto& a : p.activities) {
      out << kActivityNames[static_cast<std::size_t>(a.kind)];
      visit_numbers(a, [&](const char* name, auto value) {
        if (value) out << ' ' << name << '=' << value;
      });
      if (a.kind == ActivityKind::kernel)
        out << " grid=" << a.grid[0] << ',' << a.grid[1] << ',' << a.grid[2] << " block=" << a.block[0] << ','
            << a.block[1] << ',' << a.block[2];
      if (!a.name.empty()) out << " name=" << a.name;
      out << '\n';
    }
  }
  return out.str();
}

inline void read_shape(const std::string& text, std::int32_t (&into)[3]) {
  char comma;
  std::istringstream in(text);
  if (!(in >> into[0] >> comma >> into[1] >> comma >> into[2])) throw std::runtime_error("not a shape: " + text);
}

inline Activity activity_of(const std::string& line) {
  Activity a;
  std::istringstream in(line);
  std::string word;
  in >> word;
  for (std::size_t kind = 1; kind < kActivityNames.size(); ++kind)
    if (word == kActivityNames[kind]) a.kind = static_cast<ActivityKind>(kind);
  if (a.kind == ActivityKind::none) throw std::runtime_error("not an activity: " + line);
  while (in >> word) {
    const auto equals = word.find('=');
    const auto key = word.substr(0, equals), value = equals == word.npos ? "" : word.substr(equals + 1);
    if (key == "name") {
      std::string rest;
      std::getline(in, rest);
      a.name = value + rest;
      break;
    }
    bool known = key == "grid" || key == "block";
    if (known) read_shape(value, key == "grid" ? a.grid : a.block);
    visit_numbers(a, [&](const char* name, auto& member) {
      if (key != name) return;
      known = true;
      member = static_cast<std::remove_cvref_t<decltype(member)>>(std::stoull(value));
    });
    if (!known) throw std::runtime_error("no such field: " + line);
  }
  return a;
}

inline Recording recording_of(std::string_view text) {
  Recording recording;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    line.erase(0, line.find_first_not_of(' '));
    if (line.empty() || line[0] == '#') continue;
    if (line.starts_with("tool ")) {
      recording.tool = line.substr(5);
    } else if (line.starts_with("phase ")) {
      char name[32] = {};
      int calls = 0, drained = 1;
      unsigned long long dropped = 0;
      if (std::sscanf(line.c_str(), "phase %31s calls=%d drained=%d dropped=%llu", name, &calls, &drained, &dropped) !=
          4)
        throw std::runtime_error("not a phase: " + line);
      recording.phases.push_back({name, calls, drained != 0, dropped, {}});
    } else {
      if (recording.phases.empty()) recording.phases.push_back({"run", 1, true, 0, {}});
      recording.phases.back().activities.push_back(activity_of(line));
    }
  }
  return recording;
}

}  // namespace aisp::judge
