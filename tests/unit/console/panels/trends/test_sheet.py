import csv

import numpy as np

from console.panels.curves.join import curve_of_samples
from console.panels.trends.sheet import HEADINGS, Sheet, write_csv
from models.metrics import metric_of
from tests.unit.console.panels.plant_scene import NOW, make_device


def test_file_holds_one_line_a_good_sample_with_utc_moments(tmp_path):
    curve = curve_of_samples(NOW + np.arange(3.0), np.array([1.5, np.nan, 2.25]))
    path = tmp_path / "trend.csv"

    assert write_csv(path, [Sheet(make_device(1), metric_of("temperature"), curve)]) == 2

    heading, first, second = csv.reader(path.read_text(encoding="utf-8").splitlines())
    assert tuple(heading) == HEADINGS
    assert first == [
        "2027-01-15T08:00:00.000+00:00",
        "DRIVE-01",
        "Drive 1",
        "temperature",
        "°C",
        "1.5",
        "1.5",
        "1.5",
    ]
    assert second[5] == "2.25"
