"""The version of this build, as the window and the station introduce themselves."""

VERSION = "0.1.0"
