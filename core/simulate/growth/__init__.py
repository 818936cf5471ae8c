"""Growth: how leaves, pigments and hidden capacity of every unit go through the years, one class per habit."""
