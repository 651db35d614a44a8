from dataclasses import replace

from console.station.line import Line
from models.records.threshold import Guidance

AT = 1_700_000_000.0


def test_delay_goes_on_where_only_the_guidance_was_rewritten(
    make_device, make_threshold, make_reading
) -> None:
    device, delayed = make_device(), make_threshold(on_delay_s=3.0)
    line = Line(device, (delayed,), (), 60.0, None)
    for second in range(3):
        line.evaluator.judge(make_reading(80.0, AT + second))
    rewritten = (replace(delayed, guidance=Guidance(cause="Fan")),)
    assert not line.fits(device, rewritten)
    after = Line(device, rewritten, (), 60.0, line)
    assert [one.kind.value for one in after.evaluator.judge(make_reading(80.0, AT + 3))] == ["raised"]


def test_line_of_an_unchanged_device_stays(make_device, make_threshold) -> None:
    line = Line(make_device(), (make_threshold(),), (), 60.0, None)
    assert line.fits(make_device(), (make_threshold(),))
