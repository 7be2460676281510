"""Sandboxed kernels, attacked from inside: what a student's code can see, reach, use up and leave behind."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_client.provisioning import KernelProvisionerFactory

from informal_ict import paths
from informal_ict.errors import InputError
from informal_ict.kernels import mounts
from informal_ict.kernels.bubblewrap import find_bubblewrap
from informal_ict.kernels.forked import TemplateError
from informal_ict.kernels.limits import Ended
from informal_ict.kernels.sandbox import SandboxedProvisioner
from running_kernels import command_lines, kernel, kernel_of_another_program, run_to_its_end, start, until

SANDBOXED = {"JUPYTER_DEFAULT_PROVISIONER_NAME": "informal-ict-sandboxed"}
MB = 1 << 20


@pytest.fixture(autouse=True)
def sandboxed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in SANDBOXED.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    KernelProvisionerFactory.clear_instance()
    yield
    KernelProvisionerFactory.clear_instance()


@pytest.fixture
def submission(tmp_path: Path) -> Path:
    folder = tmp_path / "submission"
    folder.mkdir()
    (folder / "data.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    return folder


def test_it_sees_its_own_folder_and_no_other(
    tmp_path: Path, submission: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("gradebook.db", "home/.ssh/id_rsa", "other-student/answer.ipynb"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("secret", encoding="utf-8")
    monkeypatch.setenv("DATABASE_PASSWORD", "secret")
    (submission / "way-out").symlink_to(tmp_path / "gradebook.db")
    hidden = [tmp_path, paths.ASSIGNMENTS, paths.DATA, paths.COURSE, paths.ROOT / "tests", Path("/home")]
    hidden += [Path("/etc/shadow"), Path("/etc/ssl/private"), Path("/sys"), Path("/var"), Path("/boot")]
    with kernel(submission) as (manager, run):
        assert isinstance(manager.provisioner, SandboxedProvisioner)
        assert run("import os; print(os.listdir(), open('data.csv').read())") == "['data.csv'] a,b\n1,2"
        assert run(f"print([path for path in {list(map(str, hidden))} if os.path.lexists(path)])") == "[]"
        environment = run("print(dict(os.environ))")
        assert "secret" not in environment and str(tmp_path) not in environment
        assert "/student" in run("print(os.path.expanduser('~'))")
        assert run("import getpass, pwd; print(pwd.getpwuid(os.getuid()).pw_name, getpass.getuser())") == (
            "student student"
        )
        # Nothing of what it ran is on a disk, nor a connection to any other kernel.
        found = run("for place, _, names in os.walk('/student'): print(place, names)")
        assert "history" not in found and ".ipynb" not in found
        assert run("print(sorted(name for name in os.listdir('/run')))") == "['kernel', 'template']"


def test_it_can_write_to_its_own_folders_only(submission: Path) -> None:
    own = {"/student", "/tmp", "/dev/shm", "/run/kernel", "/dev/pts"}
    devices = {f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom", "tty")}
    with kernel(submission) as (_, run):
        seen = json.loads(run("import json; print(json.dumps(open('/proc/mounts').read()))"))
        top = {fields[1]: fields[3].split(",") for line in seen.splitlines() if (fields := line.split(" "))}
        assert {path for path, flags in top.items() if "rw" in flags} == own | devices
        for path in (sys.prefix, sys.base_prefix, "/usr", "/etc", "/", "/dev", "/run/template"):
            assert "Read-only" in run(
                f"try: open({path!r} + '/mine', 'w')\nexcept OSError as error: print(error.strerror)"
            ) or not os.access(path, os.W_OK)


def test_it_has_no_privilege_and_sees_no_process_but_its_own(submission: Path) -> None:
    outside = [os.getpid(), os.getppid(), running_template_pid(submission)]
    with kernel(submission) as (_, run):
        status = dict(
            line.split(":\t", 1) for line in run("print(open('/proc/self/status').read())").splitlines()
        )
        assert {int(status[name], 16) for name in ("CapPrm", "CapEff", "CapInh", "CapBnd", "CapAmb")} == {0}
        assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
        assert run("import os; print([n for n in os.listdir('/proc') if n.isdigit()])") == "['1']"
        assert run("print(os.getppid(), os.uname().nodename)") == "0 kernel"
        number = "\n".join(
            f"try: os.kill({pid}, 9)\nexcept ProcessLookupError: print('nobody')" for pid in outside
        )
        assert run(number).split() == ["nobody"] * 3
        refused = run(
            "import ctypes; libc = ctypes.CDLL(None, use_errno=True)\n"
            "def tried(name, *given): return getattr(libc, name)(*given), ctypes.get_errno()\n"
            "print(tried('unshare', 0x10000000), tried('ptrace', 16, 1, 0, 0), tried('memfd_create', b'', 0),"
            " tried('mount', b'x', b'/tmp', b'tmpfs', 0, 0), tried('shmget', 0, 4096, 0o1600))"
        )
        assert refused == " ".join(["(-1, 1)"] * 5)
        # Not the socket on which kernels are asked for.
        handles = run(
            "for n in os.listdir('/proc/self/fd'):\n"
            "    try: print(os.readlink(f'/proc/self/fd/{n}'))\n"
            "    except OSError: pass"
        )
        assert "pidfd" not in handles and "/proc" not in handles.replace("/proc/1/fd", "")
        assert "SEQPACKET" not in run("print(open('/proc/net/unix').read())")
        assert " 0005 " not in run("print(open('/proc/net/unix').read())")


def running_template_pid(folder: Path) -> int:
    """The pid, outside, of the process that kernels are forked from."""
    with kernel(folder) as (manager, _):
        status = Path(f"/proc/{manager.provisioner.pid}/status").read_text(encoding="ascii").split()
        return int(status[status.index("PPid:") + 1])


def test_it_reaches_no_network_and_no_other_kernel(submission: Path) -> None:
    connect = (
        "import socket\n"
        "def reach(family, address):\n"
        "    try: socket.socket(family).connect(address); print('reached')\n"
        "    except OSError as error: print(error.strerror)\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket(socket.AF_UNIX) as named:
        named.bind("\0informal-ict-test")
        named.listen()
        listening.settimeout(0.1)
        with kernel(submission) as (_, one), kernel(submission) as (manager, two):
            one(
                "import socket\n"
                "own = socket.socket(socket.AF_UNIX); own.bind('\\0of one kernel'); own.listen()"
            )
            one("open('/tmp/mine', 'w').close(); open('/dev/shm/mine', 'w').close()")
            port = listening.getsockname()[1]
            assert (
                two(
                    connect
                    + f"reach(socket.AF_INET, ('127.0.0.1', {port})); reach(socket.AF_INET, ('1.1.1.1', 53));"
                    "reach(socket.AF_UNIX, '\\0informal-ict-test'); reach(socket.AF_UNIX, '\\0of one kernel')"
                ).splitlines()
                == ["Network is unreachable"] * 2 + ["Connection refused"] * 2
            )
            left = "print('mine' in os.listdir('/tmp') + os.listdir('/dev/shm'))"
            assert two(f"import os; {left}") == "False"
            info = dict(manager.get_connection_info())
            assert len(f"{info['ip']}-5") < 107
            assert two(f"print(os.path.exists({info['ip']!r} + '-1'))") == "False"
        with pytest.raises(TimeoutError):
            listening.accept()


def test_only_files_of_its_own_folder_come_out(tmp_path: Path, submission: Path) -> None:
    (tmp_path / "other.txt").write_text("of another", encoding="utf-8")
    (submission / "script.sh").write_text("#!/bin/sh\n", encoding="utf-8")
    with kernel(submission) as (_, run):
        run(
            "import os\n"
            "os.makedirs('made/deep'); open('made/deep/result.csv', 'w').write('3')\n"
            "open('data.csv', 'a').write('5,6\\n')\n"
            "os.remove('script.sh'); os.symlink('/etc/passwd', 'script.sh')\n"
            f"os.symlink({str(tmp_path / 'other.txt')!r}, 'link'); os.mkfifo('pipe')\n"
            "open('/tmp/left', 'w').close(); open('/student/left', 'w').close()\n"
            "open('unreadable', 'w').write('7'); os.chmod('unreadable', 0)\n"
            "nested = '.'\n"
            "for _ in range(200):\n"
            "    nested += '/d'; os.mkdir(nested)\n"
        )
    assert (submission / "data.csv").read_text(encoding="utf-8") == "a,b\n1,2\n5,6\n"
    assert (submission / "made/deep/result.csv").read_text(encoding="utf-8") == "3"
    assert (submission / "unreadable").read_text(encoding="utf-8") == "7"
    assert (submission / "script.sh").read_text(encoding="utf-8") == "#!/bin/sh\n"
    assert sorted(path.name for path in submission.iterdir()) == [
        "data.csv",
        "made",
        "script.sh",
        "unreadable",
    ]
    with kernel(submission, write_back=False) as (_, run):
        assert run("import os; print('left' in os.listdir('/tmp') + os.listdir('/student'))") == "False"
        run("open('not kept', 'w').close()")
    assert not (submission / "not kept").exists()


def test_all_its_processes_share_its_memory(submission: Path) -> None:
    hungry = (
        "import os, time\n"
        "for _ in range(10):\n"
        "    if os.fork() == 0:\n"
        "        mine = bytearray(os.urandom(1 << 16)) * 960; time.sleep(60); os._exit(0)\n"
        "time.sleep(60)"
    )
    assert run_to_its_end(submission, hungry, memory_bytes=500 * MB).provisioner.ended_because is Ended.MEMORY


def test_memory_that_its_processes_share_is_counted_once(submission: Path) -> None:
    forked = (
        "import os, time\n"
        "for _ in range(8):\n"
        "    if os.fork() == 0: time.sleep(60); os._exit(0)\n"
        "time.sleep(0.3); print('alive')"
    )
    with kernel(submission, memory_bytes=500 * MB) as (_, run):
        assert run(forked) == "alive"


def test_one_array_that_is_too_large_is_an_error(submission: Path) -> None:
    with kernel(submission, memory_bytes=500 * MB) as (_, run):
        assert run("try: b'x' * (1 << 30)\nexcept MemoryError: print('too large')") == "too large"


def test_all_its_processes_share_its_time(submission: Path) -> None:
    busy = "import os\nfor _ in range(3): os.fork()\nwhile True: pass"
    assert run_to_its_end(submission, busy, cpu_seconds=1).provisioner.ended_because is Ended.CPU_TIME
    idle = "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(60)"
    assert run_to_its_end(submission, idle, wall_seconds=1.5).provisioner.ended_because is Ended.WALL_TIME


def test_it_starts_only_so_many_processes(submission: Path) -> None:
    bomb = (
        "import os, time\n"
        "count = 0\n"
        "try:\n"
        "    while True:\n"
        "        if os.fork() == 0: time.sleep(60); os._exit(0)\n"
        "        count += 1\n"
        "except OSError as error: print(error.strerror, count < 40)"
    )
    if mounts.has_all_ids():
        with kernel(submission, processes=40) as (_, run), kernel(submission, processes=40) as (_, other):
            assert run(bomb) == "Resource temporarily unavailable True"
            assert other("import subprocess; print(subprocess.run('true').returncode)") == "0"
    manager = run_to_its_end(submission, "import os\nwhile True: os.fork()", processes=40, wall_seconds=2)
    assert manager.provisioner.ended_because in {Ended.PROCESSES, Ended.WALL_TIME}


def test_it_writes_only_so_much(submission: Path) -> None:
    with kernel(submission, file_bytes=8 * MB) as (manager, run):
        assert (
            run(
                "import os\n"
                "try: open('large', 'w').close(); os.truncate('large', 9 << 20)\n"
                "except OSError as error: print(error.strerror)"
            )
            == "File too large"
        )
        assert (
            run(
                "import os, tempfile\n"
                "held = [tempfile.TemporaryFile() for _ in range(3)]\n"
                "try:\n"
                "    for file in held: file.write(bytes(3 << 20)); file.flush()\n"
                "except OSError as error: print(error.strerror); import time; time.sleep(0.1)"
            )
            == "No space left on device"
        )
    assert manager.provisioner.folder_was_full
    with kernel(submission, file_bytes=8 * MB) as (manager, run):
        assert (
            run(
                "try:\n"
                "    for number in range(100_000): open(f'/tmp/{number}', 'w').close()\n"
                "except OSError as error: print(error.strerror)"
            )
            == "No space left on device"
        )
    assert manager.provisioner.folder_was_full
    with kernel(submission, file_bytes=8 * MB) as (manager, run):
        run("import os\nfor n in range(20): open(f'hole{n}', 'w').close(); os.truncate(f'hole{n}', 7 << 20)")
    assert sum(path.stat().st_size for path in submission.iterdir()) < 9 * MB
    assert manager.provisioner.folder_was_full


def test_a_folder_that_is_too_large_is_refused(submission: Path) -> None:
    (submission / "large").write_bytes(bytes(2 * MB))
    with pytest.raises(InputError, match=f"{submission}.*No space left"), kernel(submission, file_bytes=MB):
        pass


def test_nothing_it_started_outlives_it(submission: Path) -> None:
    daemon = (
        "import os, subprocess, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0: os.execvp('sleep', ['sleep', '6543.21'])\n"
        "    os._exit(0)\n"
        "while '6543.21' not in subprocess.run(['ps', 'ax'], capture_output=True, text=True).stdout: pass\n"
    )
    with kernel(submission) as (manager, run):
        run(daemon)
        assert any("6543.21" in line for line in command_lines())
    assert not any("6543.21" in line for line in command_lines())
    assert manager.provisioner.ended_because is Ended.ASKED
    gone = run_to_its_end(submission, daemon + "os._exit(3)")
    assert gone.provisioner.ended_because is Ended.ITSELF
    assert not any("6543.21" in line for line in command_lines())
    crashed = run_to_its_end(submission, "import ctypes; ctypes.string_at(0)")
    assert crashed.provisioner.ended_because is Ended.ITSELF


def open_handles() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_it_leaves_no_handle_folder_socket_or_zombie(
    tmp_path: Path, submission: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    with kernel(submission):
        pass
    handles = open_handles()
    with kernel(submission) as (manager, run):
        run("open('mine', 'w').write('x')")
        pid = manager.provisioner.pid
        assert list(temporary.iterdir()) == [Path(manager.connection_file)]
    assert open_handles() <= handles
    assert list(temporary.iterdir()) == []
    until(lambda: not Path(f"/proc/{pid}").exists())


def test_it_restarts_is_interrupted_and_shuts_down_when_asked(submission: Path) -> None:
    manager, client = start(submission, "python3", {})
    try:
        client.execute_interactive("mine = 1; open('kept', 'w').write('x')", timeout=30)
        first = manager.provisioner.pid
        manager.restart_kernel(now=True)
        client.wait_for_ready(timeout=30)
        assert manager.provisioner.pid != first
        printed: list[str] = []
        client.execute_interactive(
            "import os; print('mine' in globals(), os.path.exists('kept'))",
            output_hook=lambda message: printed.append(message["content"].get("text", "")),
            timeout=30,
        )
        assert "".join(printed).strip() == "False True"
        for mode in ("signal", "message"):
            manager.kernel_spec.interrupt_mode = mode
            # Else a kernel refuses what it is asked too soon after an error.
            asked = client.execute("print('on'); import time; time.sleep(60)", stop_on_error=False)
            while client.get_iopub_msg(timeout=30)["msg_type"] != "stream":
                pass
            manager.interrupt_kernel()
            reply = client.get_shell_msg(timeout=30)
            assert reply["parent_header"]["msg_id"] == asked
            assert reply["content"]["ename"] == "KeyboardInterrupt"
    finally:
        client.stop_channels()
        manager.shutdown_kernel()
    assert manager.provisioner.ended_because is Ended.ASKED


def test_kernels_are_strangers_to_each_other(submission: Path) -> None:
    made = "import os, random, numpy, matplotlib.pyplot as plt\n"
    drawn = "print(random.random(), numpy.random.rand())"
    with kernel(submission) as (_, run):
        run(made + "mine = 1; os.environ['MINE'] = '1'; plt.figure(); plt.rcParams['lines.linewidth'] = 9")
        first = run(drawn).split()
        assert run("plt.plot([1, 2])") == "image/png"
    with kernel(submission) as (_, run):
        assert (
            run(
                made + "print('mine' in globals(), 'MINE' in os.environ, plt.get_fignums(),"
                " plt.rcParams['lines.linewidth'])"
            )
            == "False False [] 1.5"
        )
        second = run(drawn).split()
    assert first[0] != second[0] and first[1] != second[1]


def test_a_template_that_was_killed_is_replaced(submission: Path) -> None:
    before = running_template_pid(submission)
    os.kill(before, signal.SIGKILL)
    until(lambda: not Path(f"/proc/{before}").exists())
    assert running_template_pid(submission) != before


def test_everything_ends_with_the_process_that_asked(submission: Path) -> None:
    program = f"""
