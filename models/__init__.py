"""The model family: two stages, torch only; nothing here imports the rest of the project."""
