#include "judge/wire_switch.hpp"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace aisp::judge {
namespace {

constexpr int kBurst = 16;             // packets of one rank before the others are looked at
constexpr int kSocketBytes = 1 << 20;  // asked for; the kernel may give less
constexpr std::size_t kLongest = sizeof(PacketHeader) + kPacketBytes;

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

}  // namespace

WireSwitch::WireSwitch(int ranks) : ports_(static_cast<std::size_t>(ranks)), packet_(kLongest) {
  for (auto& port : ports_) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) fail("socketpair");
    port.ours = Fd(pair[0]), port.theirs = Fd(pair[1]);
    for (const int fd : pair) setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kSocketBytes, sizeof kSocketBytes);
    port.traffic.to.resize(ports_.size()), port.traffic.from.resize(ports_.size());
  }
  wake_ = Fd(eventfd(0, EFD_CLOEXEC));
  if (!wake_) fail("eventfd");
  thread_ = std::thread([this] { serve(); });
}

WireSwitch::~WireSwitch() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  eventfd_write(wake_.get(), 1);
  thread_.join();
}

void WireSwitch::forget() {
  const std::lock_guard lock(mutex_);
  for (auto& port : ports_) {
    port.traffic = {};
    port.traffic.to.resize(ports_.size()), port.traffic.from.resize(ports_.size());
  }
}

std::vector<Traffic> WireSwitch::count() {
  const std::lock_guard lock(mutex_);
  std::vector<Traffic> all;
  for (const auto& port : ports_) all.push_back(port.traffic);
  return all;
}

WireSwitch::Offence WireSwitch::offence() {
  const std::lock_guard lock(mutex_);
  return offence_;
}

WireSwitch::Offence WireSwitch::settle() {
  const std::lock_guard lock(mutex_);
  const auto readable = [](const Port& port) {
    pollfd p{port.ours.get(), POLLIN, 0};
    return port.open && port.waiting.empty() && poll(&p, 1, 0) > 0 && (p.revents & POLLIN);
  };
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t r = 0; r < ports_.size(); ++r) {
      auto& port = ports_[r];
      pay(port);
      if (!port.waiting.empty() && pass_on(static_cast<int>(r), port.waiting.data(), port.waiting.size()))
        port.waiting.clear(), moved = true;
      if (readable(port)) take(static_cast<int>(r)), moved = true;
    }
  }
  for (std::size_t r = 0; r < ports_.size(); ++r) {
    const auto& port = ports_[r];
    const int rank = static_cast<int>(r);
    if (!port.open) continue;
    if (port.left > 0 || !port.waiting.empty() || readable(port))
      return {rank, "it sent messages that nobody had taken in when the next calls were to begin"};
    int unread = 0;
    if (ioctl(port.ours.get(), SIOCOUTQ, &unread) == 0 && unread > 0)
      return {rank, "it had not taken in what was sent to it when the next calls were to begin"};
  }
  return {};
}

void WireSwitch::serve() {
  std::vector<pollfd> waits(ports_.size() + 1);
  std::unique_lock lock(mutex_);
  while (!ending_) {
    waits.back() = {wake_.get(), POLLIN, 0};
    for (std::size_t r = 0; r < ports_.size(); ++r) {
      const auto& port = ports_[r];
      const bool wanted = port.owed > 0 || std::any_of(ports_.begin(), ports_.end(), [&](const auto& p) {
                            return !p.waiting.empty() && p.to == static_cast<int>(r);
                          });
      const int events = (port.waiting.empty() ? POLLIN : 0) | (wanted ? POLLOUT : 0);
      waits[r] = {port.open && events ? port.ours.get() : -1, static_cast<short>(events), 0};
    }
    lock.unlock();
    const int n = poll(waits.data(), waits.size(), -1);
    lock.lock();
    if (n < 0) continue;  // EINTR
    for (std::size_t r = 0; r < ports_.size(); ++r) {
      auto& port = ports_[r];
      if (waits[r].revents & POLLOUT) {
        pay(port);
        for (std::size_t from = 0; from < ports_.size(); ++from) {
          auto& sender = ports_[from];
          if (sender.waiting.empty() || sender.to != static_cast<int>(r)) continue;
          if (pass_on(static_cast<int>(from), sender.waiting.data(), sender.waiting.size())) sender.waiting.clear();
        }
      }
      if (waits[r].revents & POLLIN) take(static_cast<int>(r));
      if (waits[r].revents & (POLLHUP | POLLERR)) port.open = false;  // the worker is gone, which the judge sees too
    }
  }
}