import os, signal, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from running_kernels import kernel
with kernel(Path({str(submission)!r}), preload=["ipykernel.kernelapp"]) as (_, run):
    run("import subprocess; subprocess.Popen(['sleep', '7654.32'])")
    print("running", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
    until(lambda: not any("7654.32" in line for line in command_lines()))


def test_it_ends_with_the_process_that_asked_where_the_template_lives_on(submission: Path) -> None:
    """As executors do, which share the template of the process that they were forked from."""
    program = f"""
import os, signal, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from running_kernels import kernel
from informal_ict.kernels.warm_up import warm_up
warm_up(("ipykernel.kernelapp",), sandbox=True)
if os.fork() == 0:
    with kernel(Path({str(submission)!r}), preload=["ipykernel.kernelapp"]) as (manager, run):
        run("import subprocess; subprocess.Popen(['sleep', '8765.43'])")
        print("running", flush=True)
        input()
        os.kill(os.getpid(), signal.SIGKILL)
os.wait()
with kernel(Path({str(submission)!r}), preload=["ipykernel.kernelapp"]) as (_, run):
    print(run("print('another')"), flush=True)
    input()
"""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline() == "running\n"
        assert "sleep 8765.43" in command_lines()
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "another\n"
        until(lambda: "sleep 8765.43" not in command_lines())
        assert process.poll() is None
        process.stdin.write("\n")


def test_where_it_is_not_the_machine_s_own_root(submission: Path) -> None:
    """In a user namespace, as an ordinary user, a kernel is confined in the same way."""
    program = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from informal_ict.kernels import mounts
from running_kernels import kernel
assert not mounts.has_all_ids()
with kernel(Path({str(submission)!r}), preload=["ipykernel.kernelapp"]) as (manager, run):
    print(run("import os; print(os.getuid(), os.listdir(), os.listdir('/proc/1/task') != [])"))
    print(run("print([name for name in os.listdir('/proc') if name.isdigit()])"))
    print(run("print(os.path.exists({str(paths.DATA)!r})); open('made', 'w').write('x')"))
    print(run("print([line for line in open('/proc/self/status') if line.startswith('CapEff')])"))
    print(run("print([path for path in ('/', '/dev', '/run', '/run/template') if os.access(path, os.W_OK)])"))
print(manager.provisioner.ended_because)
"""
    own = ["unshare", "--user", "--map-root-user"] if mounts.has_all_ids() else []
    done = subprocess.run(
        [*own, sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.splitlines() == [
        "1000 ['data.csv'] True",
        "['1']",
        "False",
        "['CapEff:\\t0000000000000000\\n']",
        "[]",
        "shut down",
    ], done.stderr
    assert (submission / "made").exists()


def test_a_kernel_of_another_program_is_sandboxed_too(
    tmp_path: Path, submission: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = kernel_of_another_program(tmp_path, monkeypatch)
    settings = {"preload": ["ipykernel.kernelapp"], "readable": [str(python.parent)]}
    with kernel(submission, "elsewhere", **settings) as (_, run):
        assert (
            run("import os; print(os.environ['ELSEWHERE'], os.listdir(), os.getpid())")
            == "yes ['data.csv'] 1"
        )
    with pytest.raises(TemplateError, match="bin/python"), kernel(submission, "elsewhere"):
        pass


def test_without_bubblewrap_it_says_how_to_get_it(
    tmp_path: Path, submission: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_bubblewrap.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="apt-get install bubblewrap"), kernel(submission):
        pass
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    program.chmod(0o755)
    with (
        pytest.raises(InputError, match=r"uid map: Permission denied[\s\S]*administrator"),
        kernel(submission),
    ):
        pass
    monkeypatch.undo()
    find_bubblewrap.cache_clear()
    assert find_bubblewrap() == Path(shutil.which("bwrap") or "")


def test_a_kernel_that_fails_at_its_start_says_why(submission: Path) -> None:
    with kernel(submission):
        pass
    handles = open_handles()
    with pytest.raises(TemplateError, match="ended while it started"), kernel(submission, processes=1):
        pass
    assert open_handles() <= handles
