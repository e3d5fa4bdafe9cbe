// One variant an offence between ranks, for the sum of all ranks' vectors; ranks_test.cpp says how it must end.
#include <aisp/collectives.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

using aisp::Ranks;
using In = aisp::Matrix<const float>;
using Out = aisp::Matrix<float>;

constexpr int kWire = 8;

void honest(Ranks& ranks, In x, Out sum) {
  std::copy_n(x.data, x.size(), sum.data);
  std::vector<float> scratch(static_cast<std::size_t>(x.size()));
  aisp::ring_all_reduce(ranks, sum.data, sum.size(), scratch.data());
}

void by_way_of_rank_0(Ranks& ranks, In x, Out sum) {
  std::copy_n(x.data, x.size(), sum.data);
  std::vector<float> scratch(static_cast<std::size_t>(x.size()));
  aisp::reduce(ranks, 0, sum.data, sum.size(), scratch.data());
  aisp::broadcast(ranks, 0, sum.data, sum.size());
}

// Everybody sends everything before anybody receives: more than the sockets hold.
void sends_first(Ranks& ranks, In x, Out sum) {
  constexpr int kTimes = 200;
  std::vector<float> got(static_cast<std::size_t>(x.size()));
  for (int i = 0; i < kTimes; ++i)
    for (int r = 0; r < ranks.size(); ++r)
      if (r != ranks.rank()) ranks.send(r, x.data, x.size());
  std::copy_n(x.data, x.size(), sum.data);
  for (int r = 0; r < ranks.size(); ++r)
    for (int i = 0; i < kTimes && r != ranks.rank(); ++i) {
      ranks.receive(r, got.data(), x.size());
      for (std::int64_t k = 0; k < x.size() && i == 0; ++k) sum.data[k] += got[static_cast<std::size_t>(k)];
    }
}

void adds_its_own_twice(Ranks&, In x, Out sum) {
  for (std::int64_t i = 0; i < x.size(); ++i) sum.data[i] = 2 * x.data[i];
}

template <void (*offence)(Ranks&)> void of_rank_1(Ranks& ranks, In x, Out sum) {
  if (ranks.rank() == 1) offence(ranks);
  honest(ranks, x, sum);
}

void die(Ranks&) {
  volatile int* volatile nowhere = nullptr;
  *nowhere = 0;
}
void leave(Ranks&) { _exit(0); }
void hang(Ranks&) {
  for (;;) asm volatile("");
}
void give_up(Ranks&) { throw std::runtime_error("I give up"); }

struct Header {
  std::int32_t peer;
  std::uint32_t reserved;
  std::uint64_t message_bytes;
};
void send_raw(Header header, std::size_t payload) {
  std::vector<char> packet(sizeof header + payload);
  std::memcpy(packet.data(), &header, sizeof header);
  if (send(kWire, packet.data(), packet.size(), 0) < 0) std::abort();
}
void to_rank_99(Ranks&) { send_raw({99, 0, 4}, 4); }
void to_itself(Ranks&) { send_raw({1, 0, 4}, 4); }
void to_rank_minus_2(Ranks&) { send_raw({-2, 0, 4}, 4); }
void too_large(Ranks&) { send_raw({0, 0, std::uint64_t{1} << 40}, 1 << 16); }
void longer_than_it_says(Ranks&) { send_raw({0, 0, 4}, 64); }
void long_packet(Ranks&) { send_raw({0, 0, 1 << 17}, 1 << 17); }
void loaded_barrier(Ranks&) { send_raw({-1, 0, 4}, 4); }
void reserved_bits(Ranks&) { send_raw({0, 7, 4}, 4); }
void short_packet(Ranks&) {
  if (send(kWire, "abcd", 4, 0) < 0) std::abort();
}
void flood(Ranks&) {
  for (;;) send_raw({0, 0, 64}, 64);
}
void flood_of_barriers(Ranks&) {
  for (;;) send_raw({-1, 0, 0}, 0);
}
void close_the_wire(Ranks&) { close(kWire); }
void unknown_peer(Ranks& ranks) { ranks.send(99, "", 1); }
void absurd_size(Ranks& ranks) { ranks.send(0, static_cast<const char*>(nullptr), std::int64_t{1} << 40); }
void other_size(Ranks& ranks) { ranks.send(0, "hello", 5); }

void flood_of_one_that_waits(Ranks& ranks, In, Out) {
  if (ranks.rank() == 1) flood(ranks);
  ranks.barrier();
}

void rank_1_returns_at_once(Ranks& ranks, In x, Out sum) {
  if (ranks.rank() != 1) honest(ranks, x, sum);
}

// Its descriptors go nowhere, and the answer is right.
void passes_descriptors(Ranks& ranks, In x, Out sum) {
  Header header{ranks.rank() == 0 ? 1 : 0, 0, 4};
  std::int32_t load = 0;
  iovec parts[2] = {{&header, sizeof header}, {&load, sizeof load}};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int));
  const int out = 1, free = dup(out);
  close(free);
  std::memcpy(CMSG_DATA(rights), &out, sizeof out);
  if (sendmsg(kWire, &message, 0) < 0) std::abort();
  ranks.receive(header.peer, &load, 1);
  const int next = dup(out);  // what was received would have taken this number
  if (next != free) std::abort();
  close(next);
  honest(ranks, x, sum);
}

// All ranks in one: it reads beyond its shard.
void reads_beyond_its_shard(Ranks& ranks, In x, Out sum) {
  for (std::int64_t i = 0; i < x.size(); ++i) {
    sum.data[i] = 0;
    for (int r = 0; r < ranks.size(); ++r) sum.data[i] += x.data[(r - ranks.rank()) * x.size() + i];
  }
}

}  // namespace

#define RANKS(function)                                                      \
  static const ::aisp::detail::RegisterVariant registered_##function {       \
    [] {                                                                     \
      auto v = ::aisp::detail::describe<function>(::aisp::VariantOptions{}); \
      v.name = #function;                                                    \
      return v;                                                              \
    }()                                                                      \
  }
#define OF_RANK_1(offence)                                                             \
  static const ::aisp::detail::RegisterVariant registered_##offence {                  \
    [] {                                                                               \
      auto v = ::aisp::detail::describe<of_rank_1<offence>>(::aisp::VariantOptions{}); \
      v.name = #offence;                                                               \
      return v;                                                                        \
    }()                                                                                \
  }

RANKS(honest);
RANKS(by_way_of_rank_0);
RANKS(sends_first);
RANKS(adds_its_own_twice);
RANKS(rank_1_returns_at_once);
RANKS(passes_descriptors);
RANKS(reads_beyond_its_shard);
OF_RANK_1(die);
OF_RANK_1(leave);
OF_RANK_1(hang);
OF_RANK_1(give_up);
OF_RANK_1(to_rank_99);
OF_RANK_1(to_itself);
OF_RANK_1(to_rank_minus_2);
OF_RANK_1(too_large);
OF_RANK_1(longer_than_it_says);
OF_RANK_1(long_packet);
OF_RANK_1(loaded_barrier);
OF_RANK_1(reserved_bits);
OF_RANK_1(short_packet);
OF_RANK_1(flood);
OF_RANK_1(flood_of_barriers);
RANKS(flood_of_one_that_waits);
OF_RANK_1(close_the_wire);
OF_RANK_1(unknown_peer);
OF_RANK_1(absurd_size);
OF_RANK_1(other_size);
