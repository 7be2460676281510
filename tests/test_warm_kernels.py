"""Kernels forked from a warm template: quick, like cold ones, and strangers to each other."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_client.provisioning import KernelProvisionerFactory

from informal_ict.kernels.forked import ForkedProcess, Template, TemplateError
from informal_ict.kernels.provisioner import WarmProvisioner
from informal_ict.kernels.template import asked_for
from nbgrader_course import WARM
from running_kernels import command_lines, kernel, kernel_of_another_program, until


@pytest.fixture(autouse=True)
def warm(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in WARM.items():
        monkeypatch.setenv(name, value)
    KernelProvisionerFactory.clear_instance()
    yield
    KernelProvisionerFactory.clear_instance()


def test_kernels_share_nothing_that_one_of_them_made(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    made = "import os, random, numpy, matplotlib.pyplot as plt; "
    with kernel(tmp_path / "one") as (manager, run):
        assert isinstance(manager.provisioner, WarmProvisioner)
        assert isinstance(manager.provisioner.process, ForkedProcess)
        run(made + "mine = 1; os.environ['MINE'] = '1'; plt.figure(); plt.rcParams['lines.linewidth'] = 9")
        first = run("print(os.getcwd(), random.random(), numpy.random.rand())").split()
        with kernel(tmp_path / "two") as (_, other):
            seen = other(
                made + "print('mine' in globals(), 'MINE' in os.environ, plt.get_fignums(),"
                " plt.rcParams['lines.linewidth'])"
            )
            second = other("print(os.getcwd(), random.random(), numpy.random.rand())").split()
    assert seen == "False False [] 1.5"
    assert (first[0], second[0]) == (str(tmp_path / "one"), str(tmp_path / "two"))
    assert first[1] != second[1] and first[2] != second[2]


def test_where_modules_come_from_is_looked_up_once_for_all_kernels(tmp_path: Path) -> None:
    """Else the first traceback of each kernel goes through more than a thousand modules."""
    known = "import inspect, sys; print(sys.modules['pandas'].__file__ in inspect.modulesbyfile)"
    with kernel(tmp_path), kernel(tmp_path) as (_, run):
        assert run(known) == "True"


def test_it_is_like_a_cold_kernel(tmp_path: Path) -> None:
    """Path, folder of the start, subprocesses, displays and widgets are those that a student has."""
    (tmp_path / "helper.py").write_text("answer = 42", encoding="utf-8")
    with kernel(tmp_path) as (_, run):
        assert run("import helper; print(helper.answer)") == "42"
        assert run("print(get_ipython().history_manager.dir_hist[0])") == str(tmp_path)
        assert run("import subprocess; print(subprocess.run(['false']).returncode)") == "1"
        assert run("import ipywidgets; print(ipywidgets.IntSlider(3).value)") == "3"
        assert run("import matplotlib.pyplot as plt; plt.plot([1, 2])") == "image/png"
        assert run("import pandas; print(pandas.get_option('display.max_columns'))") == "20"
        assert run("%matplotlib inline\nprint(plt.get_backend())") == "inline"


def test_a_file_of_a_student_does_not_take_the_place_of_one_of_python_s(tmp_path: Path) -> None:
    (tmp_path / "mailbox.py").write_text("mine = True", encoding="utf-8")
    with kernel(tmp_path) as (_, run):
        assert run("import mailbox; print(hasattr(mailbox, 'mine'))") == "False"


def test_a_kernel_of_another_environment_is_started_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel_of_another_program(tmp_path, monkeypatch)
    with kernel(tmp_path, "elsewhere") as (_, run):
        assert run("import os; print(os.environ.get('ELSEWHERE'))") == "yes"


def test_a_kernel_is_killed_and_shut_down_afterwards(tmp_path: Path) -> None:
    with kernel(tmp_path) as (manager, _):
        process = manager.provisioner.process
        assert process.poll() is None
        manager.signal_kernel(signal.SIGKILL)
        end = time.monotonic() + 10
        while process.poll() is None and time.monotonic() < end:
            time.sleep(0.02)
        assert process.poll() == 0


def test_kernels_end_with_the_process_that_asked_for_them(tmp_path: Path) -> None:
    template = Template(("ipykernel.kernelapp",))
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", str(tmp_path / "connection.json")]
    process, _, _ = template.fork(asked_for(command, str(tmp_path), dict(os.environ)))
    assert process.poll() is None
    template.close()
    end = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    assert process.poll() == 0


def test_a_template_that_cannot_start_says_so(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(TemplateError, match="did not start"):
        Template(("no_such_module",)).wait()
    assert "no_such_module" in capfd.readouterr().err


def test_a_module_that_starts_a_thread_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "threaded.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(TemplateError, match="did not start"):
        Template(("threaded",)).wait()
    assert "started a thread" in capfd.readouterr().err


def test_an_environment_may_be_longer_than_a_packet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONG", "x" * 1_000_000)
    with kernel(tmp_path) as (_, run):
        assert run("import os; print(len(os.environ['LONG']))") == "1000000"


def test_a_template_ends_where_a_process_forked_from_the_one_that_asked_lives_on() -> None:
    """Such a process holds the template's socket too."""
    program = """
import os, time
from informal_ict.kernels.forked import Template
template = Template(("wave",))
if os.fork() == 0:
    time.sleep(20)
    os._exit(0)
print("forked", flush=True)
os.kill(os.getpid(), 9)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "forked\n"
        process.wait()
        until(lambda: not re.search(r"kernels\.template \d+ \d+ wave", "\n".join(command_lines())))
