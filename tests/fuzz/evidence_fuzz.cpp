// Any text is a document or is refused by one line; what was read of any version is written as the newest and read
// again; all of it can be judged. Profiles are read and written too.
#include "analysis/verdict.hpp"
#include "record/json.hpp"

#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace {

void read_profile(std::string_view text) {
  std::string written;
  try {
    written = aisp::record::to_json(aisp::record::parse_profile(text));
  } catch (const std::runtime_error& error) {
    if (std::string_view(error.what()).find('\n') != std::string_view::npos) std::abort();
    return;
  }
  if (aisp::record::to_json(aisp::record::parse_profile(written)) != written) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_profile(text);
  std::string written;
  try {
    const auto evidence = aisp::record::parse_evidence(text);
    aisp::analysis::verdict(evidence);
    written = aisp::record::to_json(evidence);
  } catch (const std::runtime_error& error) {
    if (std::string_view(error.what()).find('\n') != std::string_view::npos) std::abort();
    return 0;
  }
  if (aisp::record::to_json(aisp::record::parse_evidence(written)) != written) std::abort();
  return 0;
}
