// Whatever a worker writes on its page, parsing it ends in a checked report or a reason.
#include "judge/protocol.hpp"

#include <cstdlib>
#include <cstring>
#include <memory>

using namespace aisp::judge;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto page = std::make_unique<WorkerPage>();
  auto* bytes = reinterpret_cast<std::byte*>(page.get());
  const Asked asked{size % 2 != 0, size % 4 > 1, size % 8 > 3};
  std::memset(bytes, 0, sizeof(WorkerPage));
  std::memcpy(bytes, data, std::min(size, sizeof(WorkerPage)));
  std::string why;
  const auto report = parse_report(bytes, sizeof(WorkerPage), asked, why);
  if (report ? report->message.size() >= kMessageBytes : why.empty()) std::abort();
  return 0;
}
