// The problems that the attacks solve, or pretend to: small, so that the whole corpus runs in minutes. The last three
// are attacks themselves: workloads that their author got wrong.
#include <aisp/workload.hpp>

#include <cmath>

using namespace aisp;

namespace {

void scale_of(Workload& w, std::int64_t light, Distribution d, double factor = 2) {
  w.about("y = 2x, or another multiple");
  const auto n = w.param("n", {.light = light, .full = 5 * light, .held_out = {1, 5000}, .edges = {1, 17}});
  w.input("x", f32, {n}, std::move(d));
  w.output("y", f32, {n});
  w.flops(static_cast<double>(n));
  w.reference([=](Case& c) {
    const auto x = c.in<1>("x");
    const auto y = c.out<1>("y");
    for (std::int64_t i = 0; i < n; ++i) y[i] = factor * x[i];
  });
}

void scale(Workload& w) { scale_of(w, 20000, normal(3, 1)); }
void tiny(Workload& w) { scale_of(w, 16, normal(3, 1)); }

// Half of the inputs are too small for a normal float; the outputs are not.
void subnormal(Workload& w) {
  scale_of(w, 4000, custom([](std::span<double> values, Random& random) {
             for (auto& v : values) {
               const double fraction = static_cast<double>(random() >> 40) / (1 << 24);
               v = random.below(2) ? std::ldexp(0.5 + fraction, -130) : fraction;
             }
           }),
           0x1p40);
}

void exponential(Workload& w) {
  w.about("y = exp(x)");
  const auto n = w.param("n", {.light = 20000, .full = 100000, .held_out = {1, 5000}, .edges = {1, 17}});
  w.input("x", f32, {n}, mixed(normal(0, 1)));
  w.output("y", f32, {n});
  w.reference([=](Case& c) {
    const auto x = c.in<1>("x");
    const auto y = c.out<1>("y");
    for (std::int64_t i = 0; i < n; ++i) y[i] = std::exp(x[i]);
  });
}

void dot(Workload& w) {
  w.about("Dot product of each row of x with that of z");
  const auto rows = w.param("rows", {.light = 32, .full = 64, .held_out = {1, 40}});
  const auto cols = w.param("cols", {.light = 1024, .full = 4096, .held_out = {1, 900}, .edges = {1, 33}});
  w.input("x", f32, {rows, cols}, mixed(normal(0, 1)));
  w.input("z", f32, {rows, cols}, mixed(normal(0, 1)));
  w.output("y", f32, {rows});
  w.accumulates(cols);
  w.reference([=](Case& c) {
    const auto x = c.in<2>("x"), z = c.in<2>("z");
    const auto y = c.out<1>("y"), terms = c.scale<1>("y");
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t i = 0; i < cols; ++i)
        y[r] = (i ? y[r] : 0) + x(r, i) * z(r, i), terms[r] += std::fabs(x(r, i) * z(r, i));
  });
}

// A batch of samples: each is summed in blocks of 32, so that every block of every sample is seen in the output.
void rows(Workload& w) {
  w.about("Sums of blocks of 32 values, for each sample of a batch");
  const auto batch = w.param("batch", {.light = 16, .full = 64, .held_out = {1, 20}});
  const auto blocks = w.param("blocks", {.light = 32, .full = 64, .held_out = {1, 40}});
  w.input("x", f32, {batch, 32 * blocks}, mixed(normal(0, 1)));
  w.output("y", f32, {batch, blocks});
  w.accumulates(32);
  w.reference([=](Case& c) {
    const auto x = c.in<2>("x");
    const auto y = c.out<2>("y"), terms = c.scale<2>("y");
    for (std::int64_t b = 0; b < batch; ++b)
      for (std::int64_t k = 0; k < blocks; ++k) {
        y(b, k) = 0;
        for (std::int64_t i = 0; i < 32; ++i) y(b, k) += x(b, 32 * k + i), terms(b, k) += std::fabs(x(b, 32 * k + i));
      }
  });
}

constexpr std::int64_t kHead = 16;

// Causal attention of one head. `window` = 0: to the beginning.
void attend_rows(Case& c, std::int64_t length, bool only_last) {
  const auto q = c.in<2>("q"), k = c.in<2>("k"), v = c.in<2>("v");
  const auto y = c.out<2>("y"), terms = c.scale<2>("y");
  std::vector<double> weight(static_cast<std::size_t>(length));
  for (std::int64_t row = 0; row < q.dim(0); ++row) {
    const std::int64_t seen = only_last ? length : row + 1;
    double most = -1e300, total = 0;
    for (std::int64_t j = 0; j < seen; ++j) {
      double dot = 0;
      for (std::int64_t d = 0; d < kHead; ++d) dot += q(row, d) * k(j, d);
      weight[static_cast<std::size_t>(j)] = dot / 4;
      most = std::max(most, dot / 4);
    }
    for (std::int64_t j = 0; j < seen; ++j)
      total += weight[static_cast<std::size_t>(j)] = std::exp(weight[static_cast<std::size_t>(j)] - most);
    for (std::int64_t d = 0; d < kHead; ++d) {
      y(row, d) = 0;
      for (std::int64_t j = 0; j < seen; ++j) {
        const double term = weight[static_cast<std::size_t>(j)] / total * v(j, d);
        y(row, d) += term, terms(row, d) += std::fabs(term);
      }
    }
  }
}

