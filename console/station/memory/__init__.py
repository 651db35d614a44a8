"""What a station keeps in its data folder to go on by, should it start while the database is away."""
