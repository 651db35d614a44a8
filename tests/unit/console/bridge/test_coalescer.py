from console.bridge.coalescer import Coalescer


def test_the_first_is_given_out_at_once_and_a_burst_as_one_set(qtbot):
    coalescer = Coalescer(interval_ms=30)
    flushed: list[frozenset[int]] = []
    coalescer.flushed.connect(flushed.append)
    coalescer.add([1])
    for id in range(2, 100):
        coalescer.add([id])
    assert flushed == [{1}]
    qtbot.waitUntil(lambda: len(flushed) == 2)
    assert flushed[1] == set(range(2, 100))


def test_nothing_is_given_out_for_nothing(qtbot):
    coalescer = Coalescer()
    flushed: list[frozenset[int]] = []
    coalescer.flushed.connect(flushed.append)
    coalescer.add([])
    assert flushed == []


def test_a_stopped_one_forgets_what_waits(qtbot):
    coalescer = Coalescer(interval_ms=10)
    flushed: list[frozenset[int]] = []
    coalescer.flushed.connect(flushed.append)
    coalescer.add([1])
    coalescer.add([2])
    coalescer.stop()
    coalescer.add([3])
    assert flushed == [{1}, {3}]