void attend(Workload& w) {
  w.about("Causal attention of one head");
  const auto length = w.param("length", {.light = 96, .full = 256, .held_out = {2, 90}});
  for (const char* name : {"q", "k", "v"}) w.input(name, f32, {length, kHead}, normal(0, 1));
  w.output("y", f32, {length, kHead});
  w.accumulates(length * kHead);
  w.reference([=](Case& c) { attend_rows(c, length, false); });
}

void decode(Workload& w) {
  w.about("Attention of one new token over a cache");
  const auto length = w.param("length", {.light = 256, .full = 1024, .held_out = {2, 200}});
  w.input("q", f32, {1, kHead}, normal(0, 1));
  for (const char* name : {"k", "v"}) w.input(name, f32, {length, kHead}, normal(0, 1));
  w.output("y", f32, {1, kHead});
  w.accumulates(length * kHead);
  w.reference([=](Case& c) { attend_rows(c, length, true); });
}

void relax(Workload& w) {
  w.about("Ten steps of relaxation on a line with fixed ends");
  const auto n = w.param("n", {.light = 2000, .full = 10000, .held_out = {3, 900}});
  w.input("x", f32, {n}, mixed(normal(0, 1)));
  w.output("y", f32, {n});
  w.accumulates(30);
  w.reference([=](Case& c) {
    const auto x = c.in<1>("x");
    const auto y = c.out<1>("y"), terms = c.scale<1>("y");
    const auto steps = [&](auto start, const auto& into) {
      std::vector<double> now(static_cast<std::size_t>(n)), next;
      for (std::int64_t i = 0; i < n; ++i) now[static_cast<std::size_t>(i)] = start(x[i]);
      for (int step = 0; step < 10; ++step) {
        next = now;
        for (std::size_t i = 1; i + 1 < now.size(); ++i) next[i] = 0.25 * now[i - 1] + 0.5 * now[i] + 0.25 * now[i + 1];
        now.swap(next);
      }
      for (std::int64_t i = 0; i < n; ++i) into[i] = now[static_cast<std::size_t>(i)];
    };
    steps([](double v) { return v; }, y);
    steps([](double v) { return std::fabs(v); }, terms);
  });
}

void blur(Workload& w) {
  w.about("Each element averaged with its neighbours; the ends stay");
  const auto n = w.param("n", {.light = 8000, .full = 40000, .held_out = {3, 3000}});
  w.input("x", f32, {n}, mixed(normal(0, 1)));
  w.output("y", f32, {n});
  w.accumulates(3);
  w.reference([=](Case& c) {
    const auto x = c.in<1>("x");
    const auto y = c.out<1>("y"), terms = c.scale<1>("y");
    for (std::int64_t i = 0; i < n; ++i) {
      const bool end = i == 0 || i == n - 1;
      y[i] = end ? x[i] : 0.25 * x[i - 1] + 0.5 * x[i] + 0.25 * x[i + 1];
      terms[i] =
          end ? std::fabs(x[i]) : 0.25 * std::fabs(x[i - 1]) + 0.5 * std::fabs(x[i]) + 0.25 * std::fabs(x[i + 1]);
    }
  });
}

// ---- Problems of several ranks

// The sum of all ranks' rows, at each of them.
void sum_of_ranks(Workload& w, std::int64_t ranks, std::int64_t n) {
  w.about("Sum of all ranks' rows, at every rank");
  w.input("x", f32, {ranks, n}, normal(1, 1));
  w.output("sum", f32, {ranks, n});
  w.split("x");
  w.split("sum");
  w.accumulates(ranks);
  w.reference([=](Case& c) {
    const auto x = c.in<2>("x");
    const auto y = c.out<2>("sum"), terms = c.scale<2>("sum");
    for (std::int64_t r = 0; r < ranks; ++r)
      for (std::int64_t i = 0; i < n; ++i) {
        y(r, i) = 0;
        for (std::int64_t from = 0; from < ranks; ++from) y(r, i) += x(from, i), terms(r, i) += std::fabs(x(from, i));
      }
  });
}

// In buckets of 4096 values.
void allreduce(Workload& w) {
  constexpr std::int64_t kBucket = 4096;
  const auto ranks = w.ranks(2);
  const auto n = w.param("n", {.light = 20000, .full = 100000, .held_out = {2, 3000}});
  sum_of_ranks(w, ranks, n);
  Wire wire{.least_bytes = 8.0 * static_cast<double>(n)};
  if (n >= kBucket) wire.message_bytes.push_back(4 * kBucket);
  if (n % kBucket) wire.message_bytes.push_back(4 * (n % kBucket));
  w.wire(wire);
}

