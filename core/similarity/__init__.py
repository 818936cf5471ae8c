"""What is like a chosen place.

compare   `compare`: every pixel of an embedding with a pixel or an area of it, in a fraction of a second
sites     `nearest_sites`, `search`: other sites embedded by the same model, weights and version
"""
