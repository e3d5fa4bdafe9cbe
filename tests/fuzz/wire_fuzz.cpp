// Whatever one rank writes into its socket, the switch goes on serving the others, and what it passes on is well
// formed.
#include "judge/wire_end.hpp"
#include "judge/wire_switch.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aisp::judge;
  WireSwitch wire(3);
  while (size > 2) {  // datagrams, each behind its length
    const std::size_t wanted = data[0] | std::size_t{data[1]} << 8, bytes = std::min(wanted, size - 2);
    if (bytes) send(wire.end_of(2).get(), data + 2, bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
    data += 2 + bytes, size -= 2 + bytes;
  }
  WireEnd zero(wire.end_of(0).get(), 0, 3), one(wire.end_of(1).get(), 1, 3);
  const int said = 42;
  int heard = 0;
  zero.send(1, &said, sizeof said);
  one.receive(0, &heard, sizeof heard);
  if (heard != said) std::abort();
  for (const auto& traffic : wire.count())
    for (const auto& [bytes, count] : traffic.sizes)
      if (bytes < 0 || count < 1) std::abort();
  return 0;
}
