"""Open files, directories, pipes, and files of the kernel."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TextIO

from .hazard import Steps, hazard, same_if, write_file

DIGITS = b"0123456789"


@hazard
def open_for_reading(folder: Path) -> Steps:
    """A file read halfway."""
    path = write_file(folder / "data.bin", DIGITS * 1000)
    file = path.open("rb", buffering=0)
    file.read(5)
    yield {"file": str(path)}
    read = file.read(5)
    return same_if(read == b"56789", f"reads {read!r}")


@hazard
def open_for_appending(folder: Path) -> Steps:
    """A log that is written on."""
    path = folder / "server.log"
    file = path.open("ab", buffering=0)
    file.write(b"before\n")
    yield {"file": str(path)}
    file.write(b"after\n")
    held = path.read_bytes()
    return same_if(held == b"before\nafter\n", f"the file holds {held[:20]!r}")


def deleted(path: Path, size: int) -> Steps:
    """A file that is open and has no name any more."""
    write_file(path, b"secret" + bytes(size))
    file = path.open("r+b", buffering=0)
    file.read(2)
    path.unlink()
    yield {}
    rest = file.read(4)
    file.seek(0)
    file.write(b"SECRET")
    file.seek(0)
    return same_if((rest, file.read(6)) == (b"cret", b"SECRET"), f"reads {rest!r}")


@hazard
def deleted_open(folder: Path) -> Steps:
    """Deleted and still open, on a mount that comes from the host (a Volume, the image)."""
    return (yield from deleted(folder / "gone.bin", 6000))


@hazard
def deleted_open_big(folder: Path) -> Steps:
    """The same, above the size that CRIU takes along by default (1 MiB)."""
    return (yield from deleted(folder / "gone.bin", 3 << 20))


@hazard
def deleted_open_in_tmp(folder: Path) -> Steps:
    """Deleted and still open, in the sandbox's own memory file system (`tempfile.TemporaryFile`)."""
    return (yield from deleted(Path("/tmp/gone.bin"), 6000))


@hazard
def written_to_root(folder: Path) -> Steps:
    """A file that the program has written to the container's own root, whose changes the sandbox keeps: open halfway."""
    path = write_file(Path("/opt/hazard.bin"), DIGITS * 1000)
    file = path.open("rb", buffering=0)
    file.read(5)
    yield {}
    return same_if(file.read(5) == b"56789" and path.exists(), "the file differs")


@hazard
def deleted_open_in_root(folder: Path) -> Steps:
    """The same, deleted while open."""
    return (yield from deleted(Path("/opt/hazard.bin"), 6000))


@hazard
def unnamed_open(folder: Path) -> Steps:
    """A file that never had a name (O_TMPFILE)."""
    descriptor = os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o600)
    os.write(descriptor, b"hello")
    yield {}
    return same_if(os.pread(descriptor, 5, 0) == b"hello", "the content is gone")


@hazard
def renamed_open(folder: Path) -> Steps:
    """Renamed while open."""
    path = write_file(folder / "first.bin", DIGITS)
    file = path.open("rb", buffering=0)
    renamed = path.rename(folder / "second.bin")
    yield {"file": str(renamed)}
    return same_if(file.read(4) == b"0123", "the content differs")


@hazard
def open_directory(folder: Path) -> Steps:
    """A descriptor of a directory."""
    directory = folder / "cache"
    directory.mkdir()
    write_file(directory / "entry", b"1")
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    yield {"file": str(directory)}
    return same_if(os.listdir(descriptor) == ["entry"], "the directory differs")


@hazard
def working_directory(folder: Path) -> Steps:
    """A working directory on a mount from the host, with nothing open in it."""
    directory = folder / "work"
    directory.mkdir()
    os.chdir(directory)
    yield {"file": str(directory)}
    return same_if(Path.cwd() == directory, "another working directory")


@hazard
def deleted_working_directory(folder: Path) -> Steps:
    """A working directory that was removed."""
    directory = folder / "work"
    directory.mkdir()
    os.chdir(directory)
    directory.rmdir()
    yield {}
    return same_if(not directory.exists(), "the directory is back")


@hazard
def file_in_tmp(folder: Path) -> Steps:
    """A closed file in the sandbox's own memory file system: part of the image."""
    path = Path("/tmp/kept.txt")
    path.write_text("kept")
    yield {}
    return same_if(path.read_text() == "kept", "the file differs")


@hazard
def named_pipe(folder: Path) -> Steps:
    """A FIFO with bytes in it, in the sandbox's own memory file system."""
    path = Path("/tmp/fifo")
    os.mkfifo(path)
    descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    os.write(descriptor, b"waiting")
    yield {}
    return same_if(os.read(descriptor, 64) == b"waiting", "the bytes are gone")


@hazard
def named_pipe_on_mount(folder: Path) -> Steps:
    """The same on a mount that comes from the host, where the sandbox keeps it to itself."""
    path = folder / "fifo"
    os.mkfifo(path)
    descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    os.write(descriptor, b"waiting")
    yield {}
    return same_if(os.read(descriptor, 64) == b"waiting", "the bytes are gone")


@hazard
def pipe_with_bytes(folder: Path) -> Steps:
    """A pipe with bytes in it."""
    source, sink = os.pipe()
    os.write(sink, b"x" * 5000)
    yield {}
    return same_if(os.read(source, 10_000) == b"x" * 5000, "the bytes are gone")


@hazard
def open_proc_files(folder: Path) -> Steps:
    """Files of /proc, as monitoring libraries keep them."""
    maps, memory = Path("/proc/self/maps").open(), Path("/proc/meminfo").open()
    directory = os.open("/proc/self", os.O_RDONLY)
    yield {}
    return same_if("python" in maps.read() and "MemTotal" in memory.read() and "stat" in os.listdir(directory), "/proc reads differently")


def attempt(file: TextIO) -> list[str] | str:
    """What reading gives: name and state of the process, or the error."""
    file.seek(0)
    try:
        return file.read().splitlines()[:2]
    except OSError as error:
        return str(error.strerror)


@hazard
def open_proc_file_of_dead_child(folder: Path) -> Steps:
    """A /proc file of a process that has ended; Linux gives an error for it, gVisor the last that was known."""
    source, sink = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(sink)
        os.read(source, 1)
        os._exit(0)
    file = Path(f"/proc/{pid}/status").open()
    os.close(sink)
    os.waitpid(pid, 0)
    before = attempt(file)
    yield {}
    after = attempt(file)
    return same_if(after == before, f"it reads {after} and not {before}")


@hazard
def open_sys_file(folder: Path) -> Steps:
    """A file of /sys."""
    file = Path("/sys/devices/system/cpu/online").open()
    yield {}
    return same_if(bool(file.read()), "it reads nothing")


@hazard
def open_devices(folder: Path) -> Steps:
    """The devices that every container has."""
    zero, random = (open(f"/dev/{name}", "rb", buffering=0) for name in ("zero", "urandom"))
    null = open("/dev/null", "wb", buffering=0)
    yield {}
    return same_if(zero.read(4) == bytes(4) and len(random.read(4)) == 4 and null.write(b"x") == 1, "a device reads differently")
