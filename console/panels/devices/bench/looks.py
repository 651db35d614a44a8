"""What was seen at the bench so far: the latest registers, and each look at the device's display. Pure."""

from collections.abc import Callable, Mapping, Sequence

from drivers.display_match import (
    FEW_DIGITS,
    Closeness,
    Match,
    ShownNumber,
    matches_of,
    narrowed,
    shown_number,
)
from drivers.workbench import Decoding, Registers

MOST_SHOWN = 12
"""More that fit than this say nothing; a second look does."""

Decode = Callable[[Sequence[int | None]], Sequence[Decoding]]


class Looks:
    """Decodings of the newest reading, and what fits all looks at the display.

    Attributes:
        registers: As last read, None before.
        decodings: All of them, of the newest reading.
        matches: What fits, the likeliest first.
    """

    def __init__(self, decode: Decode) -> None:
        """Begin a span of registers; `decode` takes its words."""
        self._decode = decode
        self._shown: ShownNumber | None = None
        self._kept: list[Mapping[str, Match]] = []
        self.registers: Registers | None = None
        self.decodings: Sequence[Decoding] = ()
        self.matches: Sequence[Match] = ()

    @property
    def kept(self) -> int:
        """How many looks were kept besides the one being taken."""
        return len(self._kept)

    def take(self, registers: Registers) -> None:
        """Take a new reading."""
        self.registers = registers
        self.decodings = self._decode(registers.words)
        self._match()

    def show(self, typed: str) -> str:
        """Take what the display shows; return what is wrong with it, if anything is."""
        try:
            self._shown = shown_number(typed) if typed.strip() else None
            sentence = ""
        except ValueError as error:
            self._shown, sentence = None, str(error)
        self._match()
        return sentence

    def keep(self) -> None:
        """Keep this look: from now on only what fitted it, too, fits."""
        if self.matches:
            self._kept.append({match.decoding.address: match for match in self.matches})

    def forget(self) -> None:
        """Forget all looks that were kept."""
        self._kept.clear()
        self._match()

    def closeness(self) -> Mapping[str, Closeness]:
        """Return how well each address that fits does."""
        return {match.decoding.address: match.closeness for match in self.matches}

    def sentence(self) -> str:
        """Say what was found, and what would help."""
        if self._shown is None:
            return "Type what the device's own display shows; what fits lights up."
        if not self._shown.value:
            return "Zero fits every empty register. Wait until the display shows something else."
        exactly = [match for match in self.matches if match.closeness is Closeness.EXACT]
        exact = len(exactly)
        if not self.matches:
            return (
                "Nothing here shows that. Look at other registers, or check the unit of the display: "
                "it may count in thousands."
            )
        if exact == 1 and self._shown.digits >= FEW_DIGITS:
            return "One decoding shows exactly this."
        if exact and (register := _common_register(exactly)) is not None:
            return (
                f"Register {register} shows exactly this, whichever type is taken; the simplest comes first. "
                "Take a signed one if the value may be negative."
            )
        found = f"{exact} show exactly this" if exact else f"{len(self.matches)} come near"
        if self._shown.digits < FEW_DIGITS or exact > 2 or not exact:
            return f"{found}. Keep this look, and type again once the display shows another number."
        return f"{found}; the likeliest comes first."

    def _match(self) -> None:
        if self._shown is None or not self.decodings:
            self.matches = ()
            return
        found = matches_of(self.decodings, self._shown)
        now = {match.decoding.address: match for match in found}
        self.matches = narrowed([*self._kept, now]) if self._kept else found


def _common_register(matches: Sequence[Match]) -> int | None:
    """Return the register that alone makes the number in all of these, None where there is no such one."""
    first = matches[0].decoding
    is_same = all(
        match.decoding.value == first.value
        and match.decoding.start <= first.start < match.decoding.start + match.decoding.registers
        for match in matches
    )
    return first.start if first.registers == 1 and is_same else None
