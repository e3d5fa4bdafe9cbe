// Any output of a compiler, whose text the judged source can choose, ends in one line that was in it.
#include "model/text.hpp"
#include "nvrtc/first_error.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string output(reinterpret_cast<const char*>(data), size);
  const auto shown = aisp::model::printable(output);
  const auto line = aisp::nvrtc::first_error(output);
  if (line.empty() || line.find('\n') != std::string::npos) std::abort();
  const auto error = line.rfind("error:");
  if (error != std::string::npos && shown.find(line.substr(error)) == std::string::npos) std::abort();
  return 0;
}
