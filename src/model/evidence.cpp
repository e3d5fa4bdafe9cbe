#include "model/evidence.hpp"

#include "model/verdict.hpp"

#include <array>
#include <utility>

namespace aisp::model {
namespace {
constexpr std::array<std::pair<Status, const char*>, 8> kStatusNames{{{Status::ok, "ok"},
                                                                      {Status::not_run, "not_run"},
                                                                      {Status::refused, "refused"},
                                                                      {Status::failed, "failed"},
                                                                      {Status::crashed, "crashed"},
                                                                      {Status::timed_out, "timed_out"},
                                                                      {Status::out_of_memory, "out_of_memory"},
                                                                      {Status::protocol, "protocol"}}};
}

std::string to_string(Status s) {
  for (const auto& [status, name] : kStatusNames)
    if (status == s) return name;
  return "?";
}

std::optional<Status> status_from(const std::string& text) {
  for (const auto& [status, name] : kStatusNames)
    if (text == name) return status;
  return std::nullopt;
}

std::string to_string(Word w) {
  switch (w) {
    case Word::fast: return "FAST";
    case Word::slow: return "SLOW";
    case Word::same: return "SAME";
    case Word::unresolved: return "UNRESOLVED";
  }
  return "?";
}

}  // namespace aisp::model
