# SPDX-License-Identifier: MIT
"""What tuning a Triton kernel takes, whatever the kernel: a backend whose
compile half runs Triton's compiler without a device, and whose device half
checks against PyTorch and times with events. A kernel's own file derives from
TritonKernel and says how its kernel is called.

With TRITON_INTERPRET=1 everything runs on the processor, very slowly and without
compiling: a way to try the program, not to measure anything."""
import ctypes
import importlib.metadata
import os
import sys
import time
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../../sdk/python"))
import triton  # noqa: E402
import warpwright_backend as ww  # noqa: E402

INTERPRETED = os.environ.get("TRITON_INTERPRET", "0") == "1"
# Parameters that are options of the compiler, not arguments of the kernel.
OPTIONS = ("num_warps", "num_stages", "num_ctas", "maxnreg")
# A sample lasts at least so long: events tick every 0.5 microseconds.
SHORTEST_SAMPLE_MS = 0.05


# ------------------------------------------------- compiling without a device

class NoDevice:
    """The part of a Triton driver that its compiler asks: for what?"""

    def __init__(self, target):
        self.target = target

    def get_current_device(self):
        return 0

    def get_current_stream(self, _device):
        return 0

    def get_current_target(self):
        return self.target


class Pointer:
    """Stands for a tensor: memory as PyTorch allocates it, well aligned."""

    def __init__(self, dtype):
        self.dtype = dtype

    @staticmethod
    def data_ptr():
        return 0

    @staticmethod
    def ptr_range():
        return 0


def use_target(text):
    """"cuda:90:32" becomes what the compiler compiles for."""
    from triton.backends.compiler import GPUTarget
    backend, arch, width = text.split(":")
    target = GPUTarget(backend, int(arch) if arch.isdigit() else arch,
                       int(width))
    triton.runtime.driver.set_active(NoDevice(target))


# -------------------------------------------------------------- what went wrong

def failure_of(error):
    """The class of failure that an exception of Triton or PyTorch means, or
    None."""
    text = str(error) or type(error).__name__
    kinds = {base.__name__ for base in type(error).__mro__}
    low = text.lower()
    if isinstance(error, ww.Failure):
        return error
    if "OutOfResources" in kinds or "OutOfMemoryError" in kinds or \
            "out of memory" in low or "out of resource" in low:
        return ww.OutOfResources(text)
    if "PTXASError" in kinds:
        said = [l for l in text.splitlines() if l.startswith("ptxas ")]
        short = any(w in low for w in ("too much", "too many",
                                       "insufficient registers"))
        kind = ww.OutOfResources if short else ww.CompileError
        return kind(said[0] if said else first_line(text), log=text)
    if {"CompilationError", "UnsupportedLanguageConstruct",
            "CompileTimeAssertionFailure"} & kinds or \
            "passmanager" in low:
        return ww.CompileError(last_line(text), log=text)
    if "AcceleratorError" in kinds or "cuda error" in low or \
            "hip error" in low or "an illegal memory access" in low:
        # The context is spoilt for everything that follows.
        return ww.DeviceLost(first_line(text), log=text, restart=True)
    if low.startswith("triton error ["):
        return ww.LaunchFailure(first_line(text), log=text, restart=True)
    return None


def first_line(text):
    return next((l for l in text.splitlines() if l.strip()), text).strip()


def last_line(text):
    return first_line("\n".join(reversed(text.splitlines())))


def classified(method):
    def call(*arguments):
        try:
            return method(*arguments)
        except Exception as error:
            failure = failure_of(error)
            if failure is None or failure is error:
                raise
            raise failure from error
    return call


# ------------------------------------------------------------------- the kernel

class Launcher:
    """A loaded configuration: compiled, and bound to the tensors."""

    def __init__(self, side, values):
        self.grid = side.grid(values)
        self.kernel = side.kernel
        self.arguments = [side.tensors[n] for n in side.names] + \
            list(side.scalars(values))
        self.more = side.meta(values)

    def __call__(self):
        self.kernel[self.grid](*self.arguments, **self.more)


