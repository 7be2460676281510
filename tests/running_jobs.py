"""A job run as an executor runs it: with no event loop around, such as Playwright leaves in a process."""

from concurrent.futures import ThreadPoolExecutor

from informal_ict.grading import run as runner
from informal_ict.grading.jobs import Job, Ran

# It lives as long as the process, since what it starts may end with it.
APART = ThreadPoolExecutor(1)


def run(job: Job) -> Ran:
    """What came of one submission."""
    return APART.submit(runner.run, job).result()
