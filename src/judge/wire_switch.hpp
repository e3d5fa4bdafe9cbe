// The wire between the ranks of a variant: every message passes through a thread of the judge, which knows its sender,
// checks where it goes and how long it is, and counts it. A rank holds one socket, and nothing that leads past it.
#pragma once

#include "judge/memory.hpp"
#include "judge/wire.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace aisp::judge {

// What one rank sent and got since the last count.
struct Traffic {
  struct Link {
    std::int64_t messages = 0, bytes = 0;
  };
  std::vector<Link> to, from;                  // by rank
  std::map<std::int64_t, std::int64_t> sizes;  // of messages sent: bytes, how many
  std::int64_t other_sizes = 0;                // messages of sizes that found no room there
  std::int64_t barriers = 0;
};
inline constexpr std::size_t kMostSizes = 64;

class WireSwitch {
 public:
  explicit WireSwitch(int ranks);  // throws std::system_error
  ~WireSwitch();
  WireSwitch(const WireSwitch&) = delete;
  WireSwitch& operator=(const WireSwitch&) = delete;

  // The socket of a rank, to be given to its worker.
  Fd& end_of(int rank) { return ports_[static_cast<std::size_t>(rank)].theirs; }

  void forget();                 // counts from 0 from now on
  std::vector<Traffic> count();  // by rank
  struct Offence {
    int rank = -1;  // −1: none so far
    std::string what;
  };
  Offence offence();  // the first that was seen; that rank is not listened to any more
  // While the ranks stand: passes on what they have sent, as far as there is room. Returns who has sent what nobody
  // took in, if anybody.
  Offence settle();

 private:
  struct Port {
    Fd ours, theirs;
    bool open = true;
    // The message that it is sending.
    int to = -1;
    std::uint64_t left = 0;
    std::vector<std::byte> waiting;      // a packet for which its receiver has no room: nothing is read until it has
    std::int64_t arrived = 0, owed = 0;  // barriers that it has come to; of those, releases that it is to be sent
    Traffic traffic;
  };

  void serve();
  void take(int rank);
  bool accept(int rank, std::size_t bytes);
  void offend(int rank, const std::string& what);
  bool pass_on(int from, const std::byte* packet, std::size_t bytes);
  void release_barrier();
  void pay(Port&);

  std::mutex mutex_;  // of everything below
  std::vector<Port> ports_;
  std::vector<std::byte> packet_;
  std::int64_t released_ = 0;
  Offence offence_;
  Fd wake_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace aisp::judge