class TritonKernel(ww.Backend):
    version = "1"
    shares_cpu = INTERPRETED
    kernel = None     # the function under @triton.jit
    tensors = None    # by name, in the device half
    wanted = None     # what the output must hold

    # -- for the kernel's own file

    def scalars(self, values):
        """Arguments that follow the pointers."""
        return []

    def constants(self, values):
        """The kernel's tl.constexpr arguments by name."""
        return {}

    def grid(self, values):
        raise NotImplementedError

    def expected(self, torch, tensors, values):
        """The right output, by PyTorch."""
        raise NotImplementedError

    # -- both halves

    def start(self, role, task):
        self.role = role

    def meta(self, values):
        more = dict(self.constants(values))
        more.update({n: values[n] for n in OPTIONS if n in values})
        return more

    def identity(self):
        return "triton %s%s" % (triton.__version__,
                                " interpreted" if INTERPRETED else "")

    def prepare(self, order):
        self.arguments = order["arguments"]
        self.names = [a["name"] for a in self.arguments]
        if order["role"] == "device":
            self.make_tensors(order)

    # -- the compile half

    @classified
    def build(self, job):
        # A program that plays both halves has a driver, which must stay.
        if self.role == "compile":
            use_target(job.target)
        pointers = [Pointer(a["type"])
                    for a in self.arguments]
        compiled = self.kernel.warmup(
            *pointers, *self.scalars(job.values), grid=self.grid(job.values),
            **self.meta(job.values))
        binary = compiled.asm.get("cubin") or compiled.asm.get("hsaco") or b""
        return ww.Built(artifact={"hash": compiled.hash}, facts={
            "shared_bytes": compiled.metadata.shared,
            "code_bytes": len(binary)})

    if INTERPRETED:
        build = None  # noqa: F811

    # -- the device half

    def devices(self):
        if INTERPRETED:
            return [{"id": "triton-interpreter",
                     "name": "Triton's interpreter"}]
        # Asked before anything can be compiled, and twice: importing PyTorch
        # for it would take seconds each time.
        found = driver_devices()
        if found:
            return found
        import torch
        if not torch.cuda.is_available():
            raise ww.Unavailable("PyTorch %s sees no GPU" % torch.__version__)
        return [describe(torch, i) for i in range(torch.cuda.device_count())]

    def make_tensors(self, order):
        import torch
        self.torch = torch
        self.place = "cpu"
        if not INTERPRETED:
            if not torch.cuda.is_available():
                raise ww.Unavailable("PyTorch %s sees no GPU"
                                     % torch.__version__)
            ids = [d["id"] for d in self.devices()]
            torch.cuda.set_device(ids.index(order["device"]))
            self.place = "cuda"
            flushed = getattr(torch.cuda.get_device_properties(
                torch.cuda.current_device()), "L2_cache_size", 0)
            self.flushed = torch.empty(max(256 << 20, 2 * flushed),
                                       dtype=torch.int8, device="cuda")
        self.tensors = {a["name"]: self.make(a, order["seed"])
                        for a in self.arguments}
        self.output = next(a for a in self.arguments
                           if a["kind"] == "output")

    def make(self, argument, seed):
        torch, fill = self.torch, argument["fill"]
        dtype = getattr(torch, argument["type"])
        n = argument["elements"]
        if argument["kind"] == "output":
            return torch.empty(n, dtype=dtype, device=self.place)
        generator = torch.Generator(device=self.place)
        generator.manual_seed(1000003 * seed + fill["seed"])
        options = {"generator": generator, "device": self.place,
                   "dtype": torch.float32}
        if fill["kind"] == "normal":
            made = torch.randn(n, **options) * fill["b"] + fill["a"]
        elif fill["kind"] == "uniform":
            made = torch.rand(n, **options) * (fill["b"] - fill["a"]) + \
                fill["a"]
        else:
            raise ww.Unavailable("a fill of kind %s is not made here"
                                 % fill["kind"])
        return made.to(dtype)

    def synchronize(self):
        if not INTERPRETED:
            self.torch.cuda.synchronize()

    @classified
    def load(self, job):
        launcher = Launcher(self, job.values)
        if not INTERPRETED:
            # From Triton's cache on disk, where the compile half has put it.
            compiled = self.kernel.warmup(
                *launcher.arguments, grid=launcher.grid, **launcher.more)
            # Loads it: here a kernel that needs too much is refused.
            compiled._init_handles()
            job.facts["registers"] = compiled.n_regs
            job.facts["spills"] = compiled.n_spills
        return launcher

    def unload(self, job):
        job.loaded = None

    @classified
    def verify(self, job):
        torch, output = self.torch, self.output
        got = self.tensors[output["name"]]
        if self.wanted is None:
            self.wanted = self.expected(torch, self.tensors, job.values)
        got.fill_(float("nan"))
        job.loaded()
        self.synchronize()
        want = self.wanted.reshape(-1).float()
        difference = (got.float() - want).abs()
        tolerance = output["tolerance"]
        bad = ~(difference <= tolerance["absolute"] +
                tolerance["relative"] * want.abs())
        n_wrong = int(bad.sum())
        if n_wrong == 0:
            return
        # NaN is as wrong as can be.
        worst = int(torch.nan_to_num(difference, nan=float("inf")).argmax())
        raise ww.WrongResult(argument=output["name"], n_wrong=n_wrong,
                             index=worst, got=got[worst], want=want[worst],
                             difference=difference[worst])

    @classified
    def run(self, job):
        job.loaded()

    @classified
    def time(self, job, timing):
        if INTERPRETED:
            return super().time(job, ww.Timing(timing.samples, 1))
        repeats = timing.repeats
        if repeats <= 0:
            last = self.samples(job.loaded, 1, 1, timing.cold)[0]
            repeats = max(1, min(1000, int(SHORTEST_SAMPLE_MS /
                                           max(last, 1e-4))))
        end = time.monotonic() + timing.budget_ms / 1e3
        times, group = [], 1
        while len(times) < timing.samples:
            group = min(group, timing.samples - len(times))
            times += self.samples(job.loaded, group, repeats, timing.cold)
            if time.monotonic() >= end:
                break
            # So many at once that the processor stays ahead of the GPU.
            group = 16 if times[-1] * repeats < 5 else 1
        return times, repeats

    def samples(self, launch, n, repeats, cold):
        """Milliseconds a launch, n times. What runs before each keeps the GPU
        busy until the launch itself is on its way."""
        torch = self.torch
        pairs = []
        for _ in range(n):
            begun, ended = (torch.cuda.Event(enable_timing=True)
                            for _ in range(2))
            if cold:
                self.flushed.zero_()
            else:
                torch.cuda._sleep(200000)
            begun.record()
            for _ in range(repeats):
                launch()
            ended.record()
            pairs.append((begun, ended))
        torch.cuda.synchronize()
        return [b.elapsed_time(e) / repeats for b, e in pairs]


