// The wire between ranks without workers: what the switch counts, what it refuses, and that nothing a rank sends does
// it harm.
#include "judge/wire_end.hpp"
#include "judge/wire_switch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/socket.h>
#include <time.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace aisp::judge {
namespace {

using testing::HasSubstr;

// Runs `body` as each rank, in a thread each.
void as_ranks(WireSwitch& wire, int ranks, const std::function<void(WireEnd&, int)>& body) {
  std::vector<std::thread> threads;
  for (int r = 0; r < ranks; ++r)
    threads.emplace_back([&, r] {
      WireEnd end(wire.end_of(r).get(), r, ranks);
      body(end, r);
    });
  for (auto& t : threads) t.join();
}

std::vector<int> pattern(int from, std::size_t count) {
  std::vector<int> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = from * 1000003 + static_cast<int>(i);
  return values;
}

TEST(Wire, MessagesOfAllSizesArriveInOrderAndAreCounted) {
  constexpr int kRanks = 3;
  const std::vector<std::size_t> sizes{0, 1, 100, kPacketBytes / 4, kPacketBytes / 4 + 1, 300000};
  WireSwitch wire(kRanks);
  as_ranks(wire, kRanks, [&](WireEnd& end, int rank) {
    for (const auto n : sizes)  // everything is sent before anything is received
      for (int to = 0; to < kRanks; ++to)
        if (to != rank) end.send(to, pattern(rank, n).data(), 4 * n);
    end.barrier();
    for (int from = kRanks - 1; from >= 0; --from)
      for (const auto n : sizes) {
        if (from == rank) continue;
        std::vector<int> got(n);
        end.receive(from, got.data(), 4 * n);
        EXPECT_EQ(got, pattern(from, n));
      }
    end.barrier();
  });
  std::int64_t bytes = 0;
  for (const auto n : sizes) bytes += static_cast<std::int64_t>(4 * n);
  for (const auto& t : wire.count()) {
    EXPECT_EQ(t.barriers, 2);
    EXPECT_EQ(t.sizes.size(), sizes.size());
    std::int64_t sent = 0, received = 0, messages = 0;
    for (int r = 0; r < kRanks; ++r)
      sent += t.to[static_cast<std::size_t>(r)].bytes, received += t.from[static_cast<std::size_t>(r)].bytes,
          messages += t.from[static_cast<std::size_t>(r)].messages;
    EXPECT_EQ(sent, 2 * bytes);
    EXPECT_EQ(received, 2 * bytes);
    EXPECT_EQ(messages, 12);
  }
  EXPECT_EQ(wire.offence().rank, -1);
  wire.forget();
  EXPECT_EQ(wire.count()[0].barriers, 0);
}

TEST(Wire, SizesBeyondTheTableAreCountedTogether) {
  constexpr int kSizes = static_cast<int>(kMostSizes) + 10;
  WireSwitch wire(2);
  as_ranks(wire, 2, [&](WireEnd& end, int rank) {
    std::vector<char> data(kSizes);
    for (std::uint64_t i = 1; i <= kSizes; ++i) rank ? end.receive(0, data.data(), i) : end.send(1, data.data(), i);
  });
  const auto t = wire.count()[0];
  EXPECT_EQ(t.sizes.size(), kMostSizes);
  EXPECT_EQ(t.other_sizes, 10);
}

TEST(Wire, ABarrierWaitsForAll) {
  constexpr int kRanks = 4, kRounds = 200;
  WireSwitch wire(kRanks);
  std::atomic<int> inside{0};
  as_ranks(wire, kRanks, [&](WireEnd& end, int) {
    for (int i = 0; i < kRounds; ++i) {
      ++inside;
      end.barrier();
      EXPECT_GE(inside.load(), kRanks * (i + 1));
    }
  });
}

TEST(Wire, WhatCannotBeSentIsExplained) {
  WireSwitch wire(2);
  WireEnd end(wire.end_of(0).get(), 0, 2);
  const auto refused = [&](int to, std::uint64_t bytes, const char* why) {
    try {
      end.send(to, nullptr, bytes);
      ADD_FAILURE() << to;
    } catch (const std::invalid_argument& e) {
      EXPECT_THAT(e.what(), HasSubstr(why));
    }
  };
  refused(2, 1, "rank 0 cannot send to rank 2; the others are below 2");
  refused(0, 1, "rank 0 cannot send to rank 0");
  refused(-1, 1, "rank 0 cannot send to rank -1");
  refused(1, kMostMessageBytes + 1, "a message of 1073741825 bytes");
  EXPECT_THROW(end.receive(7, nullptr, 0), std::invalid_argument);
}

// A rank that is gone while it waits for room, and others wait for it: the switch does not spin on its socket.
TEST(Wire, ADeadRankCostsNothing) {
  WireSwitch wire(2);
  const std::vector<char> packet(sizeof(PacketHeader) + kPacketBytes);
  const auto fill = [&](int from, std::int32_t to) {
    auto copy = packet;
    const PacketHeader header{to, 0, kPacketBytes};
    std::memcpy(copy.data(), &header, sizeof header);
    for (int i = 0; i < 100; ++i) {
      if (send(wire.end_of(from).get(), copy.data(), copy.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  };
  fill(0, 1);
  fill(1, 0);
  wire.end_of(1) = Fd();
  const auto cpu = [] {
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
  };
  const double before = cpu();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_LT(cpu() - before, 0.1);
}

// Random datagrams, most of them nearly right: the switch names the rank or passes them on, and goes on serving the
// others.
TEST(Wire, SenselessDatagramsHarmNobody) {
  std::mt19937 random(11);
  const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random()) % n; };
  int named = 0;
  for (int trial = 0; trial < 200; ++trial) {
    WireSwitch wire(3);
    std::vector<std::byte> packet(sizeof(PacketHeader) + kPacketBytes + 100);
    for (int i = 0; i < 8; ++i) {
      PacketHeader header{static_cast<std::int32_t>(below(5)) - 2, below(8) == 0 ? below(9) : 0,
                          below(3) ? below(200) : std::uint64_t{random()} << below(32)};
      const auto payload = below(4) ? static_cast<std::size_t>(std::min<std::uint64_t>(header.message_bytes, 65536))
                                    : below(kPacketBytes + 100);
      std::memcpy(packet.data(), &header, sizeof header);
      const auto bytes = below(16) ? sizeof header + payload : below(sizeof header);
      if (bytes) send(wire.end_of(2).get(), packet.data(), bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    WireEnd zero(wire.end_of(0).get(), 0, 3), one(wire.end_of(1).get(), 1, 3);
    int got = 0;
    zero.send(1, &trial, sizeof trial);
    one.receive(0, &got, sizeof got);
    EXPECT_EQ(got, trial);
    named += wire.offence().rank == 2;
  }
  EXPECT_GT(named, 100);
}

}  // namespace
}  // namespace aisp::judge
