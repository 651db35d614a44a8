import subprocess
import sys

import pytest

from models.file_lock import Attendance, FileLock, LockTimeout

HOLD = """
import sys
from pathlib import Path
from models.file_lock import FileLock
lock = FileLock(Path(sys.argv[1]))
assert lock.try_acquire()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock `tmp_path / "lock"`."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_lock_is_refused_while_another_process_holds_it(tmp_path, holder):
    assert not FileLock(tmp_path / "lock").try_acquire()


def test_a_lock_is_free_again_after_its_holder_was_killed(tmp_path, holder):
    holder.kill()
    holder.wait()
    with FileLock(tmp_path / "lock").acquire(timeout_s=5):
        pass


def test_waiting_for_a_lock_ends_after_the_time_given(tmp_path, holder):
    with pytest.raises(LockTimeout):
        FileLock(tmp_path / "lock").acquire(timeout_s=0.05)


def test_two_locks_in_one_process_exclude_each_other(tmp_path):
    with FileLock(tmp_path / "lock").acquire(1):
        assert not FileLock(tmp_path / "lock").try_acquire()


def test_a_released_lock_can_be_taken_again(tmp_path):
    first = FileLock(tmp_path / "lock").acquire(1)
    first.release()
    first.release()
    assert FileLock(tmp_path / "lock").acquire(1).descriptor > 0


def test_nobody_is_here_after_the_only_user_left(tmp_path):
    users = Attendance(tmp_path / "users")
    users.enter()
    users.leave()
    assert not Attendance(tmp_path / "users").is_anybody_here()


def test_a_user_sees_another_one(tmp_path):
    first, second = Attendance(tmp_path / "users"), Attendance(tmp_path / "users")
    first.enter()
    assert second.is_anybody_here()


def test_a_user_that_died_is_not_counted(tmp_path):
    (tmp_path / "users").mkdir()
    (tmp_path / "users" / "12345-dead").touch()
    assert not Attendance(tmp_path / "users").is_anybody_here()
