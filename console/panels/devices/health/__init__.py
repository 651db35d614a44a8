"""How the connection of a device does, and why a value is grey.

`health_words` says figures in words, `health_columns` are the columns of the list of devices, `health_part`
shows one device in full, `health_saver` saves all as a file. `grey_chain` (pure) follows a value from the
device to the database and finds the first link that is broken; `grey_sources` gathers what it needs from the
bridge, `grey_view` shows it, `grey_dialog` is the window that opens from wherever a value is grey.
"""
