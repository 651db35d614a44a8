"""The engineer's workbench: what windows ask of devices, done over the connections the station polls by.

    window ── AskDevice ──→ link ──→ desk ──→ rights: may this person?         one sentence where not
                                      │  ──→ question: which settings, which secrets may go where
                                      └───→ work: a tool, a test, a preview, as a task of its own
    window ←── DeviceAnswer ── link ←─────────── one record after the other, as JSON

The desk runs on the station's event loop and waits for nothing there: whatever a tool does, polling goes on.
A question ends with its answer, with its time, when its window goes, or when its person may no longer ask it.
Subjects and answers are the records of `drivers/questions.py`.
"""
