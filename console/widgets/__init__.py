"""The furniture: charts, bars, lamps, badges, themes. Widgets know values and looks, never a database."""