// Around a ring of four.
void ring(Workload& w) {
  const auto ranks = w.ranks(4);
  const auto n = w.param("n", {.light = 20000, .full = 100000, .held_out = {4, 3000}});
  sum_of_ranks(w, ranks, n);
  w.wire({.least_bytes = 24.0 * static_cast<double>(n), .links = {{0, 1}, {1, 2}, {2, 3}, {3, 0}}});
}

// Two stages on two ranks: the first has the input, the second the output.
void pipeline(Workload& w) {
  w.about("y = (x + 1)^2 in two stages, on a rank each");
  w.ranks(2);
  const auto n = w.param("n", {.light = 20000, .full = 100000, .held_out = {2, 3000}});
  w.input("x", f32, {n}, normal(1, 1));
  w.output("y", f32, {n});
  w.split("x", {n, 0});
  w.split("y", {0, n});
  w.wire({.least_bytes = 4.0 * static_cast<double>(n), .links = {{0, 1}}});
  w.accumulates(3);
  w.reference([=](Case& c) {
    const auto x = c.in<1>("x");
    const auto y = c.out<1>("y"), terms = c.scale<1>("y");
    for (std::int64_t i = 0; i < n; ++i) {
      y[i] = (x[i] + 1) * (x[i] + 1);
      terms[i] = (std::fabs(x[i]) + 1) * (std::fabs(x[i]) + 1);
    }
  });
}

// Work that needs no word from the other rank, the same for both.
void halves(Workload& w) {
  w.about("y = sqrt(x^2 + 64) in 64 steps, a half of the elements on each of two ranks");
  w.ranks(2);
  const auto n = w.param("n", {.light = 4000, .full = 20000, .held_out = {2, 3000}});
  w.input("x", f32, {n}, normal(0, 10));
  w.output("y", f32, {n});
  w.split("x");
  w.split("y");
  w.wire({.least_busy = 0.3});
  w.accumulates(64);
  w.reference([=](Case& c) {
    const auto x = c.in<1>("x");
    const auto y = c.out<1>("y");
    for (std::int64_t i = 0; i < n; ++i) y[i] = std::sqrt(x[i] * x[i] + 64);
  });
}

void broken_product(Workload& w) {
  w.about("A product whose reference forgets the last term of each sum");
  const auto n = w.param("n", {.light = 48, .full = 48, .held_out = {1, 40}});
  w.input("a", f32, {n, n}, normal(0, 1));
  w.input("b", f32, {n, n}, normal(0, 1));
  w.output("c", f32, {n, n});
  w.accumulates(n);
  w.product({.c = "c", .a = "a", .b = "b"});
  w.reference([=](Case& c) {
    const auto a = c.in<2>("a"), b = c.in<2>("b");
    const auto y = c.out<2>("c"), terms = c.scale<2>("c");
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t j = 0; j < n; ++j) {
        y(i, j) = 0;
        for (std::int64_t k = 0; k + 1 < n; ++k) y(i, j) += a(i, k) * b(k, j);
        for (std::int64_t k = 0; k < n; ++k) terms(i, j) += std::fabs(a(i, k) * b(k, j));
      }
  });
}

void broken_gaps(Workload& w) {
  w.about("A reference that leaves every 1000th element as it was");
  const auto n = w.param("n", {.light = 4000, .full = 4000, .held_out = {1, 900}});
  w.input("x", f32, {n}, normal(3, 1));
  w.output("y", f32, {n});
  w.reference([=](Case& c) {
    const auto x = c.in<1>("x");
    const auto y = c.out<1>("y");
    for (std::int64_t i = 0; i < n; ++i)
      if (i % 1000) y[i] = 2 * x[i];
  });
}

void no_holdout(Workload& w) {
  w.about("Nothing is held out");
  const auto n = w.param("n", {.light = 4000, .full = 4000});
  w.input("x", f32, {n}, normal(3, 1));
  w.output("y", f32, {n});
  w.reference([](Case&) {});
}

const detail::RegisterWorkload kAll[] = {{"attack:scale", &scale},
                                         {"attack:tiny", &tiny},
                                         {"attack:exp", &exponential},
                                         {"attack:subnormal", &subnormal},
                                         {"attack:dot", &dot},
                                         {"attack:rows", &rows},
                                         {"attack:attend", &attend},
                                         {"attack:decode", &decode},
                                         {"attack:relax", &relax},
                                         {"attack:blur", &blur},
                                         {"attack:allreduce", &allreduce},
                                         {"attack:ring", &ring},
                                         {"attack:pipeline", &pipeline},
                                         {"attack:halves", &halves},
                                         {"attack:broken_product", &broken_product},
                                         {"attack:broken_gaps", &broken_gaps},
                                         {"attack:no_holdout", &no_holdout}};

}  // namespace
