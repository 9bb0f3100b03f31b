# SPDX-License-Identifier: MIT
"""Part "scaling" of tests/device/run: wall time of the same 85 configurations of
gemm for numbers of compile workers and for the modes, beside what it could be at
best."""
import os


def one_width(main, workers, mode):
    # NVRTC keeps what it compiled, for other processes too.
    folder = main.tempfile.mkdtemp(dir=main.PLACE)
    os.environ.update(CUDA_CACHE_DISABLE="1", CUDA_CACHE_PATH=folder)
    try:
        session = main.Session(
            main.task_of("gemm"), "--strategy", "random", "--seed", "7",
            "--max-evaluations", "85", "--no-cache", "--devices", "0",
            "--set", "parallel.compile_workers=%d" % workers, "--set",
            "parallel.precompile_mode=" + mode, "--set", "search.patience=0",
            "--set", "measure.finalists=0", seconds=150)
    finally:
        del os.environ["CUDA_CACHE_DISABLE"], os.environ["CUDA_CACHE_PATH"]
    times = [t.get("compile_ms") or 0 for t in session.trials] or [0]
    compiling = sum(times) / 1e3
    measuring = sum(t.get("measure_ms") or 0 for t in session.trials) / 1e3
    bound = compiling + measuring if mode == "none" else \
        max(compiling / workers, measuring)
    ratio = session.wall / max(bound, 0.001)
    main.note("scaling", "%-6s %2d workers: wall %6.2f s, compile %6.2f s "
              "(longest %.2f s), measure %6.2f s, bound %6.2f s, ratio %.2f, "
              "%d of %d ok" % (mode, workers, session.wall, compiling,
                               max(times) / 1e3, measuring, bound, ratio,
                               len(session.ok), len(session.trials)))
    main.check("85 gemm, %s %d" % (mode, workers), len(session.trials) == 85,
               "%.1f s, bound %.1f s: %.2f" % (session.wall, bound, ratio))
    return session, ratio


def run(main):
    seen = None
    widest = len(os.sched_getaffinity(0))
    main.note("scaling", "%d processors" % widest)
    for workers, mode, need in ((16, "spawn", 0), (16, "fork", 30),
                                (8, "spawn", 40), (4, "spawn", 60),
                                (2, "spawn", 80), (1, "spawn", 120),
                                (1, "none", 120)):
        if main.left() < need:
            main.note("scaling", "%s %d: no time left" % (mode, workers))
            continue
        session, ratio = one_width(main, workers, mode)
        if workers == 16:
            main.check("85 gemm, %s 16: at most 1.3 of the bound" % mode,
                       ratio <= 1.3, "%.2f" % ratio)
        if seen is not None and set(main.configs(session)) != seen:
            main.note("scaling", "  (not the same configurations)")
        seen = seen or set(main.configs(session))
