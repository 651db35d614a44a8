"""Alert rules, one file each, listed in `registry.py`. Pure: value and state in, verdict and state out."""
