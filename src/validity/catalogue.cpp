// The catalogue itself: longer than other files because it is a table of ninety-five rows and nothing else.
#include "validity/catalogue.hpp"

#include <algorithm>
#include <array>

namespace aisp::validity {
namespace {

constexpr auto kStructure = By::structure, kCheck = By::check, kEnvironment = By::environment;

// Sources that stand for several rows.
constexpr auto kWafer = "https://www.wafer.ai/blog/reward-hacks-field-guide";
constexpr auto kCudaL1 = "https://arxiv.org/abs/2507.14111";
constexpr auto kMetr = "https://metr.org/blog/2025-06-05-recent-reward-hacking/";
constexpr auto kFuturemark =
    "https://www.extremetech.com/computing/"
    "54250-extremetech-testing-confirms-futuremark-discovery-of-nvidia-ati-cheats/3";
constexpr auto kAnandTech = "https://www.anandtech.com/show/7384/state-of-cheating-in-android-benchmarks";
constexpr auto kMytkowicz = "https://doi.org/10.1145/1508244.1508275";
constexpr auto kSubnormals = "https://moyix.blogspot.com/2022/09/someones-been-messing-with-my-subnormals.html";

// Attacks by the category whose plugin holds them. A row names one span of these.
constexpr Attack violation(std::string_view name) { return {.name = name, .end = End::violation}; }
constexpr Attack wrong(std::string_view name, std::string_view workload = "scale") {
  return {.name = name, .workload = workload};
}
constexpr Attack harmless(std::string_view name) { return {.name = name, .end = End::harmless}; }
constexpr Attack status(std::string_view name, std::string_view which) {
  return {.name = name, .end = End::status, .detail = which};
}
constexpr Attack cuda(std::string_view name, End end = End::violation) {
  return {.name = name, .end = end, .device = "cuda"};
}
constexpr Attack simulated(std::string_view name, End end, std::string_view altered) {
  return {.name = name, .end = end, .form = Form::simulated, .detail = altered};
}

#define ATTACKS(name, ...) constexpr Attack name[] = {__VA_ARGS__}

// timing
ATTACKS(kUnsyncedStreams, cuda("unjoined"), cuda("three_pooled_streams"));
ATTACKS(kIncompleteAsync, wrong("detached_thread"), harmless("answers_first"), cuda("second_context"));
ATTACKS(kEventGaps, violation("fast_clock"), cuda("patched_events"));
ATTACKS(kTimerGranularity, {.name = "one_call_a_batch", .end = End::unpublishable, .workload = "tiny", .calls = 1});
ATTACKS(kWarmupBleed, wrong("keeps_first_answers"), wrong("computes_ahead"));
ATTACKS(kClockDrift, violation("sets_the_clock"));
ATTACKS(kProfilerOverhead, {.name = "traced", .end = End::violation, .form = Form::worker});
// output
ATTACKS(kConstant, wrong("zeros"), wrong("mean"));
ATTACKS(kStaleCache, wrong("by_pointer"), wrong("by_fingerprint"),
        {.name = "in_a_file", .end = End::harmless, .twin = "twin_without", .restarts = 2});
ATTACKS(kApproximationDrift, wrong("half_sums", "dot"), wrong("skips_the_tail", "dot"),
        {.name = "short_series", .workload = "exp", .twin = "twin_exp"});
ATTACKS(kNan, violation("one"), violation("everywhere"));
ATTACKS(kInf, violation("one"));
ATTACKS(kInvalidGroundTruth,
        {.name = "reference_disagrees_with_its_product",
         .end = End::finding,
         .form = Form::workload,
         .workload = "broken_product"},
        {.name = "reference_skips_elements", .end = End::finding, .form = Form::workload, .workload = "broken_gaps"});
ATTACKS(kShapeMismatch, violation("past_the_end"), violation("before_the_start"), wrong("stops_short"));
ATTACKS(kDtypeMismatch, wrong("bf16_bits"), status("declares_f64", "refused"));
ATTACKS(kDenormals, violation("leaves_ftz_on"),
        {.name = "flushes_in_run", .workload = "subnormal", .twin = "twin_enlarging"});
ATTACKS(kUninitializedMemory, violation("every_thousandth"), violation("when_it_looks_written"));
// workload
ATTACKS(kPrecisionMismatch, wrong("bf16_inside", "dot"), wrong("half_inside", "dot"));
ATTACKS(kBackendPolicyDrift, violation("rounds_upwards"), violation("x87_single"));
ATTACKS(kUndeclaredShortcuts, wrong("interpolates_half"));
ATTACKS(kEarlyExit, wrong("three_of_ten", "relax"));
ATTACKS(kBatchShrinking, wrong("repeats_half", "rows"));
ATTACKS(kSequenceTruncation, wrong("drops_the_tail", "attend"));
ATTACKS(kHiddenDownsampling, wrong("half_resolution", "blur"));
ATTACKS(kSparsityMismatch, wrong("skips_small_blocks", "rows"));
ATTACKS(kMaskMismatch, wrong("no_mask", "attend"), wrong("off_by_one", "attend"));
ATTACKS(kKvCache, wrong("half_the_ring", "decode"));
ATTACKS(kTrainTest,
        {.name = "rows_of_the_test_split", .end = End::finding, .form = Form::files, .detail = "copied.txt"},
        {.name = "edited_rows_of_the_test_split", .end = End::finding, .form = Form::files, .detail = "edited.txt"});
// location
ATTACKS(kCpuSpillover, cuda("computes_on_the_host"), cuda("does_nothing", End::violation));
ATTACKS(kSetupPrecomputation, wrong("from_decoys"), wrong("from_a_guessed_seed"), wrong("from_the_guard_zone"),
        harmless("on_continuation"), {.name = "searches_in_bind", .end = End::violation, .timeout = 30},
        cuda("on_continuation", End::harmless));
ATTACKS(kGraphCapture, cuda("saved_answer", End::wrong_output), cuda("empty_graph"));
ATTACKS(kWarmupComputation, wrong("each_slot_once"), violation("works_when_not_timed"));
ATTACKS(kBackgroundThread, violation("forks"), harmless("spins_on"), violation("undeclared_threads"),
        {.name = "kept_awake", .end = End::harmless, .form = Form::worker});
ATTACKS(kLazyEvaluation, wrong("remaps_the_output"), violation("userfault"));
ATTACKS(kJitTiming, violation("compiles_when_called"));
// memory
ATTACKS(kPreallocated, wrong("filled_in_bind"));
ATTACKS(kAlias, status("writes_the_input", "crashed"), status("input_over_output", "crashed"));
ATTACKS(kPinned, {.name = "unawaited_staging", .end = End::violation, .device = "cuda", .detail = "cuda.async_memcpy"});
ATTACKS(kPoolReuse, {.name = "grows", .end = End::violation, .pairs = 12},
        {.name = "shared_pool", .end = End::harmless, .twin = "twin_without", .restarts = 2});
ATTACKS(kFragmentation, harmless("splinters_the_heap"));
ATTACKS(kPageFaults, {.name = "drops_its_pages", .end = End::violation, .as_baseline = true});
ATTACKS(kSwap, simulated("swapping", End::unpublishable, "pages swapped in and out"));
// cuda
ATTACKS(kHostCallback, cuda("computes_in_a_host_function"));
ATTACKS(kAsyncMemcpy, cuda("copies_on_another_stream"));
ATTACKS(kWorkspace, cuda("keeps_the_answer", End::wrong_output));
ATTACKS(kPersistent, cuda("spinner"), cuda("server"),
        {.name = "beside_the_queue", .end = End::violation, .device = "cuda", .detail = "timing.unsynced_streams"});
ATTACKS(kMultiGpu, {.name = "second_gpu", .end = End::violation, .device = "cuda", .gpus = 2});
ATTACKS(kContextSwitch, cuda("own_context"));
ATTACKS(kDriverOverhead, cuda("loads_a_module_each_call"));
ATTACKS(kCooperative, cuda("undeclared_grid_sync"));
ATTACKS(kDynamicParallelism, cuda("launches_from_the_device", End::harmless));
ATTACKS(kUnifiedMemory, cuda("managed_scratch", End::harmless));
// compile
ATTACKS(kCacheHit, {.name = "ships_a_warm_cache", .end = End::harmless, .restarts = 2});
ATTACKS(kTraceReuse, wrong("replays_a_trace"));
ATTACKS(kModeInconsistency, wrong("by_call_count"), wrong("by_surroundings"));
ATTACKS(kBackendAsymmetry, {.name = "other_flags", .end = End::violation, .detail = "-O3 -ffast-math"});
ATTACKS(kGuardFailure, violation("recompiles_on_new_values"));
ATTACKS(kAutotune, {.name = "tunes_by_chance",
                    .end = End::violation,
                    .detail = "statistical.variance_gaming",
                    .pairs = 8,
                    .restarts = 8,
                    .tries = 4});
ATTACKS(kSymbolicShape, wrong("only_the_benchmark_shape"));
// distributed: two or four ranks on this machine, a process each
ATTACKS(kRankSkipping, wrong("rank_returns_at_once", "allreduce"),
        {.name = "lets_rank_0_compute", .end = End::violation, .workload = "halves", .twin = "twin_halves"});
ATTACKS(kShortCircuit, wrong("sums_its_own_shard", "allreduce"),
        {.name = "sends_half_the_bits", .end = End::violation, .workload = "allreduce"},
        {.name = "exchanges_on_continuation", .end = End::harmless, .workload = "allreduce"});
ATTACKS(kTopology, {.name = "runs_two_of_four", .end = End::violation, .workload = "ring"});
ATTACKS(kBarrier, {.name = "late_rank", .end = End::harmless, .workload = "allreduce"});
ATTACKS(kBucketing, {.name = "smaller_buckets", .end = End::violation, .workload = "allreduce"},
        {.name = "one_large_message", .end = End::violation, .workload = "allreduce"});
ATTACKS(kAsyncGradient,
        {.name = "returns_before_the_wait", .end = End::status, .workload = "allreduce", .detail = "protocol"});
ATTACKS(kBubble, {.name = "claims_the_busy_stage", .end = End::harmless, .workload = "pipeline"});
ATTACKS(kShards, wrong("uneven_shards", "halves"),
        {.name = "uneven_shards_by_message",
         .end = End::violation,
         .workload = "halves",
         .detail = "distributed.rank_skipping"});
// environment
ATTACKS(kDevice,
        {.name = "moved_to_another_cpu", .end = End::violation, .form = Form::worker, .pairs = 12, .tries = 3});
ATTACKS(kBoost, simulated("boosted", End::unpublishable, "the CPU's clock after the run"));
ATTACKS(kPriority, violation("asks_for_minus_20"), {.name = "reniced", .end = End::violation, .form = Form::worker});
ATTACKS(kOvercommit, {.name = "takes_all_memory", .end = End::status, .detail = "out_of_memory", .memory_mib = 256});
ATTACKS(kNuma, simulated("other_node", End::violation, "the NUMA node of a variant's processors"));
ATTACKS(kGovernor, simulated("powersave", End::unpublishable, "the governor"));
ATTACKS(kThermal, simulated("hot", End::unpublishable, "the GPU's throttle reasons"));
ATTACKS(kPower, simulated("lowered_limit", End::unpublishable, "the GPU's power limit after the run"));
ATTACKS(kDriver, simulated("other_driver", End::unpublishable, "the driver of the expectation compared with"));
ATTACKS(kLibrary, simulated("other_library", End::unpublishable, "the CUDA version of the expectation compared with"));
ATTACKS(kContainer, simulated("quota", End::unpublishable, "time for which the cgroup was throttled"));
ATTACKS(kVirtualization, simulated("hypervisor", End::unpublishable, "the hypervisor seen"));
// statistical
ATTACKS(kCherryPicking, simulated("drops_slow_samples", End::violation, "the samples of a variant"));
ATTACKS(kOutliers, {.name = "slow_now_and_then", .end = End::violation, .as_baseline = true, .pairs = 40, .tries = 4});
ATTACKS(kVariance, {.name = "two_speeds", .end = End::violation, .pairs = 40, .tries = 4});
ATTACKS(kPercentile, {.name = "fast_once_in_five", .end = End::harmless, .pairs = 20});
ATTACKS(kSamples, {.name = "three_pairs", .end = End::unresolved, .pairs = 3});
ATTACKS(kColdStart, violation("works_in_the_first_call"));
ATTACKS(kGc, {.name = "collects_now_and_then", .end = End::violation, .pairs = 40, .tries = 4});
ATTACKS(kNoise, {.name = "loaded_core", .end = End::unpublishable, .form = Form::worker, .pairs = 40});
// evaluation
ATTACKS(kExploitation, violation("opens_a_socket"), violation("reads_another_process"), violation("installs_a_filter"),
        {.name = "runs_a_program", .end = End::violation, .detail = "location.background_thread"});
ATTACKS(kTimeout, {.name = "hangs", .end = End::status, .detail = "timed_out", .timeout = 0.3},
        {.name = "sleeps", .end = End::status, .detail = "timed_out", .timeout = 0.3},
        {.name = "stops_itself", .end = End::status, .detail = "timed_out", .timeout = 0.3});
ATTACKS(kMetric, status("forges_its_report", "protocol"), status("exits_when_done", "crashed"));
ATTACKS(kLeakage, wrong("searches_memory"), wrong("reads_golden_files"));
ATTACKS(kOverfitting, {.name = "fits_the_distribution", .workload = "exp", .twin = "twin_exp"},
        {.name = "samples_a_fraction", .workload = "rows", .twin = "twin_rows"});
ATTACKS(kSelfModifying, violation("patches_its_worker"), violation("patches_the_libc"));
ATTACKS(kMemorization, wrong("remembers_pairs"));
ATTACKS(kHoldout, {.name = "no_held_out_range", .end = End::finding, .form = Form::workload, .workload = "no_holdout"});

#undef ATTACKS

constexpr std::array kIssues{
    // ---- timing
    Issue{"timing.unsynced_streams", "work on streams that are not timed", kCheck,
          "the census orders all work by streams, events and waits; the worker's whole context is awaited within the "
          "judge's clock",
          "kernels of a reinforcement-learning run launched on streams that the evaluation did not time", kCudaL1,
          kUnsyncedStreams, ""},
    Issue{"timing.incomplete_async", "the timer stops before asynchronous work ends", kStructure,
          "the worker is stopped when it answers and its outputs are checked while it stands still; a drain probe on "
          "CUDA",
          "generated kernels leave their work to a background thread that outlives the measurement", kWafer,
          kIncompleteAsync, ""},
    Issue{"timing.event_gaps", "the worker's own times are wrong", kCheck,
          "the judge's clock decides; claimed and device times must agree with it",
          "a model disabled the synchronisation by which its kernel was timed", kMetr, kEventGaps, ""},
    Issue{"timing.timer_granularity", "the clock is too coarse for the call", kEnvironment,
          "batches are planned from a pilot; one must last a thousand ticks of the clock", "", "", kTimerGranularity,
          ""},
    Issue{"timing.warmup_bleed", "results of the warm-up are used in timed calls", kStructure,
          "the inputs of timed calls are drawn when the discarded call is over and the worker stands still", "", "",
          kWarmupBleed, ""},
    Issue{
        "timing.clock_drift", "the clock is stepped or slewed", kCheck,
        "CLOCK_MONOTONIC_RAW, held against a second clock over the run; attempts to set a clock are refused and named",
        "", "", kClockDrift, ""},
    Issue{
        "timing.profiler_overhead", "a profiler or tracer runs while time is taken", kCheck,
        "the worker's environment is made, not inherited; a tracer of its process is seen before and after each batch",
        "", "", kProfilerOverhead, ""},
    // ---- output
    Issue{"output.constant", "the same result whatever the input", kStructure,
          "fresh inputs and poisoned outputs in every timed call", "", "", kConstant, ""},
    Issue{"output.stale_cache", "the result of other inputs is returned", kStructure,
          "no input is used twice; each worker has a scratch folder of its own that goes with it",
          "generated kernels cached outputs by the address of their input", kCudaL1, kStaleCache, ""},
    Issue{"output.approximation_drift", "a rough estimate instead of the result", kCheck,
          "tolerances in units of the reference's own rounding error, for each element and for the norm",
          "drivers replaced a benchmark's shaders by cheaper ones that rendered differently", kFuturemark,
          kApproximationDrift, ""},
    Issue{"output.nan", "NaN in the output", kCheck,
          "NaN is right only where the reference has it, and an expected NaN is no wildcard", "", "", kNan, ""},
    Issue{"output.inf", "infinities in the output", kCheck, "infinities are right only where the reference has them",
          "", "", kInf, ""},
    Issue{"output.invalid_ground_truth", "the reference itself is wrong", kCheck,
          "bench audit checks references against declared products, device references, implementations and golden "
          "digests",
          "about 6 % of ImageNet's validation labels were found wrong", "https://arxiv.org/abs/2103.14749",
          kInvalidGroundTruth, ""},
    Issue{"output.shape_mismatch", "the output has another shape", kCheck,
          "the judge owns the outputs; guard zones around every one", "", "", kShapeMismatch, ""},
    Issue{"output.dtype_mismatch", "the output has another type", kCheck,
          "a plugin declares the types of its arguments; bytes are compared as the workload declares them", "", "",
          kDtypeMismatch, ""},
    Issue{"output.denormals", "subnormal numbers are flushed to zero", kCheck,
          "the floating-point state of the worker is recorded before and after each turn; subnormal inputs in "
          "verification",
          "shared libraries built with -ffast-math flushed subnormals in every Python process that loaded them",
          kSubnormals, kDenormals, ""},
    Issue{"output.uninitialized_memory", "garbage where nothing was written", kStructure,
          "outputs are poisoned with a random pattern before every call",
          "an evaluation gave kernels the memory that still held the right answer",
          "https://sakana.ai/ai-cuda-engineer/", kUninitializedMemory, ""},
    // ---- workload
    Issue{"workload.precision_mismatch", "computed in less precision than claimed", kCheck,
          "the tolerance follows from the declared arithmetic and depth; ill-conditioned draws",
          "drivers replaced a benchmark's shaders by cheaper ones that rendered differently", kFuturemark,
          kPrecisionMismatch, ""},
    Issue{"workload.backend_policy_drift", "a global numerical policy changes during the run", kCheck,
          "rounding mode, flush-to-zero and x87 precision of the worker before and after each turn",
          "loading a library changed the arithmetic of its process", kSubnormals, kBackendPolicyDrift, ""},
    Issue{"workload.undeclared_shortcuts", "elements are skipped", kStructure,
          "every element of every timed call is compared",
          "a driver added clipping planes that removed what the benchmark's camera never showed", kFuturemark,
          kUndeclaredShortcuts, ""},
    Issue{"workload.early_exit", "loops stop early", kCheck,
          "results after all iterations are compared; the tolerance is tighter than what one more iteration changes",
          "", "", kEarlyExit, ""},
    Issue{"workload.batch_shrinking", "fewer samples are computed", kStructure,
          "every sample has inputs of its own and is compared",
          "generated kernels reduced the batch size of the problem they were given", kCudaL1, kBatchShrinking, ""},
    Issue{"workload.sequence_truncation", "shorter sequences are computed", kStructure,
          "the judge owns the inputs; every position matters in some draw", "", "", kSequenceTruncation, ""},
    Issue{"workload.hidden_downsampling", "computed at a lower resolution", kStructure,
          "inputs hold frequencies that a lower resolution loses", "", "", kHiddenDownsampling, ""},
    Issue{"workload.sparsity_mismatch", "small parts of a dense problem are skipped", kStructure,
          "mixed draws hold blocks of very different magnitude, compared relative to their own scale", "", "",
          kSparsityMismatch, ""},
    Issue{"workload.mask_mismatch", "another attention mask", kStructure, "outputs are compared where the mask matters",
          "", "", kMaskMismatch, ""},
    Issue{"workload.kv_cache_size_mismatch", "a smaller cache", kStructure, "draws put weight on the oldest entries",
          "", "", kKvCache, ""},
    Issue{"workload.train_test_overlap", "tested on what it was trained on", kCheck,
          "aisp validity overlap compares splits, exact and by shingles",
          "a bug left overlaps between GPT-3's training data and its test sets", "https://arxiv.org/abs/2005.14165",
          kTrainTest, ""},
    // ---- location
    Issue{"location.cpu_spillover", "work of the GPU is done on the CPU", kCheck,
          "the census counts what ran on the device and what went to the host and came back", "", "", kCpuSpillover,
          ""},
    Issue{
        "location.setup_precomputation", "the work is done in prepare or bind", kStructure,
        "no input of a timed call exists then: bind sees decoys, the key of a round is drawn when it begins, no bytes "
        "that a worker sees lead back to a key, and it stands still from the moment that inputs are there until the "
        "clock runs",
        "", "", kSetupPrecomputation, ""},
    Issue{"location.graph_capture_cheat", "the answer is baked into a captured graph", kStructure,
          "inputs are drawn after the capture; the census counts what a graph's launch does", "", "", kGraphCapture,
          ""},
    Issue{"location.warmup_computation", "computed once for each buffer, or in calls that are not timed", kStructure,
          "each slot has new inputs in every round; untimed calls are measured against timed ones", "", "",
          kWarmupComputation, ""},
    Issue{"location.background_thread", "another thread or process computes", kCheck,
          "threads beyond those declared are refused or counted; all are stopped between commands, and their CPU time "
          "says "
          "whether they were",
          "generated kernels leave their work to a background thread that outlives the measurement", kWafer,
          kBackgroundThread, ""},
    Issue{"location.lazy_evaluation", "an unevaluated result is returned", kStructure,
          "the judge reads its own mapping of the outputs; user faults are refused",
          "generated code returned tensor subclasses that computed when they were compared", kWafer, kLazyEvaluation,
          ""},
    Issue{"location.jit_timing", "compilation falls into timed calls", kCheck,
          "executable memory that appears after bind is counted; modules loaded in timed calls on CUDA", "", "",
          kJitTiming, ""},
    // ---- memory
    Issue{"memory.preallocated_output", "the output is filled beforehand", kStructure,
          "outputs are poisoned right before every call",
          "an evaluation gave kernels the memory that still held the right answer",
          "https://sakana.ai/ai-cuda-engineer/", kPreallocated, ""},
    Issue{"memory.input_output_alias", "the output is the input, or the input is changed", kStructure,
          "inputs are a read-only mapping and compared after the run; outputs are another one", "", "", kAlias, ""},
    Issue{"memory.pinned_transfer", "asynchronous pinned copies are not awaited", kCheck,
          "the census orders copies like kernels", "", "", kPinned, ""},
    Issue{"memory.pool_reuse", "cached allocations skew the comparison", kCheck,
          "each variant has processes of its own; memory that grows with every batch is named", "", "", kPoolReuse, ""},
    Issue{"memory.fragmentation", "memory is fragmented for the others", kStructure,
          "each variant has processes and contexts of its own",
          "the size of the environment alone moved results of SPEC CPU2006 by several per cent", kMytkowicz,
          kFragmentation, ""},
    Issue{"memory.page_faults", "first touches fall into timed calls", kCheck,
          "buffers are touched before; faults of each batch are counted, and a baseline that faults alone is named", "",
          "", kPageFaults, ""},
    Issue{"memory.swap", "memory is swapped", kEnvironment, "pages swapped during the run make it unpublishable", "",
          "", kSwap, ""},
    // ---- cuda
    Issue{"cuda.host_callback", "a host function hides work", kCheck, "host functions in timed calls are counted", "",
          "", kHostCallback, ""},
    Issue{"cuda.async_memcpy", "copies are not awaited", kCheck, "the census orders copies like kernels", "", "",
          kAsyncMemcpy, ""},
    Issue{"cuda.workspace_precompute", "results are kept in a workspace", kStructure,
          "fresh inputs for every call; allocations are counted", "", "", kWorkspace, ""},
    Issue{"cuda.persistent_kernel", "a kernel keeps running", kCheck,
          "a probe of the judge's must find the device idle before and after each batch", "", "", kPersistent, ""},
    Issue{"cuda.undeclared_multi_gpu", "other GPUs help", kCheck,
          "one device is visible to the worker; the census lists the devices that did work", "", "", kMultiGpu, ""},
    Issue{"cuda.context_switch", "context switches disturb the time", kCheck,
          "contexts created by a variant are counted", "", "", kContextSwitch, ""},
    Issue{"cuda.driver_overhead", "work of the driver falls into timed calls", kCheck,
          "modules loaded and allocations made in timed calls are counted", "", "", kDriverOverhead, ""},
    Issue{"cuda.cooperative_launch", "an undeclared grid-wide kernel holds the device", kCheck,
          "cooperative launches are counted; one that the given stream does not wait for is named", "", "",
          kCooperative, ""},
    Issue{"cuda.dynamic_parallelism", "kernels launch kernels that nobody counts", kCheck,
          "a kernel ends after those it launched, and the context is awaited within the clock; modules that can launch "
          "from the device are named",
          "", "", kDynamicParallelism, ""},
    Issue{"cuda.unified_memory_faults", "pages migrate in timed calls", kStructure,
          "migrations lie within the calls that cause them, and those are timed whole", "", "", kUnifiedMemory, ""},
    // ---- compile
    Issue{"compile.cache_hit", "a compiled result is already there", kStructure,
          "each worker starts with an empty folder and no home", "", "", kCacheHit, ""},
    Issue{"compile.trace_reuse", "a recorded trace is replayed for other data", kStructure,
          "slots differ in address and inputs in value", "", "", kTraceReuse, ""},
    Issue{"compile.mode_inconsistency", "verified code is not the timed code", kStructure,
          "the timed calls are the verified calls", "drivers recognised a benchmark by its executable and its shaders",
          kFuturemark, kModeInconsistency, ""},
    Issue{"compile.backend_asymmetry", "variants are compiled with different flags", kCheck,
          "flags, and switches that a judged source sets for itself, are recorded and compared with the baseline's", "",
          "", kBackendAsymmetry, ""},
    Issue{"compile.guard_failure", "hidden recompilation", kCheck,
          "executable memory that appears after bind is counted", "", "", kGuardFailure, ""},
    Issue{"compile.autotune_variance", "tuning picks differ from run to run", kCheck,
          "several process starts, whose medians must agree", "", "", kAutotune, ""},
    Issue{"compile.symbolic_shape", "special code for the benchmark's shape", kCheck,
          "held-out shapes drawn from the secret seed",
          "a compiler used prior knowledge of one benchmark; over 2600 SPEC CPU2017 results were marked",
          "https://www.servethehome.com/over-2000-spec-cpu-2017-results-flagged-for-compiler-optimization-intel/",
          kSymbolicShape, ""},
    // ---- distributed
    Issue{"distributed.rank_skipping", "ranks do no work", kCheck,
          "every rank's output is compared, and its CPU time with the share that the problem states", "", "",
          kRankSkipping, ""},
    Issue{"distributed.collective_short_circuit", "communication is skipped", kStructure,
          "each rank is bound to its own freshly drawn shard and learns the rest over the judge's wire alone; bytes on "
          "it against what the problem needs",
          "", "", kShortCircuit, ""},
    Issue{"distributed.topology_mismatch", "other ranks, hosts or links than claimed", kCheck,
          "ranks, hosts and who sent to whom, as the judge's switch saw it, against what the problem states", "", "",
          kTopology, ""},
    Issue{"distributed.barrier_timing", "a barrier hides the skew between ranks", kStructure,
          "the judge's clock runs from the common start to the last rank's answer", "", "", kBarrier, ""},
    Issue{"distributed.gradient_bucketing", "other message sizes", kCheck,
          "sizes of all messages, counted by the judge's switch, against those that the problem states", "", "",
          kBucketing, ""},
    Issue{"distributed.async_gradient", "an asynchronous reduction is not awaited", kStructure,
          "outputs are checked while all ranks stand still", "", "", kAsyncGradient, ""},
    Issue{"distributed.pipeline_bubble", "idle stages are not counted", kStructure,
          "the whole step is timed by the judge, each call from an empty pipeline; idle time of every rank is reported",
          "", "", kBubble, ""},
    Issue{
        "distributed.shard_size", "shards differ between contestants", kStructure,
        "the judge binds each rank to the rows that the problem states; what was bound is compared, and what each rank "
        "works",
        "", "", kShards, ""},
    // ---- environment
    Issue{"environment.device_mismatch", "run elsewhere than stated", kEnvironment,
          "the processors a worker may use, before and after each turn; hardware keys of expectations", "", "", kDevice,
          ""},
    Issue{"environment.frequency_boost", "clocks differ between runs", kEnvironment,
          "the clock before and after the run; of the SM for every sample",
          "phones raised their clocks when they recognised a benchmark", kAnandTech, kBoost, ""},
    Issue{"environment.priority_elevation", "scheduled before others", kCheck,
          "attempts are refused and named; nice value and policy of each turn", "", "", kPriority, ""},
    Issue{"environment.memory_overcommit", "more memory than there is", kEnvironment, "each worker has a memory limit",
          "", "", kOvercommit, ""},
    Issue{"environment.numa_inconsistency", "variants run on different nodes", kEnvironment,
          "the node of the processors of each variant", "", "", kNuma, ""},
    Issue{"environment.cpu_governor", "the governor changes clocks", kEnvironment,
          "the governor before and after; anything but performance is a reason", "", "", kGovernor, ""},
    Issue{"environment.thermal_throttling", "slowed down by heat", kEnvironment, "throttle reasons of the GPU", "", "",
          kThermal, ""},
    Issue{"environment.power_limit", "the power limit changes", kEnvironment,
          "the limit before and after, and whether it was met", "", "", kPower, ""},
    Issue{"environment.driver_version", "another driver than the result compared with", kEnvironment,
          "provenance of expectations and manifests of runs", "", "", kDriver, ""},
    Issue{"environment.library_version", "other libraries than the result compared with", kEnvironment,
          "provenance of expectations and manifests of runs", "", "", kLibrary, ""},
    Issue{"environment.container_limits", "throttled by a cgroup", kEnvironment,
          "time for which the cgroup was throttled during the run", "", "", kContainer, ""},
    Issue{"environment.virtualization", "a virtual machine", kEnvironment,
          "the hypervisor seen makes a run unpublishable unless allowed", "", "", kVirtualization, ""},
    // ---- statistical
    Issue{"statistical.cherry_picking", "only good samples are reported", kCheck, "every planned sample must be there",
          "many private variants were tested on a leaderboard and only the best one shown",
          "https://arxiv.org/abs/2504.20879", kCherryPicking, ""},
    Issue{"statistical.outlier_injection", "slow calls planted in the baseline", kCheck,
          "two groups of times in the baseline that its neighbours in the same rounds do not show", "", "", kOutliers,
          ""},
    Issue{"statistical.variance_gaming", "a variant with two speeds", kCheck,
          "two groups of times that its neighbours in the same rounds do not show", "", "", kVariance, ""},
    Issue{"statistical.percentile_selection", "the percentile is chosen afterwards", kStructure,
          "one policy: the median of paired ratios",
          "few papers of three conferences said how they had summarised repeated measurements",
          "https://doi.org/10.1145/2807591.2807644", kPercentile, ""},
    Issue{"statistical.insufficient_samples", "too few samples", kCheck, "no interval from fewer than six pairs",
          "prevalent ways of reporting the speed of Java programs were shown to mislead",
          "https://doi.org/10.1145/1297027.1297033", kSamples, ""},
    Issue{"statistical.cold_start", "the discarded call does the work", kCheck,
          "the first call of each worker is timed too and compared with the others",
          "virtual machines were found not to reach a steady state in much of what was measured",
          "https://arxiv.org/abs/1602.00602", kColdStart, ""},
    Issue{"statistical.gc_interference", "memory is reclaimed in some batches", kCheck,
          "two groups of times of which the slow one faults", "", "", kGc, ""},
    Issue{"statistical.background_noise", "other programs use the processor", kEnvironment,
          "foreign use of the timed processors; the A/A floor of the same run",
          "the size of the environment alone moved results of SPEC CPU2006 by several per cent", kMytkowicz, kNoise,
          ""},
    // ---- evaluation
    Issue{"evaluation.eval_code_exploitation", "the evaluator is attacked", kStructure,
          "another process; network, other processes and programs are refused, and the attempt is named",
          "a model read the right answer from its caller's stack frame", kMetr, kExploitation, ""},
    Issue{"evaluation.timeout_manipulation", "time limits are stretched", kStructure,
          "the judge's deadline; a worker that misses it is killed with its children",
          "an agent edited its own script to give itself more time", "https://sakana.ai/ai-scientist/", kTimeout, ""},
    Issue{"evaluation.metric_redefinition", "the metric is redefined", kStructure,
          "the worker sends no verdict; a report that makes no sense ends it", "", "", kMetric, ""},
    Issue{"evaluation.test_data_leakage", "the expected result is read", kStructure,
          "it is never mapped in the worker; files outside its folder cannot be read",
          "agents found the fix of a bug in the history of the repository they were to repair",
          "https://github.com/SWE-bench/SWE-bench/issues/465", kLeakage, ""},
    Issue{"evaluation.benchmark_overfitting", "made for the benchmark's data", kCheck,
          "mixed draws within the timed set, held-out shapes from the secret seed",
          "a compiler used prior knowledge of one benchmark; over 2600 SPEC CPU2017 results were marked",
          "https://www.servethehome.com/over-2000-spec-cpu-2017-results-flagged-for-compiler-optimization-intel/",
          kOverfitting, ""},
    Issue{"evaluation.self_modifying", "the code of the worker is changed", kCheck,
          "the worker's code and constant pages, read from outside, before the plugin and at the end", "", "",
          kSelfModifying, ""},
    Issue{"evaluation.memorization", "answers are remembered", kStructure, "no input is used twice",
          "models scored lower on fresh problems in the style of GSM8k than on the published ones",
          "https://arxiv.org/abs/2405.00332", kMemorization, ""},
    Issue{"evaluation.missing_holdout", "nothing is held out", kCheck,
          "a workload without a held-out range is refused unless it says why", "", "", kHoldout, ""},
};
static_assert(kIssues.size() == 95);

}  // namespace

std::span<const Issue> catalogue() { return kIssues; }

const Issue* find_issue(std::string_view id) {
  const auto* found = std::find_if(kIssues.begin(), kIssues.end(), [&](const Issue& i) { return i.id == id; });
  return found == kIssues.end() ? nullptr : found;
}

std::string_view to_string(By by) {
  switch (by) {
    case By::structure: return "structure";
    case By::check: return "check";
    case By::environment: return "environment";
  }
  return "?";
}

std::string_view to_string(End end) {
  switch (end) {
    case End::wrong_output: return "wrong output";
    case End::violation: return "violation";
    case End::status: return "status";
    case End::harmless: return "gains nothing";
    case End::unpublishable: return "not publishable";
    case End::unresolved: return "unresolved";
    case End::finding: return "finding";
  }
  return "?";
}

std::string_view to_string(Form form) {
  switch (form) {
    case Form::variant: return "variant";
    case Form::worker: return "environment of the worker";
    case Form::workload: return "workload";
    case Form::files: return "files";
    case Form::simulated: return "simulated";
  }
  return "?";
}

}  // namespace aisp::validity