// Reads what a rank sent, until it has nothing more, or its receiver has no room, or it is another's turn.
void WireSwitch::take(int rank) {
  auto& port = ports_[static_cast<std::size_t>(rank)];
  for (int i = 0; i < kBurst && port.open && port.waiting.empty(); ++i) {
    // Descriptors that come along are not asked for: the kernel closes them.
    const auto n = recv(port.ours.get(), packet_.data(), packet_.size(), MSG_DONTWAIT | MSG_TRUNC);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) {
      port.open = false;
      return;
    }
    if (!accept(rank, static_cast<std::size_t>(n))) return;
  }
}

// One packet, in packet_; false when that rank is not listened to any more.
bool WireSwitch::accept(int rank, std::size_t bytes) {
  auto& port = ports_[static_cast<std::size_t>(rank)];
  PacketHeader header;
  if (bytes < sizeof header || bytes > kLongest) {
    offend(rank, "a packet of " + std::to_string(bytes) + " bytes");
    return false;
  }
  std::memcpy(&header, packet_.data(), sizeof header);
  const std::uint64_t payload = bytes - sizeof header;
  if (header.reserved != 0) {
    offend(rank, "a packet that makes no sense");
    return false;
  }
  if (header.peer == kBarrier && port.left == 0) {
    if (payload != 0 || header.message_bytes != 0) {
      offend(rank, "a barrier with a load");
      return false;
    }
    ++port.arrived, ++port.traffic.barriers;
    release_barrier();
    return true;
  }
  if (header.peer < 0 || header.peer >= static_cast<int>(ports_.size()) || header.peer == rank) {
    offend(rank, "a message to rank " + std::to_string(header.peer) + "; the others are below " +
                     std::to_string(ports_.size()));
    return false;
  }
  const bool begins = port.left == 0;
  if (begins) {
    if (header.message_bytes > kMostMessageBytes) {
      offend(rank, "a message of " + std::to_string(header.message_bytes) + " bytes; at most " +
                       std::to_string(kMostMessageBytes) + " are allowed");
      return false;
    }
    port.to = header.peer;
    port.left = header.message_bytes;
  }
  if (header.peer != port.to || payload != std::min<std::uint64_t>(port.left, kPacketBytes)) {
    offend(rank, "a packet that does not go on with its message");
    return false;
  }
  port.left -= payload;

  auto& traffic = port.traffic;
  const auto size = static_cast<std::int64_t>(header.message_bytes);
  if (begins) {
    ++traffic.to[static_cast<std::size_t>(port.to)].messages;
    if (traffic.sizes.size() < kMostSizes || traffic.sizes.contains(size))
      ++traffic.sizes[size];
    else
      ++traffic.other_sizes;
  }
  traffic.to[static_cast<std::size_t>(port.to)].bytes += static_cast<std::int64_t>(payload);
  header.peer = rank;
  std::memcpy(packet_.data(), &header, sizeof header);
  if (!pass_on(rank, packet_.data(), bytes))
    port.waiting.assign(packet_.begin(), packet_.begin() + static_cast<std::ptrdiff_t>(bytes));
  return true;
}

// Hands a packet to its receiver; false when that has no room now. A receiver that is gone takes everything.
bool WireSwitch::pass_on(int from, const std::byte* packet, std::size_t bytes) {
  auto& sender = ports_[static_cast<std::size_t>(from)];
  auto& receiver = ports_[static_cast<std::size_t>(sender.to)];
  if (receiver.open && send(receiver.ours.get(), packet, bytes, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 &&
      (errno == EAGAIN || errno == EINTR || errno == ENOBUFS))
    return false;
  auto& link = receiver.traffic.from[static_cast<std::size_t>(from)];
  link.messages += sender.left == 0;  // its last packet
  link.bytes += static_cast<std::int64_t>(bytes - sizeof(PacketHeader));
  return true;
}

void WireSwitch::release_barrier() {
  while (std::all_of(ports_.begin(), ports_.end(), [&](const auto& p) { return p.arrived > released_; })) {
    ++released_;
    for (auto& port : ports_) {
      ++port.owed;
      pay(port);
    }
  }
}

void WireSwitch::pay(Port& port) {
  const PacketHeader release{kBarrier, 0, 0};
  while (port.owed > 0) {
    const auto sent = send(port.ours.get(), &release, sizeof release, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOBUFS)) return;
    --port.owed;
  }
}

void WireSwitch::offend(int rank, const std::string& what) {
  ports_[static_cast<std::size_t>(rank)].open = false;
  if (offence_.rank < 0) offence_ = {rank, what};
}

}  // namespace aisp::judge
