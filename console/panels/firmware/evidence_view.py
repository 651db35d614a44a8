"""What a wave was judged by: bars with their exact counts, against their limits in words."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from console.catalogue.rollout_words import FEW_DEVICES, WAVE_WORDS
from console.panels.firmware.evidence import (
    WaveEvidence,
    evidence_of,
    moved_words,
    no_evidence_words,
    verdict_words,
)
from console.panels.firmware.evidence_painters import MOVED_PX, RATES_PX, paint_moved, paint_rates, rate_words
from console.panels.firmware.wave_rows import WaveColumn
from console.panels.reports.painted_chart import PaintedChart
from console.panels.settings.page_parts import Advice
from console.widgets.choice_combo import ChoiceCombo
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from models.quantities import THE_SIX, Quantities
from models.records.rollout import WaveState
from models.threshold_words import metric_label


class EvidenceView(QScrollArea):
    """One wave at a time.

    Attributes:
        chosen: Another wave was chosen.
    """

    chosen = Signal()

    def __init__(self, theme_source: ThemeSource) -> None:
        super().__init__()
        self.setObjectName("rollout-evidence")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self._columns: Sequence[WaveColumn] = ()
        self._quantities = THE_SIX
        self._wave = ChoiceCombo("evidence-wave", "Evidence of wave", [("–", None)], letters=24)
        self._state = _wrapped("evidence-state")
        self._state.setFont(text_font(BODY_PX + 1, QFont.Weight.DemiBold))
        self._rates = PaintedChart(
            "evidence-rates", "Alerts with and without the update", RATES_PX, theme_source
        )
        self._verdict = _wrapped("evidence-verdict")
        self._moved = PaintedChart("evidence-moved", "How values moved", MOVED_PX, theme_source)
        self._moved_words = _wrapped("evidence-moved-words")
        self._few = Advice(FEW_DEVICES, theme_source)
        self._few.setMaximumWidth(900)
        self._few.setObjectName("evidence-few")
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(4, 8, 8, 8)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(self._wave)
        head.addWidget(self._state, 1)
        column.addLayout(head)
        for part in (self._rates, self._verdict, self._moved, self._moved_words, self._few):
            column.addWidget(part)
        for chart in (self._rates, self._moved):
            policy = chart.sizePolicy()
            policy.setVerticalPolicy(policy.Policy.Fixed)
            chart.setSizePolicy(policy)
        column.addStretch(1)
        self.setWidget(inside)
        self.setFocusProxy(self._wave)
        self._wave.currentIndexChanged.connect(self._show)

    def show_columns(self, columns: Sequence[WaveColumn], quantities: Quantities) -> None:
        """Show the evidence of these waves; the one that was chosen stays chosen."""
        self._columns, self._quantities = [one for one in columns if one.place is not None], quantities
        self._wave.offer([(one.title, one.place) for one in self._columns] or [("–", None)])
        self._show()

    def choose(self, place: int | None) -> None:
        """Show the evidence of a wave."""
        if place is not None:
            self._wave.choose(place)

    def choose_worst(self) -> None:
        """Show the wave that somebody has to look at; else the last that was judged, else the first."""
        judged = [one for one in self._columns if one.wave is not None and one.wave.evidence]
        wrong = [one for one in judged if one.wave is not None and one.wave.state is not WaveState.PASSED]
        found = (wrong or judged[-1:] or self._columns[:1])[:1]
        if found:
            self._wave.choose(found[0].place)

    def _show(self) -> None:
        place = self._wave.currentData()
        column = next((one for one in self._columns if one.place == place), None)
        wave = column.wave if column is not None else None
        found = evidence_of(wave) if wave is not None else None
        for part in (self._rates, self._verdict):
            part.setVisible(found is not None)
        has_moved = found is not None and bool(found.moved)
        self._moved.setVisible(has_moved)
        self._moved_words.setVisible(has_moved)
        if wave is None:
            self._state.setText("The rollout has not begun.")
        elif found is None:
            self._state.setText(no_evidence_words(wave))
        else:
            self._state.setText(f"{WAVE_WORDS[wave.state].capitalize()}. {wave.reason}".strip())
            self._show_found(found)
        self._state.setAccessibleName(self._state.text())

    def _show_found(self, found: WaveEvidence) -> None:
        words = verdict_words(found)
        self._rates.show_picture(
            lambda painter, rect, theme: paint_rates(painter, rect, found, theme),
            f"With the update {rate_words(found.updated)}, otherwise {rate_words(found.control)}.",
        )
        self._verdict.setText("\n".join(words))
        labels = [metric_label(one.quantity, self._quantities) for one in found.moved]
        sentences = [moved_words(one, self._quantities) for one in found.moved]
        self._moved.setFixedHeight(MOVED_PX * max(1, len(labels)) + 12)
        self._moved.show_picture(
            lambda painter, rect, theme: paint_moved(painter, rect, found.moved, labels, theme),
            ". ".join(sentences),
        )
        self._moved_words.setText("\n".join(f"{sentence}." for sentence in sentences))


def _wrapped(name: str) -> QLabel:
    label = plain_label()
    label.setObjectName(name)
    label.setWordWrap(True)
    return label
