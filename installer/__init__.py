"""From a bare Python to a running program: environment, system libraries, what is missing, how to mend it."""
