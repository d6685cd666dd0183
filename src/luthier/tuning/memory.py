"""How much memory a process has taken at most, and how much there still is."""

import os
from pathlib import Path

import torch

STATUS, MEMINFO = Path("/proc/self/status"), Path("/proc/meminfo")
RESET, SCORE = Path("/proc/self/clear_refs"), Path("/proc/self/oom_score_adj")
FORGET_PEAK, FIRST_TO_GO = "5", "1000"
KILO = 1024


def forget_peak(device: torch.device) -> None:
    """Let the peak begin anew from what is taken now; where the system cannot, peaks never fall."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    else:
        _write(RESET, FORGET_PEAK)


def peak(device: torch.device) -> int:
    """Bytes taken at most since `forget_peak`: of PyTorch's tensors on an accelerator, else of the whole process."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    if device.type == "mps":
        return torch.mps.driver_allocated_memory()
    if STATUS.is_file():
        return _kilobytes(STATUS, "VmHWM") * KILO
    import resource  # which Windows lacks

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def available(device: torch.device) -> int:
    """Bytes that may still be taken without pushing anything out; half of all where the system does not say."""
    if device.type == "cuda":
        reserve = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + reserve
    if device.type == "mps":
        return torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory()
    if MEMINFO.is_file():
        return _kilobytes(MEMINFO, "MemAvailable") * KILO
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


def go_first() -> None:
    """Where memory runs out all the same, let the system end this process before any other."""
    _write(SCORE, FIRST_TO_GO)


def _kilobytes(path: Path, name: str) -> int:
    (line,) = (one for one in path.read_text().splitlines() if one.startswith(f"{name}:"))
    return int(line.split()[1])


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text)
    except OSError:  # of another system, or of one that forbids it
        pass