# Numbers of the driver's attributes, by the names of the facts.
ATTRIBUTES = {"multiprocessors": 16, "l2_bytes": 38, "shared_per_block": 97,
              "shared_per_multiprocessor": 81,
              "registers_per_multiprocessor": 82,
              "threads_per_multiprocessor": 39, "warp_width": 10}
MAJOR, MINOR = 75, 76


def driver_devices():
    """What NVIDIA's driver says by itself, in the order in which PyTorch counts
    too; nothing if it cannot be asked, or PyTorch is not for it."""
    try:
        version = importlib.metadata.version("torch")
        if "cpu" in version or "rocm" in version:
            return []
        cuda = ctypes.CDLL("libcuda.so.1")
        ask(cuda.cuInit, 0)
        count = ctypes.c_int()
        ask(cuda.cuDeviceGetCount, ctypes.byref(count))
        return [driver_device(cuda, i, version) for i in range(count.value)]
    except (OSError, AttributeError, importlib.metadata.PackageNotFoundError):
        return []


def ask(function, *arguments):
    result = function(*arguments)
    if result != 0:
        raise OSError("%s: error %d" % (function.__name__, result))


def driver_device(cuda, number, version):
    device, name = ctypes.c_int(), ctypes.create_string_buffer(256)
    identity, memory = (ctypes.c_ubyte * 16)(), ctypes.c_size_t()
    ask(cuda.cuDeviceGet, ctypes.byref(device), number)
    ask(cuda.cuDeviceGetName, name, len(name), device)
    ask(cuda.cuDeviceGetUuid, identity, device)
    ask(cuda.cuDeviceTotalMem_v2, ctypes.byref(memory), device)

    def attribute(which):
        value = ctypes.c_int()
        ask(cuda.cuDeviceGetAttribute, ctypes.byref(value), which, device)
        return value.value

    facts = {fact: attribute(which) for fact, which in ATTRIBUTES.items()}
    arch = "%d%d" % (attribute(MAJOR), attribute(MINOR))
    return {"id": "GPU-%s" % uuid.UUID(bytes=bytes(identity)),
            "name": name.value.decode(),
            "target": "cuda:%s:32" % arch,
            "facts": {**facts, "memory_bytes": memory.value},
            "texts": {"architecture": arch, "torch": version}}


def describe(torch, number):
    """A device as the protocol wants it, by PyTorch."""
    sheet = torch.cuda.get_device_properties(number)
    name = torch.cuda.get_device_name(number)
    uuid = getattr(sheet, "uuid", None)
    facts = {"multiprocessors": "multi_processor_count",
             "memory_bytes": "total_memory", "l2_bytes": "L2_cache_size",
             "shared_per_block": "shared_memory_per_block_optin",
             "shared_per_multiprocessor": "shared_memory_per_multiprocessor",
             "registers_per_multiprocessor": "regs_per_multiprocessor",
             "threads_per_multiprocessor": "max_threads_per_multi_processor",
             "warp_width": "warp_size"}
    arch = getattr(sheet, "gcnArchName", None) if torch.version.hip else None
    target = "hip:%s:%d" % (arch.split(":")[0], sheet.warp_size) if arch else \
        "cuda:%d%d:32" % (sheet.major, sheet.minor)
    return {"id": "GPU-%s" % uuid if uuid else "%s #%d" % (name, number),
            "name": name, "target": target,
            "facts": {fact: getattr(sheet, member)
                      for fact, member in facts.items()
                      if getattr(sheet, member, None)},
            "texts": {"architecture": target.split(":")[1],
                      "torch": torch.__version__}}
