// Worker side: a rank's end of the wire, and what a plugin gets of it (aisp/wire.h).
#pragma once

#include <aisp/wire.h>

#include "judge/wire.hpp"

#include <deque>
#include <string>
#include <vector>

namespace aisp::judge {

class WireEnd {
 public:
  WireEnd(int fd, int rank, int ranks);
  WireEnd(const WireEnd&) = delete;
  WireEnd& operator=(const WireEnd&) = delete;

  // Hands the wire to the plugin, which must be loaded, if it asks for one.
  void offer(const char* plugin) const;

  // Each throws std::invalid_argument for what cannot be sent or is not what was sent.
  void send(int to, const void* data, std::uint64_t bytes);
  void receive(int from, void* data, std::uint64_t bytes);
  void barrier();

 private:
  struct Message {
    std::vector<std::byte> bytes;
    std::size_t filled = 0;
  };
  struct Sink {  // where the message that receive waits for goes
    int from = -1;
    std::byte* data = nullptr;
    std::uint64_t bytes = 0, filled = 0;
    bool begun = false;
  };
  void push(const PacketHeader&, const std::byte* payload, std::size_t bytes);
  bool take_in();  // one packet; false when there is none
  void wait(short events) const;
  void require_peer(int peer, const char* what) const;
  template <class Body> static const char* guarded(void* context, Body&& body);

  int fd_, rank_;
  aisp_wire abi_;
  std::vector<std::byte> packet_;
  std::vector<std::deque<Message>> inbox_;  // by sender
  Sink sink_;
  std::int64_t releases_ = 0;  // of barriers, not yet used
  std::string message_;
};

}  // namespace aisp::judge
