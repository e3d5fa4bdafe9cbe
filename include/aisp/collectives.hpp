// Collectives for variants of several ranks, in their plainest form: what a lesson improves on, or stands on. All ranks
// call them in the same order. `bucket` is how many values one message holds at most; 0: as many as there are.
#pragma once

#include <aisp/ranks.hpp>

#include <algorithm>

namespace aisp {

template <class T> void send_in_buckets(Ranks& ranks, int to, const T* data, std::int64_t count, std::int64_t bucket) {
  if (bucket <= 0) bucket = std::max<std::int64_t>(count, 1);
  for (std::int64_t i = 0; i < count; i += bucket) ranks.send(to, data + i, std::min(bucket, count - i));
}
template <class T> void receive_in_buckets(Ranks& ranks, int from, T* data, std::int64_t count, std::int64_t bucket) {
  if (bucket <= 0) bucket = std::max<std::int64_t>(count, 1);
  for (std::int64_t i = 0; i < count; i += bucket) ranks.receive(from, data + i, std::min(bucket, count - i));
}

// data[0 … count) of the root, at every rank.
template <class T> void broadcast(Ranks& ranks, int root, T* data, std::int64_t count, std::int64_t bucket = 0) {
  for (int r = 0; r < ranks.size() && ranks.rank() == root; ++r)
    if (r != root) send_in_buckets(ranks, r, data, count, bucket);
  if (ranks.rank() != root) receive_in_buckets(ranks, root, data, count, bucket);
}

// The sum over all ranks, at the root alone; `scratch` holds `count` values.
template <class T>
void reduce(Ranks& ranks, int root, T* data, std::int64_t count, T* scratch, std::int64_t bucket = 0) {
  if (ranks.rank() != root) return send_in_buckets(ranks, root, data, count, bucket);
  for (int r = 0; r < ranks.size(); ++r) {
    if (r == root) continue;
    receive_in_buckets(ranks, r, scratch, count, bucket);
    for (std::int64_t i = 0; i < count; ++i) data[i] += scratch[i];
  }
}

// The sum over all ranks, share r of it (share_of) at rank r: each share goes once around the ring and is added to on
// its way. Bandwidth-optimal: Patarasuk and Yuan, JPDC 69(2), 2009.
template <class T>
void ring_reduce_scatter(Ranks& ranks, T* data, std::int64_t count, T* scratch, std::int64_t bucket = 0) {
  const int size = ranks.size(), rank = ranks.rank(), right = (rank + 1) % size, left = (rank + size - 1) % size;
  for (int step = 0; step + 1 < size; ++step) {
    const auto out = share_of(count, size, (rank + 2 * size - step - 1) % size);
    const auto in = share_of(count, size, (rank + 2 * size - step - 2) % size);
    send_in_buckets(ranks, right, data + out.begin, out.count, bucket);
    receive_in_buckets(ranks, left, scratch, in.count, bucket);
    for (std::int64_t i = 0; i < in.count; ++i) data[in.begin + i] += scratch[i];
  }
}

// Share r of data, which rank r has, at every rank.
template <class T> void ring_all_gather(Ranks& ranks, T* data, std::int64_t count, std::int64_t bucket = 0) {
  const int size = ranks.size(), rank = ranks.rank(), right = (rank + 1) % size, left = (rank + size - 1) % size;
  for (int step = 0; step + 1 < size; ++step) {
    const auto out = share_of(count, size, (rank + size - step) % size);
    const auto in = share_of(count, size, (rank + 2 * size - step - 1) % size);
    send_in_buckets(ranks, right, data + out.begin, out.count, bucket);
    receive_in_buckets(ranks, left, data + in.begin, in.count, bucket);
  }
}

// The sum over all ranks, at every rank.
template <class T>
void ring_all_reduce(Ranks& ranks, T* data, std::int64_t count, T* scratch, std::int64_t bucket = 0) {
  ring_reduce_scatter(ranks, data, count, scratch, bucket);
  ring_all_gather(ranks, data, count, bucket);
}

}  // namespace aisp
