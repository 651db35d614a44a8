"""The local socket between a station and the windows on the same computer: messages, frames, both ends."""
