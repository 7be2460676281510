"""A client of a kernel that does not wait where there is nothing to wait for, nor holds what is too large."""

import time
from queue import Empty
from typing import Any

import zmq
import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from traitlets import Type

from informal_ict.kernels.manager import ProvisionedManager

LARGEST_MESSAGE = 64 << 20
LARGEST_RESULTS = 8 << 20
READY_AGAIN = 0.1
UNREADABLE = "unreadable"
TOO_LARGE = {
    "status": "error",
    "ename": "OutputTooLarge",
    "evalue": "The error was too long.",
    "traceback": [],
}


class CappedChannel(AsyncZMQSocketChannel):
    """A channel that says how large each message was, and does not open one that is too large."""

    largest = LARGEST_RESULTS

    async def _recv(self, **kwargs: Any) -> dict[str, Any]:  # type: ignore[override]  # as in its base
        assert self.socket is not None
        frames = await self.socket.recv_multipart(**kwargs)
        size = sum(map(len, frames))
        try:
            _, parts = self.session.feed_identities(frames)
            if size <= self.largest:
                message = {**self.session.deserialize(parts), "size": size}
                return message if is_message(message) else self._unreadable(size)
            header, parent = (self.session.unpack(part) for part in parts[1:3])
            kind = str(header["msg_type"])
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            return self._unreadable(size)
        content = TOO_LARGE if kind.endswith("_reply") else {}
        about = {"header": header, "parent_header": parent, "msg_type": kind}
        message = {**about, "content": content, "size": size}
        return message if is_message(message) else self._unreadable(size)

    @staticmethod
    def _unreadable(size: int) -> dict[str, Any]:
        return {"msg_type": UNREADABLE, "parent_header": {}, "content": {}, "size": size}


def is_message(message: dict[str, Any]) -> bool:
    """Whether a message has the form that Jupyter's protocol gives it; a signature says nothing of that."""
    parts = (message["header"], message["parent_header"], message["content"])
    return isinstance(message["msg_type"], str) and all(isinstance(part, dict) for part in parts)


class CappedClient(AsyncKernelClient):
    """A client whose channels are capped, without a thread that watches the kernel's heartbeat."""

    iopub_channel_class = Type(CappedChannel)
    shell_channel_class = Type(CappedChannel)

    def start_channels(self, *args: Any, **kwargs: Any) -> None:
        """Start what running cells needs."""
        super().start_channels(stdin=False, hb=False)

    async def listen_again(self, seconds: float) -> None:
        """Connect anew, where a message was too large for the connection.

        Raises:
            RuntimeError: if the kernel is not heard again in time.
        """
        self.iopub_channel.stop()
        self._iopub_channel = None
        self.iopub_channel.start()
        await self.wait_until_ready(seconds)

    async def wait_until_ready(self, seconds: float) -> dict[str, Any]:
        """Wait until the kernel answers and is heard, and not a moment longer.

        Returns:
            What the kernel says about itself.

        Raises:
            RuntimeError: if it has ended or does not answer in time.
        """
        end = time.monotonic() + seconds
        info: dict[str, Any] | None = None
        while True:
            asked = self.kernel_info()
            try:
                while info is None or info["parent_header"].get("msg_id") != asked:
                    info = await self.shell_channel.get_msg(timeout=1)
                while True:
                    message = await self.iopub_channel.get_msg(timeout=READY_AGAIN)
                    ours = message["parent_header"].get("msg_id") == asked
                    if ours and message["content"].get("execution_state") == "idle":
                        return info
            except Empty:
                info = None  # the kernel was not heard yet, so it is asked again
            if not await self.is_alive():
                raise RuntimeError("Kernel died before it was ready")
            if time.monotonic() > end:
                raise RuntimeError(f"The kernel did not answer in {seconds:.0f} seconds")


class CappedManager(ProvisionedManager):
    """Starts kernels whose clients are capped."""

    client_factory = Type(CappedClient)


def capped_context() -> zmq.asyncio.Context:
    """Make sockets that end a connection over a message that nobody would keep."""
    context = zmq.asyncio.Context()
    context.setsockopt(zmq.MAXMSGSIZE, LARGEST_MESSAGE)
    context.setsockopt(zmq.LINGER, 0)
    return context
