"""Alert rules, one file each, listed in `registry.py`. Pure: sample and state in, verdict and state out."""
