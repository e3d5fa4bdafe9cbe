#include "judge/wire_end.hpp"

#include <dlfcn.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <system_error>

namespace aisp::judge {

template <class Body> const char* WireEnd::guarded(void* context, Body&& body) {
  auto& self = *static_cast<WireEnd*>(context);
  try {
    body(self);
    return nullptr;
  } catch (const std::exception& e) {
    self.message_ = e.what();
    return self.message_.c_str();
  }
}

WireEnd::WireEnd(int fd, int rank, int ranks)
    : fd_(fd),
      rank_(rank),
      abi_{sizeof(aisp_wire),
           rank,
           ranks,
           this,
           [](void* c, std::int32_t to, const void* data, std::uint64_t bytes) {
             return guarded(c, [&](WireEnd& w) { w.send(to, data, bytes); });
           },
           [](void* c, std::int32_t from, void* data, std::uint64_t bytes) {
             return guarded(c, [&](WireEnd& w) { w.receive(from, data, bytes); });
           },
           [](void* c) { return guarded(c, [](WireEnd& w) { w.barrier(); }); }},
      packet_(sizeof(PacketHeader) + kPacketBytes),
      inbox_(static_cast<std::size_t>(ranks)) {}

void WireEnd::offer(const char* plugin) const {
  void* library = dlopen(plugin, RTLD_NOW | RTLD_NOLOAD);
  if (!library) return;
  if (const auto take = reinterpret_cast<aisp_wire_fn>(dlsym(library, AISP_WIRE_SYMBOL))) take(&abi_);
  dlclose(library);
}

void WireEnd::require_peer(int peer, const char* what) const {
  if (peer < 0 || peer >= abi_.ranks || peer == rank_)
    throw std::invalid_argument("rank " + std::to_string(rank_) + " cannot " + what + " rank " + std::to_string(peer) +
                                "; the others are below " + std::to_string(abi_.ranks));
}

void WireEnd::wait(short events) const {
  pollfd p{fd_, events, 0};
  while (poll(&p, 1, -1) < 0 && errno == EINTR) continue;
}

// While there is no room, what the others send is taken in: two that send to each other do not wait for each other.
void WireEnd::push(const PacketHeader& header, const std::byte* payload, std::size_t bytes) {
  iovec parts[2] = {{const_cast<PacketHeader*>(&header), sizeof header}, {const_cast<std::byte*>(payload), bytes}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = bytes ? 2 : 1;
  while (sendmsg(fd_, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
    if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS)
      throw std::system_error(errno, std::generic_category(), "the wire");
    if (!take_in()) wait(POLLIN | POLLOUT);
  }
}

void WireEnd::send(int to, const void* data, std::uint64_t bytes) {
  require_peer(to, "send to");
  if (bytes > kMostMessageBytes)
    throw std::invalid_argument("a message of " + std::to_string(bytes) + " bytes; at most " +
                                std::to_string(kMostMessageBytes) + " are allowed");
  const PacketHeader header{to, 0, bytes};
  const auto* from = static_cast<const std::byte*>(data);
  std::uint64_t done = 0;
  do {
    const auto part = std::min<std::uint64_t>(bytes - done, kPacketBytes);
    push(header, from + done, part);
    done += part;
  } while (done < bytes);
}

bool WireEnd::take_in() {
  const auto n = recv(fd_, packet_.data(), packet_.size(), MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (n < static_cast<ssize_t>(sizeof(PacketHeader))) throw std::runtime_error("the wire is closed");
  PacketHeader header;
  std::memcpy(&header, packet_.data(), sizeof header);
  const auto* payload = packet_.data() + sizeof header;
  const auto bytes = static_cast<std::size_t>(n) - sizeof header;
  if (header.peer == kBarrier) {
    ++releases_;
    return true;
  }
  auto& queue = inbox_[static_cast<std::size_t>(header.peer)];
  if (header.peer == sink_.from && queue.empty()) {  // what is waited for, without a detour
    if (!sink_.begun && header.message_bytes != sink_.bytes) {
      queue.push_back({std::vector<std::byte>(header.message_bytes), 0});  // receive says what is wrong with it
    } else {
      sink_.begun = true;
      std::copy_n(payload, bytes, sink_.data + sink_.filled);
      sink_.filled += bytes;
      if (sink_.filled == sink_.bytes) sink_.from = -1;
      return true;
    }
  } else if (queue.empty() || queue.back().filled == queue.back().bytes.size()) {
    queue.push_back({std::vector<std::byte>(header.message_bytes), 0});
  }
  auto& message = queue.back();
  std::copy_n(payload, bytes, message.bytes.data() + message.filled);
  message.filled += bytes;
  return true;
}

void WireEnd::receive(int from, void* data, std::uint64_t bytes) {
  require_peer(from, "receive from");
  auto& queue = inbox_[static_cast<std::size_t>(from)];
  if (queue.empty()) {
    sink_ = {from, static_cast<std::byte*>(data), bytes, 0, false};
    while (sink_.from >= 0 && queue.empty())
      if (!take_in()) wait(POLLIN);
    const bool arrived = sink_.from < 0;
    sink_ = {};
    if (arrived) return;
  }
  auto& message = queue.front();
  if (message.bytes.size() != bytes)
    throw std::invalid_argument("rank " + std::to_string(from) + " sent " + std::to_string(message.bytes.size()) +
                                " bytes where rank " + std::to_string(rank_) + " expects " + std::to_string(bytes));
  while (message.filled < bytes)
    if (!take_in()) wait(POLLIN);
  std::copy(message.bytes.begin(), message.bytes.end(), static_cast<std::byte*>(data));
  queue.pop_front();
}

void WireEnd::barrier() {
  push({kBarrier, 0, 0}, nullptr, 0);
  while (releases_ == 0)
    if (!take_in()) wait(POLLIN);
  --releases_;
}

}  // namespace aisp::judge
