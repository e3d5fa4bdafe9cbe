// What crosses the sockets between the ranks of a variant and the judge's switch: packets, one a datagram. Whatever a
// rank sends is untrusted bytes to the switch; what the switch sends is believed.
#pragma once

#include <cstddef>
#include <cstdint>

namespace aisp::judge {

inline constexpr std::int32_t kBarrier = -1;
inline constexpr std::size_t kPacketBytes = 64 << 10;  // of payload, at most
inline constexpr std::uint64_t kMostMessageBytes = 1ull << 30;

// Before the payload of each packet. A message of more than kPacketBytes goes in packets that are all full but the
// last, and no other packet of that rank between them.
struct PacketHeader {
  std::int32_t peer = 0;            // to the switch: the receiver; from it: the sender; or kBarrier
  std::uint32_t reserved = 0;       // 0
  std::uint64_t message_bytes = 0;  // of the whole message; 0 for a barrier
};

}  // namespace aisp::judge
