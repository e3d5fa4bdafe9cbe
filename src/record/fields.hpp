// The fields of every recorded structure, listed once: the JSON writer, the JSON reader, the schema generator and the
// tests all walk these lists. `v(name, member)` or, for integers, `v(name, member, least allowed value)`.
// A field that is missing here fails record_json_test.
//
// A new field of a document that was already published is `v({name, N}, member)` with N the document's new schema
// version (`int schema = N` in its structure): documents of older versions lack it and read as the member's default.
// tests/fixtures/record holds a document of each version; a required field that they lack fails record_json_test.
#pragma once

#include "model/evidence.hpp"
#include "model/profile.hpp"
#include "model/target.hpp"
#include "model/verdict.hpp"
#include "record/calibration.hpp"
#include "record/expectations.hpp"
#include "record/gpu_calibration.hpp"
#include "record/manifest.hpp"

#include <concepts>
#include <type_traits>

namespace aisp::record {

// A field's name, and the schema version that brought it.
struct Field {
  Field(const char* field, int version = 1) : name(field), since(version) {}  // NOLINT: a name alone is a field
  const char* name;
  int since;
};

template <class T, class Struct>
concept Of = std::same_as<std::remove_const_t<T>, Struct>;

void fields(auto& v, Of<model::Comparison> auto& c) {
  v("tensor", c.tensor), v("elements", c.elements, 0), v("max_error", c.max_error), v("norm_error", c.norm_error);
  v("wrong", c.wrong, 0), v("untouched", c.untouched, 0), v("nonfinite", c.nonfinite, 0);
  v("first_wrong", c.first_wrong, -1), v("got", c.got), v("expected", c.expected);
}

void fields(auto& v, Of<model::Verification> auto& c) {
  v("calls", c.calls), v("wrong_calls", c.wrong_calls), v("max_error", c.max_error), v("norm_error", c.norm_error);
  v("first_failure", c.first_failure), v("failed_case", c.failed_case);
  v("guard_violations", c.guard_violations), v("input_violations", c.input_violations);
  v({"late_batches", 2}, c.late_batches);
}

void fields(auto& v, Of<model::Sample> auto& s) {
  v("restart", s.restart, 0), v("round", s.round, 0), v("position", s.position, 0), v("calls", s.calls, 0);
  v("seconds", s.seconds), v("worker_seconds", s.worker_seconds), v({"device_seconds", 2}, s.device_seconds);
  v("cpu_seconds", s.cpu_seconds);
  v("idle_cpu_seconds", s.idle_cpu_seconds), v("minor_faults", s.minor_faults), v("major_faults", s.major_faults);
  v("voluntary_switches", s.voluntary_switches), v("involuntary_switches", s.involuntary_switches);
  v({"idle_drain_seconds", 2}, s.idle_drain_seconds), v({"drain_seconds", 2}, s.drain_seconds),
      v({"sm_mhz", 2}, s.sm_mhz);
  v({"nice", 3}, s.nice), v({"moved", 3}, s.moved), v({"tracer", 3}, s.tracer, 0);
  v({"float_state", 3}, s.float_state), v({"heap_bytes", 3}, s.heap_bytes, 0);
  v({"executable_bytes", 3}, s.executable_bytes, 0);
  v({"handover_seconds", 7}, s.handover_seconds), v({"stop_seconds", 7}, s.stop_seconds);
  v({"discarded_seconds", 7}, s.discarded_seconds), v({"discarded_cpu_seconds", 7}, s.discarded_cpu_seconds);
}

void fields(auto& v, Of<model::Untimed> auto& u) {
  v("processes", u.processes, 0), v("slots", u.slots, 0), v("prepare_seconds", u.prepare_seconds);
  v("prepare_cpu_seconds", u.prepare_cpu_seconds), v("bind_seconds", u.bind_seconds);
  v("bind_cpu_seconds", u.bind_cpu_seconds), v("discarded_seconds", u.discarded_seconds);
  v("discarded_cpu_seconds", u.discarded_cpu_seconds), v("idle_cpu_seconds", u.idle_cpu_seconds);
}

void fields(auto& v, Of<model::Protection> auto& p) {
  v("name", p.name), v("present", p.present), v("detail", p.detail);
}

void fields(auto& v, Of<model::Refusal> auto& r) {
  v("syscall", r.syscall), v("detail", r.detail), v("count", r.count);
}

void fields(auto& v, Of<model::CodeCheck> auto& c) {
  v("bytes", c.bytes, 0), v("changed_pages", c.changed_pages, 0), v("first", c.first), v("absent", c.absent);
}

void fields(auto& v, Of<model::Counter> auto& c) { v("name", c.name), v("value", c.value); }

void fields(auto& v, Of<model::CensusKernel> auto& k) {
  v("name", k.name), v("launches", k.launches, 0), v("grid", k.grid), v("block", k.block);
  v("registers", k.registers, 0), v("shared_bytes", k.shared_bytes, 0), v("stream", k.stream, 0);
  v("total_seconds", k.total_seconds), v("median_seconds", k.median_seconds);
}

void fields(auto& v, Of<model::CensusCopy> auto& c) {
  v("kind", c.kind), v("count", c.count, 0), v("bytes", c.bytes, 0);
}

void fields(auto& v, Of<model::CensusStream> auto& s) {
  v("stream", s.stream, 0), v("given", s.given), v("activities", s.activities, 0), v("copies", s.copies, 0);
  v("unforked", s.unforked, 0), v("unjoined", s.unjoined, 0);
}

void fields(auto& v, Of<model::CensusPhase> auto& p) {
  v("name", p.name), v("calls", p.calls, 0), v("seen_calls", p.seen_calls, 0), v("kernels", p.kernels),
      v("other_launches", p.other_launches, 0);
  v("streams", p.streams), v("copies", p.copies), v("memsets", p.memsets, 0), v("memset_bytes", p.memset_bytes, 0);
  v("allocations", p.allocations, 0), v("allocated_bytes", p.allocated_bytes, 0), v("releases", p.releases, 0);
  v("graph_launches", p.graph_launches, 0), v("graph_nodes", p.graph_nodes, 0);
  v("host_functions", p.host_functions, 0), v("cooperative_launches", p.cooperative_launches, 0);
  v("child_launches", p.child_launches, 0), v("contexts_created", p.contexts_created, 0);
  v("streams_created", p.streams_created, 0), v("modules_loaded", p.modules_loaded, 0);
  v("device_launch_modules", p.device_launch_modules, 0), v("devices", p.devices), v("libraries", p.libraries);
  v("late", p.late, 0), v("unfinished", p.unfinished, 0), v("dropped", p.dropped, 0);
  v("busy_seconds", p.busy_seconds), v("call_seconds", p.call_seconds);
}

void fields(auto& v, Of<model::Census> auto& c) {
  v("tool", c.tool), v("phases", c.phases), v("busy_seconds", c.busy_seconds);
}

void fields(auto& v, Of<model::CompiledKernel> auto& k) {
  v("name", k.name), v("arch", k.arch), v("kernel", k.kernel), v("registers", k.registers, 0);
  v("shared_bytes", k.shared_bytes, 0), v("constant_bytes", k.constant_bytes, 0), v("stack_bytes", k.stack_bytes, 0);
  v("spill_store_bytes", k.spill_store_bytes, 0), v("spill_load_bytes", k.spill_load_bytes, 0);
  v("local_store_bytes", k.local_store_bytes, 0), v("local_load_bytes", k.local_load_bytes, 0);
}

void fields(auto& v, Of<model::MessageSize> auto& m) { v("bytes", m.bytes, 0), v("count", m.count, 0); }

void fields(auto& v, Of<model::WireLink> auto& l) {
  v("to", l.to, 0), v("messages", l.messages, 0), v("bytes", l.bytes, 0);
}

void fields(auto& v, Of<model::RankEvidence> auto& r) {
  v("rank", r.rank, 0), v("host", r.host), v("cpus", r.cpus), v("shards", r.shards);
  v("bound_bytes", r.bound_bytes, 0), v("messages_sent", r.messages_sent, 0), v("bytes_sent", r.bytes_sent, 0);
  v("messages_received", r.messages_received, 0), v("bytes_received", r.bytes_received, 0);
  v("barriers", r.barriers, 0), v("sizes", r.sizes), v("other_sizes", r.other_sizes, 0), v("links", r.links);
  v("cpu_seconds", r.cpu_seconds), v("idle_seconds", r.idle_seconds);
}

void fields(auto& v, Of<model::LinkFact> auto& l) { v("from", l.from, 0), v("to", l.to, 0); }

void fields(auto& v, Of<model::RanksFact> auto& r) {
  v("ranks", r.ranks, 0), v("least_bytes", r.least_bytes), v("message_bytes", r.message_bytes), v("links", r.links);
  v("least_busy", r.least_busy);
}

void fields(auto& v, Of<model::SourceSwitch> auto& s) {
  v("where", s.where), v("text", s.text), v("optimises", s.optimises);
}

void fields(auto& v, Of<model::VariantEvidence> auto& e) {
  v("name", e.name), v("about", e.about), v("source", e.source), v("peer", e.peer), v("threads", e.threads, 0);
  v("isa", e.isa), v("compile_flags", e.compile_flags), v("status", e.status), v("message", e.message);
  v("prepare_seconds", e.prepare_seconds), v("bind_seconds", e.bind_seconds), v("samples", e.samples);
  v("timed_calls", e.timed_calls), v("verified_timed_calls", e.verified_timed_calls);
  v("discarded_calls", e.discarded_calls), v("verification", e.verification), v("sandbox", e.sandbox);
  v("refusals", e.refusals), v("counters", e.counters), v("counters_absent", e.counters_absent);
  v("peak_threads", e.peak_threads), v("peak_rss_bytes", e.peak_rss_bytes);
  v({"census", 2}, e.census), v({"census_absent", 2}, e.census_absent);
  v({"undrained_seconds", 2}, e.undrained_seconds);
  v({"first_call_seconds", 3}, e.first_call_seconds);
  v({"bound_executable_bytes", 3}, e.bound_executable_bytes, 0), v({"code", 3}, e.code), v({"cpus", 3}, e.cpus);
  v({"numa_nodes", 3}, e.numa_nodes);
  v({"compiled_kernels", 4}, e.compiled_kernels), v({"compiled_kernels_absent", 4}, e.compiled_kernels_absent);
  v({"ranks", 5}, e.ranks), v({"untimed", 7}, e.untimed);
  v({"unstopped_seconds", 7}, e.unstopped_seconds);
  v({"source_switches", 7}, e.source_switches), v({"environment", 7}, e.environment);
}

void fields(auto& v, Of<model::HostState> auto& h) {
  v("load1", h.load1), v("mhz", h.mhz), v({"mhz_source", 2}, h.mhz_source), v("foreign_cpu", h.foreign_cpu);
  v("swap_in_pages", h.swap_in_pages), v("swap_out_pages", h.swap_out_pages), v("governor", h.governor);
  v({"hypervisor", 2}, h.hypervisor);
  v({"nice", 3}, h.nice), v({"throttled_seconds", 3}, h.throttled_seconds);
}

void fields(auto& v, Of<model::GpuProcess> auto& p) { v("pid", p.pid), v("memory_bytes", p.memory_bytes); }

void fields(auto& v, Of<model::GpuState> auto& s) {
  v("sm_mhz", s.sm_mhz), v("memory_mhz", s.memory_mhz), v("watts", s.watts);
  v("power_limit_watts", s.power_limit_watts), v("celsius", s.celsius), v("throttle_reasons", s.throttle_reasons);
  v("pcie_generation", s.pcie_generation, 0), v("pcie_width", s.pcie_width, 0);
  v("ecc_uncorrected", s.ecc_uncorrected), v("ecc_corrected", s.ecc_corrected), v("utilization", s.utilization);
  v("memory_used_bytes", s.memory_used_bytes), v("processes", s.processes);
}

void fields(auto& v, Of<model::ParamValue> auto& p) { v("name", p.name), v("value", p.value); }

void fields(auto& v, Of<model::TensorFact> auto& t) {
  v("name", t.name), v("role", t.role), v("dtype", t.dtype), v("shape", t.shape), v({"shards", 5}, t.shards);
}

void fields(auto& v, Of<model::Ceilings> auto& c) {
  v("flops", c.flops), v("bytes", c.bytes), v("source", c.source), v({"arithmetic", 6}, c.arithmetic);
}

void fields(auto& v, Of<model::RoundKey> auto& k) {
  v("restart", k.restart, 0), v("round", k.round, 0), v("pilot", k.pilot), v("key", k.key);
}

void fields(auto& v, Of<model::TargetEvidence> auto& e) {
  v("schema", e.schema, 1), v("target", e.target), v("about", e.about), v("teaching", e.teaching);
  v("device", e.device), v("scale", e.scale), v("params", e.params), v("tensors", e.tensors);
  v("flops", e.flops), v("bytes", e.bytes), v("arithmetic", e.arithmetic), v({"ranks", 5}, e.ranks);
  v("ceilings", e.ceilings), v("seed", e.seed), v("restarts", e.restarts, 0), v("rounds", e.rounds, 0),
      v({"round_keys", 7}, e.round_keys), v("cache", e.cache), v({"cold_by", 2}, e.cold_by);
  v("waiting", e.waiting), v("null_call_seconds", e.null_call_seconds);
  v({"handover_seconds", 7}, e.handover_seconds), v({"handover_median_seconds", 7}, e.handover_median_seconds);
  v({"ungated_handover_seconds", 7}, e.ungated_handover_seconds), v({"held_by", 7}, e.held_by),
      v({"queued", 7}, e.queued);
  v("clock_resolution_seconds", e.clock_resolution_seconds), v("aa_floor", e.aa_floor), v("aa_source", e.aa_source),
      v({"twin_samples", 2}, e.twin_samples);
  v({"clock_drift", 3}, e.clock_drift);
  v("judge_seconds", e.judge_seconds), v("timed_seconds", e.timed_seconds), v("before", e.before);
  v("after", e.after), v({"gpu_before", 2}, e.gpu_before), v({"gpu_after", 2}, e.gpu_after), v("started", e.started),
      v("finished", e.finished), v("error", e.error);
  v("interrupted", e.interrupted), v("variants", e.variants);
}

void fields(auto& v, Of<model::Interval> auto& i) { v("lo", i.lo), v("hi", i.hi); }

void fields(auto& v, Of<model::Violation> auto& x) {
  v("issue", x.issue), v("variant", x.variant), v("seen", x.seen), v("expected", x.expected), v("advice", x.advice);
}

void fields(auto& v, Of<model::VariantVerdict> auto& x) {
  v("name", x.name), v("status", x.status), v("correct", x.correct), v("median_seconds", x.median_seconds);
  v("median_interval", x.median_interval), v("speedup", x.speedup), v("speedup_interval", x.speedup_interval);
  v("confidence", x.confidence), v("pairs", x.pairs, 0), v("word", x.word), v("why", x.why);
  v("floor_seconds", x.floor_seconds), v("sol", x.sol), v("bound", x.bound), v("notes", x.notes);
  v({"timed_calls", 2}, x.timed_calls), v({"verified_calls", 2}, x.verified_calls);
  v({"untimed_seconds", 2}, x.untimed_seconds), v({"untimed_cpu_seconds", 2}, x.untimed_cpu_seconds);
}

void fields(auto& v, Of<model::TargetVerdict> auto& x) {
  v("schema", x.schema, 1), v("target", x.target), v("variants", x.variants), v("violations", x.violations);
  v("publishable", x.publishable), v("unpublishable_reasons", x.unpublishable_reasons);
  v("exit_code", x.exit_code, 0);
}

void fields(auto& v, Of<model::VariantInfo> auto& x) {
  v("name", x.name), v("peer", x.peer), v("device", x.device), v("source", x.source), v("flags", x.flags);
}

void fields(auto& v, Of<model::TargetInfo> auto& x) {
  v("target", x.target), v("chapter", x.chapter), v("name", x.name), v("workload_source", x.workload_source);
  v("workload_library", x.workload_library), v("variant_library", x.variant_library), v("variants", x.variants);
}

void fields(auto& v, Of<device::CacheLevel> auto& c) {
  v("level", c.level, 0), v("bytes", c.bytes), v("shared_by", c.shared_by, 0);
}

void fields(auto& v, Of<device::LogicalCpu> auto& c) {
  v("cpu", c.cpu, 0), v("core", c.core, 0), v("numa_node", c.numa_node, 0), v("efficiency", c.efficiency);
}

void fields(auto& v, Of<device::CpuFacts> auto& f) {
  v("model", f.model), v("vendor", f.vendor), v("microcode", f.microcode), v("kernel", f.kernel), v("os", f.os);
  v("hypervisor", f.hypervisor), v("packages", f.packages, 0), v("cores", f.cores, 0), v("logical", f.logical, 0);
  v("numa_nodes", f.numa_nodes, 0), v("caches", f.caches), v({"cpus", 2}, f.cpus), v("isa", f.isa),
      v("memory_bytes", f.memory_bytes);
  v("memory_available_bytes", f.memory_available_bytes), v("cgroup_cpu_limit", f.cgroup_cpu_limit);
  v("cgroup_memory_limit", f.cgroup_memory_limit), v("governor", f.governor), v("turbo", f.turbo), v("thp", f.thp);
  v("smt", f.smt), v("aslr", f.aslr), v("swap", f.swap), v("allowed_cpus", f.allowed_cpus);
}

void fields(auto& v, Of<device::CpuPeaks::Bandwidth> auto& b) {
  v("working_set", b.working_set), v("bytes_per_second", b.bytes_per_second);
}

void fields(auto& v, Of<device::CpuPeaks> auto& p) {
  v("flops_f32", p.flops_f32), v("flops_f64", p.flops_f64), v("flops_bf16", p.flops_bf16), v("flops_f16", p.flops_f16);
  v("ops_i8", p.ops_i8), v("ops_i32", p.ops_i32), v("bandwidth", p.bandwidth), v("when", p.when);
}

void fields(auto& v, Of<BuildFacts> auto& b) {
  v("compiler", b.compiler), v("compiler_version", b.compiler_version), v("flags", b.flags);
  v("variant_flags", b.variant_flags), v("build_type", b.build_type), v("sanitizer", b.sanitizer);
  v("git_commit", b.git_commit), v("git_dirty", b.git_dirty), v({"cuda", 2}, b.cuda), v({"cuda_arch", 2}, b.cuda_arch);
}

void fields(auto& v, Of<Library> auto& x) { v("name", x.name), v("version", x.version); }

void fields(auto& v, Of<Setting> auto& x) { v("name", x.name), v("value", x.value); }

void fields(auto& v, Of<RunSettings> auto& s) {
  v("command_line", s.command_line), v("targets", s.targets), v({"target_extra_args", 2}, s.target_extra_args);
  v("device", s.device), v("scale", s.scale);
  v("pairs", s.pairs, 0), v("restarts", s.restarts, 1), v("seconds", s.seconds), v("timeout", s.timeout);
  v("memory_bytes", s.memory_bytes), v("seed_given", s.seed_given), v({"replay", 3}, s.replay);
  v("publish", s.publish), v("strict", s.strict);
  v("allow_virtualization", s.allow_virtualization);
}

void fields(auto& v, Of<Manifest> auto& m) {
  v("schema", m.schema, 1), v("run", m.run), v("started", m.started), v("finished", m.finished);
  v("aisp_version", m.aisp_version), v("host", m.host), v({"gpus", 2}, m.gpus), v("build", m.build),
      v("libraries", m.libraries), v({"system_settings", 2}, m.system_settings);
  v("settings", m.settings), v("seed", m.seed), v("calibration", m.calibration), v("interrupted", m.interrupted);
  v("publishable", m.publishable), v("unpublishable_reasons", m.unpublishable_reasons);
}

void fields(auto& v, Of<SpinAccuracy> auto& s) {
  v("requested_seconds", s.requested_seconds), v("measured_seconds", s.measured_seconds);
  v("worst_error_seconds", s.worst_error_seconds);
}

void fields(auto& v, Of<CalibrationRecord> auto& c) {
  v("schema", c.schema, 1), v("host", c.host), v("device", c.device), v("when", c.when),
      v("aisp_version", c.aisp_version);
  v("aa_floor", c.aa_floor), v("aa_trials", c.aa_trials, 0), v("aa_false_calls", c.aa_false_calls, 0);
  v("power_trials", c.power_trials, 0), v("power_resolved", c.power_resolved, 0), v("power_effect", c.power_effect);
  v("power_worst_seconds", c.power_worst_seconds);
  v("null_call_seconds", c.null_call_seconds), v("clock_resolution_seconds", c.clock_resolution_seconds);
  v("noise", c.noise), v("spin", c.spin), v("peaks", c.peaks), v("state", c.state);
}

void fields(auto& v, Of<device::GpuFacts> auto& f) {
  v("index", f.index, 0), v("name", f.name), v("uuid", f.uuid), v("pci_bus_id", f.pci_bus_id);
  v("compute_major", f.compute_major, 0), v("compute_minor", f.compute_minor, 0), v("memory_bytes", f.memory_bytes);
  v("driver", f.driver), v("driver_cuda", f.driver_cuda), v("max_sm_mhz", f.max_sm_mhz);
  v("max_memory_mhz", f.max_memory_mhz), v("default_power_limit_watts", f.default_power_limit_watts);
  v("max_pcie_generation", f.max_pcie_generation, 0), v("max_pcie_width", f.max_pcie_width, 0), v("ecc", f.ecc);
  v("mig", f.mig), v("persistence", f.persistence), v("compute_mode", f.compute_mode);
  v("nvlinks_active", f.nvlinks_active, 0);
}

void fields(auto& v, Of<device::GpuMethod> auto& m) { v("name", m.name), v("value", m.value), v("note", m.note); }

void fields(auto& v, Of<device::GpuFigure> auto& f) {
  v("name", f.name), v("unit", f.unit), v("value", f.value), v("lo", f.lo), v("hi", f.hi), v("samples", f.samples, 0);
  v("theoretical", f.theoretical), v("theoretical_source", f.theoretical_source), v("method", f.method);
  v("sm_mhz", f.sm_mhz), v("watts", f.watts), v("celsius", f.celsius), v("throttle_reasons", f.throttle_reasons);
  v("absent", f.absent), v("methods", f.methods);
}

void fields(auto& v, Of<device::GpuPeaks> auto& p) {
  v("device", p.device), v("pci_bus_id", p.pci_bus_id);
  v("multiprocessors", p.multiprocessors, 0), v("l2_bytes", p.l2_bytes);
  v("shared_per_block_bytes", p.shared_per_block_bytes), v("cuda", p.cuda), v("cublas", p.cublas);
  v("figures", p.figures), v("when", p.when);
}

void fields(auto& v, Of<GpuCalibration> auto& c) {
  v("schema", c.schema, 1), v("gpu", c.gpu), v("when", c.when), v("aisp_version", c.aisp_version), v("facts", c.facts);
  v("before", c.before), v("after", c.after), v("peaks", c.peaks);
}

void fields(auto& v, Of<ExpectedVariant> auto& x) {
  v("name", x.name), v("peer", x.peer), v("word", x.word), v("speedup", x.speedup);
  v("speedup_interval", x.speedup_interval), v("median_seconds", x.median_seconds);
  v("median_interval", x.median_interval), v("sol", x.sol), v("bound", x.bound);
}

void fields(auto& v, Of<Provenance> auto& p) {
  v("hardware", p.hardware), v("driver", p.driver), v("cuda", p.cuda), v("cuda_arch", p.cuda_arch);
  v("compiler", p.compiler), v("aisp_version", p.aisp_version), v("commit", p.commit), v("dirty", p.dirty);
  v("date", p.date), v("run", p.run), v("seed", p.seed), v("unpublishable_reasons", p.unpublishable_reasons);
}

void fields(auto& v, Of<Expectation> auto& e) {
  v("target", e.target), v("device", e.device), v("scale", e.scale), v("params", e.params), v("aa_floor", e.aa_floor);
  v("variants", e.variants), v("provenance", e.provenance);
}

void fields(auto& v, Of<Expectations> auto& e) { v("schema", e.schema, 1), v("key", e.key), v("targets", e.targets); }

void fields(auto& v, Of<model::Span> auto& s) { v("name", s.name), v("start", s.start), v("seconds", s.seconds); }

void fields(auto& v, Of<model::DeviceSpan> auto& s) {
  v("name", s.name), v("kind", s.kind), v("stream", s.stream, 0), v("bytes", s.bytes, 0), v("start", s.start);
  v("seconds", s.seconds);
}

void fields(auto& v, Of<model::MeasuredKernel> auto& k) {
  v("name", k.name), v("launches", k.launches, 0), v("metrics", k.metrics);
}

void fields(auto& v, Of<model::Stack> auto& s) { v("frames", s.frames), v("samples", s.samples, 0); }

void fields(auto& v, Of<model::VariantProfile> auto& p) {
  v("name", p.name), v("status", p.status), v("message", p.message), v("threads", p.threads, 0);
  v("against_baseline", p.against_baseline), v("counted_calls", p.counted_calls, 0);
  v("call_seconds", p.call_seconds), v("counters", p.counters), v("counters_absent", p.counters_absent);
  v("spans", p.spans), v("samples", p.samples, 0), v("lost_samples", p.lost_samples, 0);
  v("samples_absent", p.samples_absent), v("stacks", p.stacks), v("tool", p.tool), v("kernels", p.kernels);
  v("device_spans", p.device_spans), v("measured", p.measured);
}

void fields(auto& v, Of<model::TargetProfile> auto& p) {
  v("schema", p.schema, 1), v("target", p.target), v("device", p.device), v("scale", p.scale), v("level", p.level);
  v("when", p.when), v("variants", p.variants);
}

}  // namespace aisp::record
