"""The station: ① poller → ② sampler → ③ evaluator → ④ alert book → ⑤ writer. `pipeline.py` draws it."""
