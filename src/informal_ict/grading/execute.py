"""Run the cells of a handed-in notebook as nbgrader does, without its waits and without its trust.

What a cell earns is what stock nbgrader gives: the same time for a cell, the same errors, the same outputs in
the end. Where the two differ is written in SECURITY.md.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import Any

import zmq.asyncio
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_async
from nbclient.client import NotebookClient
from nbclient.exceptions import CellExecutionComplete, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade, is_solution
from traitlets.config import Config

from informal_ict.assignments.hidden_tests import WrittenOut, recognise
from informal_ict.grading import outputs, outside, tampering
from informal_ict.grading.client import LARGEST_RESULTS, CappedClient
from informal_ict.grading.in_kernel_signs import MIME
from informal_ict.grading.jobs import Evidence, Problem
from informal_ict.kernels.limits import Ended

LOOKING = 0.25  # seconds between two looks whether a kernel still runs
LONGEST_ANSWER = 30.0
LARGEST_OUTPUT = 2 << 20
HIDDEN = "BEGIN HIDDEN TESTS"
STOPPING_SECONDS = 5.0
SILENT = logging.getLogger("informal_ict.grading.execute")
SILENT.addHandler(logging.NullHandler())
SILENT.propagate = False

PROBLEMS = {
    Ended.MEMORY: Problem.OUT_OF_MEMORY,
    Ended.CPU_TIME: Problem.OUT_OF_TIME,
    Ended.WALL_TIME: Problem.OUT_OF_TIME,
}


@dataclass(frozen=True)
class Guard:
    """What one notebook is run with.

    Attributes:
        notebook: its name without suffix.
        folder: where it runs.
        clean: the files beside it as the course gives them out, for checks outside.
        cell_seconds: wall time of one cell.
        wall_seconds: wall time of all its cells.
        output_bytes: what one cell may show.
        sandbox: whether it runs closed off.
    """

    notebook: str
    folder: Path
    clean: Path
    cell_seconds: float
    wall_seconds: float
    output_bytes: int
    sandbox: bool


class NotFinishedError(Exception):
    """A notebook was not run to its end because of what it does."""

    def __init__(self, problem: Problem, detail: str) -> None:
        super().__init__(detail)
        self.problem = problem
        self.detail = detail


class GuardedExecute(Execute):
    """Runs one notebook in a kernel that may be hostile."""

    raise_on_iopub_timeout = False  # what stock raises here is looked at in find_again
    # A tag must not spare a test its run: no output would count as passed.
    skip_cells_with_tag: Any = object()

    def __init__(self, guard: Guard, config: Config) -> None:
        super().__init__(config=config, log=SILENT)  # type: ignore[no-untyped-call]
        self.guard = guard
        self.evidence: list[Evidence] = []
        self.budget = outputs.Budget(guard.output_bytes)
        self.before: Mapping[str, Any] = {}
        self.place = "before the first cell"
        self.version = ""
        self.seconds = 0.0
        self.idle = False

    async def run(self, nb: NotebookNode, manager: AsyncKernelManager, context: zmq.asyncio.Context) -> None:
        """Run every cell, and mark the tests that can be marked outside.

        Args:
            nb: changed in place.
            manager: of a kernel that is not started yet.
            context: for the sockets to it.

        Raises:
            NotFinishedError: if the notebook ends its kernel, or cannot be stopped.
            RuntimeError: if the kernel does not start.
        """
        NotebookClient.__init__(self, nb, manager)
        try:
            await manager.start_kernel(
                extra_arguments=self.kernel_arguments(manager), cwd=str(self.guard.folder)
            )
            client = manager.client(context=context)
            assert isinstance(client, CappedClient)
            self.kc = client
            client.start_channels()
            info = await client.wait_until_ready(self.startup_timeout)
            client.allow_stdin = False
            nb.metadata["language_info"] = info["content"]["language_info"]
            await self.run_in_time(nb)
        except DeadKernelError:
            await self.end_kernel()
            raise NotFinishedError(*self.why(manager)) from None
        except CellTimeoutError:
            detail = f"It ran on after it was interrupted, {self.place}."
            raise NotFinishedError(Problem.OUT_OF_TIME, detail) from None
        finally:
            await self.end_kernel()

    async def run_in_time(self, nb: NotebookNode) -> None:
        """Run every cell, and stop when the time is over.

        Raises:
            NotFinishedError: if it is.
        """
        began = time.monotonic()
        task = asyncio.ensure_future(self.run_cells(nb))
        done, _ = await asyncio.wait({task}, timeout=max(0.0, self.guard.wall_seconds))
        self.seconds = time.monotonic() - began
        if done:
            task.result()
            return
        task.cancel()
        await asyncio.wait({task}, timeout=STOPPING_SECONDS)
        detail = f"All cells together took too long; it was {self.place}."
        raise NotFinishedError(Problem.OUT_OF_TIME, detail)

    async def run_cells(self, nb: NotebookNode) -> None:
        """Run every cell of code in a kernel that is ready."""
        language = nb.metadata["language_info"]
        python = language.get("name") == "python"
        if python and any(self.is_test(cell) for cell in nb.cells):
            self.version = str(language.get("version"))
            self.before = await self.ask(self.question("")) or {}
        for index, cell in enumerate(nb.cells):
            if cell.cell_type != "code" or not cell.source.strip():
                continue
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            self.place = f"in cell '{name}'" if name else f"in cell number {index + 1}"
            if python and self.is_test(cell):
                await self.run_test(cell, index)
            else:
                await self.run_cell(cell, index)
        self.set_widgets_metadata()

    def why(self, manager: AsyncKernelManager) -> tuple[Problem, str]:
        """Why a kernel ended, as far as its provisioner knows."""
        ended = getattr(manager.provisioner, "ended_because", None)
        if ended in PROBLEMS:
            return PROBLEMS[ended], f"The kernel was stopped {self.place}: {ended}."
        if ended is Ended.PROCESSES:
            return Problem.KERNEL_DIED, f"The kernel was stopped {self.place}: {ended}."
        if getattr(manager.provisioner, "folder_was_full", False):
            return Problem.TOO_MUCH_WRITTEN, f"The kernel ended {self.place}, with its folder full."
        return Problem.KERNEL_DIED, f"The kernel ended {self.place}."

    def kernel_arguments(self, manager: AsyncKernelManager) -> list[str]:
        """What nbclient tells an IPython kernel, so that its history is in no file."""
        own = list(self.extra_arguments)
        # The sandbox says so by itself, and a kernel that is told twice does not start.
        if self.guard.sandbox:
            return own
        if manager.ipykernel and not any(one.startswith("--HistoryManager.hist_file") for one in own):
            own.append(f"--HistoryManager.hist_file={self.ipython_hist_file}")
        return own

    async def end_kernel(self) -> None:
        """Kill the kernel and wait until it is gone."""
        manager, self.km = self.km, None
        if self.kc is not None:
            self.kc.stop_channels()
            self.kc = None
        if manager is None:
            return
        provisioner = manager.provisioner
        if provisioner is not None and provisioner.has_process:
            await provisioner.kill()
            while await provisioner.poll() is None:
                await asyncio.sleep(0.002)
            await provisioner.wait()
        await ensure_async(manager.cleanup_resources())

    @staticmethod
    def is_test(cell: NotebookNode) -> bool:
        """Whether a cell is marked by the computer, and its text is the course's.

        nbgrader puts the text of a locked cell back that the gradebook knows, and takes the name from one
        that it does not know. Without a name, a cell that says it is a test is the student's own.
        """
        about = cell.metadata.get("nbgrader", {})
        named = isinstance(about.get("grade_id"), str) and bool(about["grade_id"])
        # nbgrader's own is_locked says that every test is, whatever stands in its metadata.
        locked = about.get("locked") is True and not is_solution(cell)
        return cell.cell_type == "code" and named and locked and is_grade(cell)

    async def run_cell(self, cell: NotebookNode, index: int, store_history: bool = True) -> None:
        """Run a cell, and keep of its outputs what is sound and not too much.

        Raises:
            CellTimeoutError: if it cannot be interrupted.
        """
        assert isinstance(self.kc, CappedClient)
        self.budget, self.idle = outputs.Budget(self.guard.output_bytes), False
        self.kc.iopub_channel.largest = max(LARGEST_OUTPUT, 2 * self.guard.output_bytes)
        await self.async_execute_cell(cell, index, store_history=store_history)
        self.kc.iopub_channel.largest = LARGEST_RESULTS
        if not self.idle:
            await self.find_again(cell)
        if self.budget.left_out:
            cell.outputs.append(outputs.left_out_note(self.budget))

    async def find_again(self, cell: NotebookNode) -> None:
        """Hear a kernel again that was not heard to its end: it shows too much at once, or runs on.

        Raises:
            CellTimeoutError: if it runs on.
        """
        assert isinstance(self.kc, CappedClient)
        try:
            await self.kc.listen_again(self.iopub_timeout)
        except RuntimeError:
            await self._async_check_alive()
            message = "It ran on after it was interrupted"
            raise CellTimeoutError.error_from_timeout_and_cell(message, self.iopub_timeout, cell) from None
        self.budget.left_out = max(self.budget.left_out, self.guard.output_bytes)

    async def run_test(self, cell: NotebookNode, index: int) -> None:
        """Run a test: its hidden part outside the kernel where it can be."""
        written = recognise(cell.source)
        name = cell.metadata.nbgrader.grade_id
        if written is None:
            await self.look(name, cell.source)
            await self.run_cell(cell, index, store_history=False)
            if HIDDEN in cell.source:
                await self.ask(self.question("", forget=HIDDEN))
                cell.outputs = outputs.without_code(cell.outputs)
            cell.outputs = outputs.errors_first(cell.outputs)
            return
        source = cell.source
        # The hidden part is no expression, so the last line of the visible part is not shown.
        cell.source = f"{written.visible}\npass"
        try:
            await self.run_cell(cell, index)
        finally:
            cell.source = source
        cell.outputs = outputs.without_results(cell.outputs)
        if any(output.output_type == "error" for output in cell.outputs):
            await self.look(name, written.visible)
        else:
            cell.outputs += await self.mark(name, written)
        cell.outputs = outputs.errors_first(cell.outputs)

    async def mark(self, name: str, written: WrittenOut) -> list[NotebookNode]:
        """Fetch results from the kernel, and let the hidden check look at them outside."""
        error: list[NotebookNode] = []
        told = await self.look(name, written.visible, written.arguments, error)
        if error:
            return error
        results = None if told is None else told.get("results")
        guard = self.guard
        verdict = outside.mark(written, results, guard.clean, guard.cell_seconds, guard.sandbox)
        shown = [
            new_output("stream", name=stream, text=text)
            for stream, text in (("stdout", verdict.stdout), ("stderr", verdict.stderr))
            if text
        ]
        if verdict.error is not None:
            shown.append(outputs.error(*verdict.error))
        return shown

    async def look(
        self,
        name: str,
        source: str,
        wanted: tuple[str, ...] = (),
        error: list[NotebookNode] | None = None,
    ) -> Mapping[str, Any] | None:
        """Look for signs of interference with a test, and fetch results.

        Args:
            name: grade id of the test.
            source: the test, for the names that it uses.
            wanted: results, each an expression of names of the notebook.
            error: gets the error that fetching them stopped with.
        """
        nonce = secrets.token_hex(8)
        errors: list[NotebookNode] = [] if error is None else error
        told = await self.ask(self.question(nonce, wanted), errors)
        if errors and wanted:
            told = await self.ask(self.question(nonce))
        for sign, detail in tampering.signs(self.before, told, nonce, source):
            one = Evidence(self.guard.notebook, name, sign, detail[: tampering.LONGEST])
            # Once is enough: what was replaced stays so for every test that follows.
            if all((one.sign, one.detail) != (other.sign, other.detail) for other in self.evidence):
                self.evidence.append(one)
        return told

    def question(self, nonce: str, results: tuple[str, ...] = (), forget: str = "") -> str:
        """Code that asks this kernel for results; see ``tampering.question``."""
        return tampering.question(nonce, results, self.version, forget)

    async def ask(self, code: str, error: list[NotebookNode] | None = None) -> dict[str, Any] | None:
        """Run code of ours, and give what it published; nothing if it published nothing.

        Args:
            code: what to run.
            error: gets the error that it stopped with.

        Raises:
            DeadKernelError: if the kernel has ended.
        """
        assert self.kc is not None
        asked = self.kc.execute(code, store_history=False, allow_stdin=False, stop_on_error=False)
        end = time.monotonic() + min(self.guard.cell_seconds, LONGEST_ANSWER)
        told: dict[str, Any] | None = None
        failed: NotebookNode | None = None
        channels = [self.kc.iopub_channel, self.kc.shell_channel]
        while channels:
            message = await self.next_message(channels[0], end)
            if message is None:
                await self.stop_asking()
                failed = outputs.error(self.error_on_timeout["ename"], self.error_on_timeout["evalue"])
                break
            content, kind = message["content"], message["msg_type"]
            if message["parent_header"].get("msg_id") != asked:
                continue
            if kind == "display_data" and told is None:
                told = outputs.json_of(content, MIME)
            elif kind == "status" and content.get("execution_state") == "idle":
                channels = channels[1:]
            elif kind == "execute_reply":
                channels = []
                if content.get("status") == "error":
                    failed = outputs.error(content.get("ename"), content.get("evalue"))
        if failed is not None and error is not None:
            error.append(failed)
        return told

    async def next_message(self, channel: Any, end: float) -> dict[str, Any] | None:
        """Wait for a message; nothing if the time is over.

        Raises:
            DeadKernelError: if the kernel has ended.
        """
        while (left := end - time.monotonic()) > 0:
            try:
                message: dict[str, Any] = await channel.get_msg(timeout=min(left, LOOKING))
                return message
            except Empty:
                await self._async_check_alive()
        return None

    async def stop_asking(self) -> None:
        """Interrupt what takes too long."""
        assert self.km is not None
        await ensure_async(self.km.interrupt_kernel())

    # What follows takes the place of nbclient's own.

    def _get_timeout(self, cell: NotebookNode | None) -> float | None:  # type: ignore[override]
        return self.guard.cell_seconds

    async def _async_poll_kernel_alive(self) -> None:
        while True:
            await asyncio.sleep(LOOKING)
            try:
                await self._async_check_alive()
            except DeadKernelError:
                assert self.task_poll_for_reply is not None
                self.task_poll_for_reply.cancel()
                return

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Take a message that is sound and not too much."""
        kind = msg.get("msg_type")
        if kind == "status" and msg["content"].get("execution_state") == "idle":
            self.idle = True
        if kind in outputs.SHOWN and not outputs.is_sound(msg):
            self.forged(cell, f"{kind}")
            return None
        try:
            kept = self.budget.admit(msg)
            return None if kept is None else super().process_message(kept, cell, cell_index)
        except CellExecutionComplete:
            raise
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            self.forged(cell, f"{kind}: {type(error).__name__}")
            return None

    def forged(self, cell: NotebookNode, detail: str) -> None:
        """Note a message that no kernel sends."""
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        sign = Evidence(
            self.guard.notebook, name, "The notebook sent a message that no kernel sends.", detail
        )
        if sign not in self.evidence:
            self.evidence.append(sign)

    def _update_display_id(self, display_id: str, msg: dict[str, Any]) -> None:
        """Leave what is shown under other cells as it is: one of them may be a test."""
